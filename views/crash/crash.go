// Package crash offers the report of a crash: to be read, copied, saved or deleted.
package crash

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// Actions are what a person does with the report.
type Actions struct {
	Copy func(report string)
	// Save asks for a place; Delete throws it away; Close keeps it, and has it not
	// offered again.
	Save, Delete, Close func()
}

// Offer is what is shown of a report.
type Offer struct {
	copy, save, remove, close *widget.Button
	text                      *widget.Label
	root                      *fyne.Container
}

// New makes the offer.
func New(loc *i18n.Localizer, report string, a Actions) *Offer {
	o := &Offer{}
	words := widget.NewLabel(loc.T("crash.words"))
	words.Wrapping = fyne.TextWrapWord
	o.text = widget.NewLabelWithStyle(report, fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	o.text.SizeName = fynetheme.SizeNameCaptionText
	o.text.Selectable = true
	scroll := container.NewScroll(o.text)
	scroll.SetMinSize(fyne.NewSize(520, 220))
	o.copy = widget.NewButton(loc.T("crash.copy"), func() { a.Copy(report) })
	o.save = widget.NewButton(loc.T("crash.save"), a.Save)
	o.remove = widget.NewButton(loc.T("crash.delete"), a.Delete)
	o.close = widget.NewButton(loc.T("problem.close"), a.Close)
	o.close.Importance = widget.HighImportance
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(theme.SpaceS), o.copy, o.save, o.remove, layout.NewSpacer(), o.close)
	o.root = container.NewBorder(words, container.New(layout.NewCustomPaddedLayout(theme.SpaceM, 0, 0, 0), buttons), nil, nil,
		container.NewStack(theme.NewPanel(theme.ColorTile), scroll))
	return o
}

// CanvasObject is the offer itself.
func (o *Offer) CanvasObject() fyne.CanvasObject { return o.root }

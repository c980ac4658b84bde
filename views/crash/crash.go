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

// Offer is what is shown of a report, over the window.
type Offer struct {
	copy, save, remove, close *widget.Button
	text                      *widget.Label
	popUp                     *widget.PopUp
}

const (
	// textInset is what a label leaves around its text.
	textInset          = theme.SpaceS + 1
	wide, high float32 = 520, 220 // of the report
	leastHigh  float32 = 80
	around             = 2 * theme.SpaceXL
)

// Show shows the offer.
func Show(c fyne.Canvas, loc *i18n.Localizer, title, report string, a Actions) *Offer {
	o := &Offer{}
	line := func(text string, bold bool) (*widget.Label, fyne.CanvasObject) {
		l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: bold})
		l.Wrapping = fyne.TextWrapWord
		// Its text begins where the report and the buttons do.
		return l, container.New(layout.NewCustomPaddedLayout(-textInset/2, -textInset/2, -textInset, -textInset), l)
	}
	heading, head := line(title, true)
	heading.SizeName = fynetheme.SizeNameSubHeadingText
	_, words := line(loc.T("crash.words"), false)
	o.text = widget.NewLabelWithStyle(report, fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	o.text.SizeName = fynetheme.SizeNameCaptionText
	o.text.Selectable = true
	o.copy = widget.NewButton(loc.T("crash.copy"), func() {
		a.Copy(report)
		o.copy.SetText(loc.T("copied"))
	})
	o.save = widget.NewButton(loc.T("crash.save"), a.Save)
	o.remove = widget.NewButton(loc.T("crash.delete"), a.Delete)
	o.close = widget.NewButton(loc.T("problem.close"), a.Close)
	o.close.Importance = widget.HighImportance
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(theme.SpaceS), o.copy, o.save, o.remove, layout.NewSpacer(), o.close)
	scroll := container.NewScroll(o.text)
	room := c.Size()
	scroll.SetMinSize(fyne.NewSize(min(wide, room.Width-around), high))
	content := container.NewVBox(head, words,
		container.NewStack(theme.NewPanel(theme.ColorTile).Round(theme.RadiusS+2), scroll),
		container.New(layout.NewCustomPaddedLayout(theme.SpaceS, 0, 0, 0), buttons))
	padded := container.New(layout.NewCustomPaddedLayout(theme.SpaceM, theme.SpaceM, theme.SpaceM, theme.SpaceM), content)
	o.popUp = widget.NewModalPopUp(padded, c)
	// What is wrapped is as high as it is only when it knows its width.
	content.Resize(content.MinSize())
	if over := o.popUp.MinSize().Height - (room.Height - around); over > 0 {
		scroll.SetMinSize(fyne.NewSize(scroll.MinSize().Width, max(high-over, leastHigh)))
	}
	o.popUp.Show()
	c.Focus(o.close)
	return o
}

// Hide takes the offer away.
func (o *Offer) Hide() { o.popUp.Hide() }

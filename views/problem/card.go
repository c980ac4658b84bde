// Package problem is how everything that went wrong looks: what happened, why, what
// to do about it, and details for whoever helps.
package problem

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// Problem is what went wrong, in the person's language but for Details.
type Problem struct {
	What string
	Why  string // empty where it is not known
	Do   string // what to try; empty where there is nothing to do
	// Details are for whoever helps; empty where they would say no more.
	Details string
}

// Actions of a Card. Each may be nil: its button is left out.
type Actions struct {
	Copy  func(details string)
	Close func()
}

// Card shows one problem. It is used on the UI thread.
type Card struct {
	widget.BaseWidget
	loc     *i18n.Localizer
	actions Actions
	shown   Problem

	ground, back   *canvas.Rectangle
	icon           *canvas.Image
	what, why, do  *widget.Label
	copy, close    *widget.Button
	words, content *fyne.Container
}

// New makes a card that shows nothing yet.
func New(loc *i18n.Localizer, a Actions) *Card {
	c := &Card{loc: loc, actions: a, ground: canvas.NewRectangle(nil), back: canvas.NewRectangle(nil), icon: canvas.NewImageFromResource(nil)}
	c.ground.CornerRadius, c.back.CornerRadius = theme.RadiusM, theme.RadiusM
	c.icon.FillMode = canvas.ImageFillContain
	line := func(bold bool) *widget.Label {
		l := widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: bold})
		l.Wrapping = fyne.TextWrapWord
		return l
	}
	c.what, c.why, c.do = line(true), line(false), line(false)
	c.what.Importance = widget.DangerImportance
	c.copy = widget.NewButton("", func() {
		a.Copy(c.shown.Details)
		c.copy.SetText(loc.T("copied"))
	})
	c.close = widget.NewButton("", func() { a.Close() })
	c.copy.Importance, c.close.Importance = widget.LowImportance, widget.LowImportance
	c.words = container.New(layout.NewCustomPaddedVBoxLayout(-theme.SpaceM), c.what, c.why, c.do)
	buttons := container.New(layout.NewCustomPaddedHBoxLayout(0), layout.NewSpacer(), c.copy, c.close)
	icon := container.New(layout.NewCustomPaddedLayout(theme.SpaceS+2, 0, theme.SpaceS, 0), container.NewVBox(container.NewGridWrap(fyne.NewSquareSize(20), c.icon)))
	body := container.New(layout.NewCustomPaddedVBoxLayout(0), c.words, buttons)
	c.content = container.NewStack(c.ground, c.back, container.New(layout.NewCustomPaddedLayout(theme.SpaceXS, theme.SpaceXS, theme.SpaceXS, theme.SpaceXS),
		container.NewBorder(nil, nil, icon, nil, body)))
	c.ExtendBaseWidget(c)
	c.Set(Problem{})
	return c
}

// Set shows a problem.
func (c *Card) Set(p Problem) {
	c.shown = p
	for _, line := range []struct {
		label *widget.Label
		text  string
	}{{c.what, p.What}, {c.why, p.Why}, {c.do, p.Do}} {
		line.label.Hidden = line.text == ""
		line.label.SetText(line.text)
	}
	c.copy.SetText(c.loc.T("problem.copy"))
	c.close.SetText(c.loc.T("problem.close"))
	c.copy.Hidden = c.actions.Copy == nil || p.Details == ""
	c.close.Hidden = c.actions.Close == nil
	c.Refresh()
}

// Shown is the problem that the card shows.
func (c *Card) Shown() Problem { return c.shown }

// Renew says the buttons anew, in another language. What is shown stays as it is.
func (c *Card) Renew() { c.Set(c.shown) }

// HeightFor is how high the card is at a width.
func (c *Card) HeightFor(width float32) float32 {
	c.Resize(fyne.NewSize(width, c.Size().Height))
	c.content.Resize(c.Size())
	return c.MinSize().Height
}

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	c.paint()
	return widget.NewSimpleRenderer(c.content)
}

func (c *Card) paint() {
	r, g, b, _ := theme.Color(theme.ColorDanger).RGBA()
	c.ground.FillColor = theme.Color(theme.ColorSurface)
	c.back.FillColor = color.NRGBA{R: byte(r >> 8), G: byte(g >> 8), B: byte(b >> 8), A: 0x1c}
	c.back.StrokeColor, c.back.StrokeWidth = color.NRGBA{R: byte(r >> 8), G: byte(g >> 8), B: byte(b >> 8), A: 0x60}, 1
	c.icon.Resource = theme.Icon("warning", theme.ColorDanger)
}

// Refresh takes the colours of a changed theme.
func (c *Card) Refresh() {
	c.paint()
	for _, o := range []fyne.CanvasObject{c.ground, c.back, c.icon} {
		o.Refresh()
	}
	c.words.Refresh()
	c.BaseWidget.Refresh()
}

package call

import (
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// part is what the widgets of this package have in common: they place their
// objects themselves and take their colours from the theme when refreshed.
type part struct {
	widget.BaseWidget
	self    fyne.Widget
	objects []fyne.CanvasObject
	arrange func(size fyne.Size)
	minimum func() fyne.Size
	paint   func() // applies the theme; may be nil

	sizes map[*canvas.Text]float32 // of the texts, before the text scale
}

// extend is called once, with the widget that embeds the part.
func (p *part) extend(self fyne.Widget) {
	p.self = self
	p.sizes = make(map[*canvas.Text]float32)
	for _, o := range p.objects {
		if text, is := o.(*canvas.Text); is {
			p.sizes[text] = text.TextSize
		}
	}
	p.ExtendBaseWidget(self)
	p.rescale()
	if p.paint != nil {
		p.paint()
	}
}

// rescale gives the texts their size at the text scale.
func (p *part) rescale() {
	scale := theme.Scale()
	for text, size := range p.sizes {
		text.TextSize = size * scale
	}
}

// renew refreshes the widget and all in it.
func (p *part) renew() {
	for _, o := range p.objects {
		if inner, is := o.(interface{ renew() }); is {
			inner.renew()
		}
	}
	p.self.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (p *part) CreateRenderer() fyne.WidgetRenderer { return partRenderer{p} }

// rearrange places the objects again, after one changed its size.
func (p *part) rearrange() {
	if size := p.Size(); !size.IsZero() {
		p.arrange(size)
	}
	canvas.Refresh(p.self)
}

type partRenderer struct{ *part }

func (r partRenderer) Layout(size fyne.Size)        { r.arrange(size) }
func (r partRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r partRenderer) Destroy()                     {}

func (r partRenderer) MinSize() fyne.Size {
	if r.minimum == nil {
		return fyne.Size{}
	}
	return r.minimum()
}

func (r partRenderer) Refresh() {
	r.rescale()
	if r.paint != nil {
		r.paint()
	}
	r.rearrange()
}

// put moves and resizes an object.
func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// show makes an object visible or not.
func show(o fyne.CanvasObject, visible bool) {
	if visible == o.Visible() {
		return
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

// icon is a picture that keeps its name, to be coloured again with the theme.
// Among the objects of a widget stands its Image: painters know no other type.
type icon struct {
	*canvas.Image
	name   string
	colour fyne.ThemeColorName
}

func newIcon(name string, colour fyne.ThemeColorName) *icon {
	i := &icon{Image: canvas.NewImageFromResource(theme.Icon(name, colour)), name: name, colour: colour}
	i.FillMode = canvas.ImageFillContain
	return i
}

func (i *icon) set(name string, colour fyne.ThemeColorName) {
	i.name, i.colour = name, colour
	resource := theme.Icon(name, colour)
	if i.Resource == nil || i.Resource.Name() != resource.Name() {
		i.Resource = resource
		i.Image.Refresh()
	}
}

func (i *icon) paint() { i.set(i.name, i.colour) }

// newText returns a line of text; its colour comes with paint.
func newText(size float32, bold bool) *canvas.Text {
	t := canvas.NewText("", theme.Color(theme.ColorStageText))
	t.TextSize = size
	t.TextStyle.Bold = bold
	return t
}

// ellipsis cuts text to a width, with a mark where something is missing.
func ellipsis(text string, width, size float32, style fyne.TextStyle) string {
	fits := func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width }
	if fits(text) {
		return text
	}
	runes := []rune(text)
	kept := sort.Search(len(runes), func(n int) bool { return !fits(string(runes[:n+1]) + "…") })
	return string(runes[:kept]) + "…"
}

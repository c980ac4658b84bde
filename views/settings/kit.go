package settings

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/keys"
	"parley/views/theme"
)

// drawn is a widget that places and colours its objects by itself.
type drawn struct {
	widget.BaseWidget
	objects []fyne.CanvasObject
	place   func(fyne.Size)
	paint   func()
	least   func() fyne.Size
}

// CreateRenderer implements fyne.Widget.
func (d *drawn) CreateRenderer() fyne.WidgetRenderer {
	d.paint()
	return drawing{d}
}

// drawing renders a drawn.
type drawing struct{ d *drawn }

func (r drawing) Destroy()                     {}
func (r drawing) Objects() []fyne.CanvasObject { return r.d.objects }
func (r drawing) MinSize() fyne.Size           { return r.d.least() }
func (r drawing) Layout(size fyne.Size)        { r.d.place(size) }

func (r drawing) Refresh() {
	r.d.paint()
	r.d.place(r.d.Size())
	for _, o := range r.d.objects {
		canvas.Refresh(o)
	}
}

// pressed is what takes the mouse and the keyboard: it is tapped, or Space or
// Enter does it.
type pressed struct {
	drawn
	act      func()
	escape   func()                  // closes the page
	typed    func(fyne.KeyName) bool // another key; false leaves it to the window
	over     bool
	focused  bool
	disabled bool
	label    string // for screen readers
	role     fyne.AccessibleRole
}

var (
	_ fyne.Tappable      = (*pressed)(nil)
	_ fyne.Focusable     = (*pressed)(nil)
	_ fyne.Accessible    = (*pressed)(nil)
	_ desktop.Hoverable  = (*pressed)(nil)
	_ desktop.Cursorable = (*pressed)(nil)
)

// Tapped implements fyne.Tappable.
func (p *pressed) Tapped(*fyne.PointEvent) {
	if !p.disabled {
		p.act()
	}
}

// FocusGained implements fyne.Focusable.
func (p *pressed) FocusGained() {
	p.focused = true
	p.Refresh()
}

// FocusLost implements fyne.Focusable.
func (p *pressed) FocusLost() {
	p.focused = false
	p.Refresh()
}

// TypedRune implements fyne.Focusable.
func (p *pressed) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (p *pressed) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		p.escape()
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.Tapped(nil)
	default:
		if p.typed == nil || !p.typed(e.Name) {
			keys.PassOn(p.objects[0], e) // the driver knows the widget by what embeds it
		}
	}
}

// MouseIn implements desktop.Hoverable.
func (p *pressed) MouseIn(*desktop.MouseEvent) {
	p.over = true
	p.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (p *pressed) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *pressed) MouseOut() {
	p.over = false
	p.Refresh()
}

// Cursor implements desktop.Cursorable.
func (p *pressed) Cursor() desktop.Cursor {
	if p.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// AccessibilityLabel implements fyne.Accessible.
func (p *pressed) AccessibilityLabel() string { return p.label }

// AccessibilityRole implements fyne.Accessible.
func (p *pressed) AccessibilityRole() fyne.AccessibleRole { return p.role }

// ring draws the mark of the focus on an edge.
func (p *pressed) ring(r *canvas.Rectangle, otherwise fyne.ThemeColorName) {
	switch {
	case p.focused:
		r.StrokeColor, r.StrokeWidth = theme.Color("focus"), 3
	case otherwise != "":
		r.StrokeColor, r.StrokeWidth = theme.Color(otherwise), 1
	default:
		r.StrokeColor, r.StrokeWidth = color.Transparent, 0
	}
}

// put moves and resizes an object.
func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// newText is a line of text at the text scale. Its colour comes with paint.
func newText(text string, size float32, bold bool) *canvas.Text {
	t := canvas.NewText(text, nil)
	t.TextSize, t.TextStyle.Bold = theme.Scaled(size), bold
	return t
}

// picture is an icon that is coloured with the theme.
func picture() *canvas.Image {
	i := canvas.NewImageFromResource(nil)
	i.FillMode = canvas.ImageFillContain
	return i
}

// colourIn gives an icon its colour, where that is another.
func colourIn(i *canvas.Image, name string, colour fyne.ThemeColorName) {
	r := theme.Icon(name, colour)
	if i.Resource == nil || i.Resource.Name() != r.Name() {
		i.Resource = r
		i.Refresh()
	}
}

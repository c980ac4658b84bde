package join

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"parley/views/keys"
	"parley/views/theme"
)

// gear opens the settings.
type gear struct {
	widget.BaseWidget
	label         string
	tap           func()
	over, focused bool
	circle        *canvas.Circle
	icon          *canvas.Image
}

var (
	_ fyne.Tappable      = (*gear)(nil)
	_ fyne.Focusable     = (*gear)(nil)
	_ fyne.Accessible    = (*gear)(nil)
	_ desktop.Hoverable  = (*gear)(nil)
	_ desktop.Cursorable = (*gear)(nil)
)

func newGear(label string, tap func()) *gear {
	g := &gear{label: label, tap: tap, circle: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil)}
	g.icon.FillMode = canvas.ImageFillContain
	g.ExtendBaseWidget(g)
	return g
}

// TypedKey leaves the key of the help to the window.
func (f *field) TypedKey(e *fyne.KeyEvent) {
	if !keys.PassOn(f, e) {
		f.Entry.TypedKey(e)
	}
}

// inCorner puts an object at the top right.
func inCorner(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(theme.SpaceM, 0, 0, theme.SpaceM), container.NewVBox(container.NewHBox(layout.NewSpacer(), o)))
}

// Tapped implements fyne.Tappable.
func (g *gear) Tapped(*fyne.PointEvent) { g.tap() }

// FocusGained implements fyne.Focusable.
func (g *gear) FocusGained() { g.set(g.over, true) }

// FocusLost implements fyne.Focusable.
func (g *gear) FocusLost() { g.set(g.over, false) }

// TypedRune implements fyne.Focusable.
func (g *gear) TypedRune(rune) {}

// TypedKey opens the settings with Space or Enter.
func (g *gear) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		g.tap()
		return
	}
	keys.PassOn(g, e)
}

// MouseIn implements desktop.Hoverable.
func (g *gear) MouseIn(*desktop.MouseEvent) { g.set(true, g.focused) }

// MouseMoved implements desktop.Hoverable.
func (g *gear) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (g *gear) MouseOut() { g.set(false, g.focused) }

// Cursor implements desktop.Cursorable.
func (g *gear) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (g *gear) set(over, focused bool) {
	g.over, g.focused = over, focused
	g.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (g *gear) AccessibilityLabel() string { return g.label }

// AccessibilityRole implements fyne.Accessible.
func (g *gear) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements fyne.Widget.
func (g *gear) CreateRenderer() fyne.WidgetRenderer {
	r := &gearRenderer{g}
	r.Refresh()
	return r
}

type gearRenderer struct{ g *gear }

func (r *gearRenderer) Destroy()           {}
func (r *gearRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(36) }
func (r *gearRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.g.circle, r.g.icon}
}

func (r *gearRenderer) Layout(size fyne.Size) {
	r.g.circle.Resize(size)
	r.g.icon.Resize(fyne.NewSquareSize(22))
	r.g.icon.Move(fyne.NewPos((size.Width-22)/2, (size.Height-22)/2))
}

func (r *gearRenderer) Refresh() {
	fill := theme.ColorControl
	if r.g.over {
		fill = theme.ColorControlHover
	}
	r.g.circle.FillColor, r.g.circle.StrokeWidth = theme.Color(fill), 0
	if r.g.focused {
		r.g.circle.StrokeColor, r.g.circle.StrokeWidth = theme.Color("focus"), 3
	}
	r.g.icon.Resource = theme.Icon("settings", theme.ColorControlIcon)
	r.g.circle.Refresh()
	r.g.icon.Refresh()
}

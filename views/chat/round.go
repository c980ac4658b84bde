package chat

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

var (
	_ fyne.Focusable  = (*roundButton)(nil)
	_ fyne.Accessible = (*roundButton)(nil)
)

// roundButton is a round button beside the entry. The main one stands out
// while it is enabled.
type roundButton struct {
	widget.BaseWidget
	tapOn   func()
	name    string
	label   string // for screen readers
	side    float32
	flat    bool // without a circle until it has the focus
	focused bool
	escape  func() // what Escape does; nil for nothing
	main    bool
	enabled bool
	circle  *canvas.Circle
	icon    *canvas.Image
}

func newRoundButton(icon, label string, main bool, tapOn func()) *roundButton {
	b := &roundButton{tapOn: tapOn, name: icon, label: label, main: main, side: 36, circle: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil)}
	b.icon.FillMode = canvas.ImageFillContain
	b.ExtendBaseWidget(b)
	return b
}

func (b *roundButton) enable(on bool) {
	if b.enabled != on {
		b.enabled = on
		b.Refresh()
	}
}

// setIcon changes what the button shows and says.
func (b *roundButton) setIcon(icon, label string) {
	if b.name != icon || b.label != label {
		b.name, b.label = icon, label
		b.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (b *roundButton) AccessibilityLabel() string { return b.label }

// AccessibilityRole implements fyne.Accessible.
func (b *roundButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// FocusGained implements fyne.Focusable.
func (b *roundButton) FocusGained() { b.focus(true) }

// FocusLost implements fyne.Focusable.
func (b *roundButton) FocusLost() { b.focus(false) }

func (b *roundButton) focus(on bool) {
	b.focused = on
	b.Refresh()
}

// TypedRune implements fyne.Focusable.
func (b *roundButton) TypedRune(rune) {}

// TypedKey presses the button with Space or Enter.
func (b *roundButton) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && b.escape != nil {
		b.escape()
	}
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		b.tapOnKey()
	}
}

func (b *roundButton) tapOnKey() {
	if b.enabled {
		b.tapOn()
	}
}

// Tapped implements fyne.Tappable.
func (b *roundButton) Tapped(*fyne.PointEvent) {
	if b.enabled {
		b.tapOn()
	}
}

// Cursor implements desktop.Cursorable.
func (b *roundButton) Cursor() desktop.Cursor {
	if b.enabled {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// CreateRenderer implements fyne.Widget.
func (b *roundButton) CreateRenderer() fyne.WidgetRenderer {
	r := &roundRenderer{b}
	r.Refresh()
	return r
}

type roundRenderer struct{ b *roundButton }

func (r *roundRenderer) Destroy()           {}
func (r *roundRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(r.b.side) }
func (r *roundRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.circle, r.b.icon}
}

func (r *roundRenderer) Layout(size fyne.Size) {
	r.b.circle.Resize(size)
	r.b.icon.Move(fyne.NewPos(size.Width*0.25, size.Height*0.24))
	r.b.icon.Resize(fyne.NewSize(size.Width*0.52, size.Height*0.52))
}

func (r *roundRenderer) Refresh() {
	fill, icon := fyne.ThemeColorName("button"), fyne.ThemeColorName("disabled")
	switch {
	case r.b.enabled && r.b.main:
		fill, icon = "primary", "foregroundOnPrimary"
	case r.b.enabled:
		icon = theme.ColorMuted
	}
	r.b.circle.FillColor = theme.Color(fill)
	if r.b.flat {
		r.b.circle.FillColor = color.Transparent
	}
	r.b.circle.StrokeWidth = 0
	if r.b.focused {
		r.b.circle.StrokeColor, r.b.circle.StrokeWidth = theme.Color("focus"), 3
	}
	r.b.icon.Resource = theme.Icon(r.b.name, icon)
	r.b.circle.Refresh()
	r.b.icon.Refresh()
}

// composerBar says above the entry what a message is about.
type composerBar struct {
	title, text *line
	edge        *canvas.Rectangle
	end         *roundButton
	root        *fyne.Container
}

func newComposerBar(cancelLabel string, cancel func()) *composerBar {
	b := &composerBar{title: newLine("primary", true), text: newLine(theme.ColorMuted, false), edge: canvas.NewRectangle(nil)}
	b.edge.SetMinSize(fyne.NewSize(3, 1))
	b.edge.CornerRadius = 1.5
	b.end = newRoundButton("close", cancelLabel, false, cancel)
	b.end.enable(true)
	b.root = container.NewBorder(nil, nil, b.edge, b.end, container.NewVBox(layout.NewSpacer(), b.title, b.text, layout.NewSpacer()))
	b.root.Hide()
	return b
}

func (b *composerBar) show(title, text string) {
	b.title.say(title)
	b.text.say(firstLine(text))
	b.edge.FillColor = theme.Color("primary")
	b.root.Show()
	b.root.Refresh()
}

func (b *composerBar) hide() { b.root.Hide() }

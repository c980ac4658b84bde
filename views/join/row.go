package join

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/keys"
	"parley/views/theme"
)

// row is a room in a list: a click enters it, and so do Space and Enter.
type row struct {
	widget.BaseWidget
	enter            func()
	label            string // for a reader who can't see
	back             *canvas.Rectangle
	content          *fyne.Container
	more             func() // paints what a row has besides; nil for nothing
	hovered, focused bool
}

var (
	_ fyne.Tappable      = (*row)(nil)
	_ fyne.Focusable     = (*row)(nil)
	_ fyne.Accessible    = (*row)(nil)
	_ desktop.Hoverable  = (*row)(nil)
	_ desktop.Cursorable = (*row)(nil)
)

// AccessibilityLabel is all that is written on it.
func (r *row) AccessibilityLabel() string { return r.label }

// AccessibilityRole implements fyne.Accessible.
func (r *row) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// Cursor implements desktop.Cursorable.
func (r *row) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tapped implements fyne.Tappable.
func (r *row) Tapped(*fyne.PointEvent) { r.enter() }

// FocusGained implements fyne.Focusable.
func (r *row) FocusGained() { r.set(r.hovered, true) }

// FocusLost implements fyne.Focusable.
func (r *row) FocusLost() { r.set(r.hovered, false) }

// TypedRune implements fyne.Focusable.
func (r *row) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (r *row) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace || k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter {
		r.enter()
		return
	}
	keys.PassOn(r.back, k) // the driver knows the row by what embeds it
}

// MouseIn implements desktop.Hoverable.
func (r *row) MouseIn(*desktop.MouseEvent) { r.set(true, r.focused) }

// MouseMoved implements desktop.Hoverable.
func (r *row) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (r *row) MouseOut() { r.set(false, r.focused) }

func (r *row) set(hovered, focused bool) {
	r.hovered, r.focused = hovered, focused
	r.Refresh()
}

// Refresh takes the colours of a changed theme.
func (r *row) Refresh() {
	r.paint()
	r.back.Refresh()
	r.BaseWidget.Refresh()
}

func (r *row) paint() {
	r.back.FillColor, r.back.StrokeWidth = theme.Color(theme.ColorSurface), 0
	if r.hovered {
		r.back.FillColor = theme.Color(theme.ColorControlHover)
	}
	if r.focused {
		r.back.StrokeColor, r.back.StrokeWidth = theme.Color(fynetheme.ColorNamePrimary), 2
	}
	if r.more != nil {
		r.more()
	}
}

// CreateRenderer implements fyne.Widget.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	r.paint()
	return widget.NewSimpleRenderer(r.content)
}

// roomRow is what a row of a room looks like: its picture, its name, a line below
// it, and a word at the right.
func roomRow(back *canvas.Rectangle, room, below string, word fyne.CanvasObject) *fyne.Container {
	back.CornerRadius = theme.RadiusM
	avatar := canvas.NewCircle(theme.AvatarColor(room))
	initials := canvas.NewText(theme.Initials(room), theme.Color(theme.ColorOnShade))
	initials.Alignment, initials.TextStyle.Bold = fyne.TextAlignCenter, true
	name := widget.NewLabelWithStyle(room, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	name.Truncation = fyne.TextTruncateEllipsis
	picture := container.New(layout.NewCustomPaddedLayout(theme.SpaceS, theme.SpaceS, theme.SpaceS, 0),
		container.NewGridWrap(fyne.NewSquareSize(38), container.NewStack(avatar, initials)))
	text := container.New(layout.NewCustomPaddedVBoxLayout(-theme.SpaceL+2), name, theme.Hint(below, fynetheme.SizeNameCaptionText, false))
	return container.NewStack(back, container.NewBorder(nil, nil, picture, word, text))
}

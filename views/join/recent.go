package join

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// recentRow is a room visited before: a click enters it, and so do Space and
// Enter; the button at its end opens it for reading.
type recentRow struct {
	widget.BaseWidget
	enter            func()
	label            string // for a reader who can't see
	read             *widget.Button
	back             *canvas.Rectangle
	badge            *canvas.Rectangle
	count            *canvas.Text
	content          *fyne.Container
	hovered, focused bool
}

var (
	_ fyne.Tappable      = (*recentRow)(nil)
	_ fyne.Focusable     = (*recentRow)(nil)
	_ desktop.Hoverable  = (*recentRow)(nil)
	_ desktop.Cursorable = (*recentRow)(nil)
)

// unreadMost is the largest count that is shown as a number.
const unreadMost = 99

func (v *View) newRecentRow(r Recent, enter, read func()) *recentRow {
	row := &recentRow{enter: enter, back: canvas.NewRectangle(nil), badge: canvas.NewRectangle(nil), count: canvas.NewText("", nil)}
	below := r.Last
	if below == "" {
		below = r.Server
	}
	if below == "" {
		below = v.loc.T("join.where.host")
	}
	row.read = widget.NewButtonWithIcon(v.loc.T("join.recent.read"), theme.Icon("chat", fynetheme.ColorNameForeground), read)
	row.read.Importance = widget.LowImportance
	row.count.Text, row.count.Alignment, row.count.TextStyle.Bold = strconv.Itoa(r.Unread), fyne.TextAlignCenter, true
	if r.Unread > unreadMost {
		row.count.Text = strconv.Itoa(unreadMost) + "+"
	}
	row.count.TextSize = theme.Scaled(theme.TextCaption)
	row.badge.CornerRadius = theme.RadiusM
	width := max(row.count.MinSize().Width+theme.SpaceM, theme.Scaled(22))
	row.badge.SetMinSize(fyne.NewSize(width, theme.Scaled(20)))
	badge := container.NewCenter(container.NewStack(row.badge, row.count))
	badge.Hidden = r.Unread == 0
	row.label = r.Room + ", " + below
	if r.Unread > 0 {
		row.label += ", " + v.loc.N("join.recent.unread", r.Unread)
	}
	word := theme.Hint(r.Time, fynetheme.SizeNameCaptionText, false)
	word.Truncation = fyne.TextTruncateOff
	row.content = roomRow(row.back, r.Room, below, container.NewHBox(container.NewCenter(word), badge, container.NewCenter(row.read)))
	row.ExtendBaseWidget(row)
	return row
}

// AccessibilityLabel is the room, its last message, and how many were not read.
func (r *recentRow) AccessibilityLabel() string { return r.label }

// Cursor implements desktop.Cursorable.
func (r *recentRow) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tapped implements fyne.Tappable.
func (r *recentRow) Tapped(*fyne.PointEvent) { r.enter() }

// FocusGained implements fyne.Focusable.
func (r *recentRow) FocusGained() { r.set(r.hovered, true) }

// FocusLost implements fyne.Focusable.
func (r *recentRow) FocusLost() { r.set(r.hovered, false) }

// TypedRune implements fyne.Focusable.
func (r *recentRow) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (r *recentRow) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace || k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter {
		r.enter()
	}
}

// MouseIn implements desktop.Hoverable.
func (r *recentRow) MouseIn(*desktop.MouseEvent) { r.set(true, r.focused) }

// MouseMoved implements desktop.Hoverable.
func (r *recentRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (r *recentRow) MouseOut() { r.set(false, r.focused) }

func (r *recentRow) set(hovered, focused bool) {
	r.hovered, r.focused = hovered, focused
	r.Refresh()
}

// Refresh takes the colours of a changed theme.
func (r *recentRow) Refresh() {
	r.paint()
	r.back.Refresh()
	r.badge.Refresh()
	r.count.Refresh()
	r.BaseWidget.Refresh()
}

func (r *recentRow) paint() {
	r.back.FillColor, r.back.StrokeWidth = theme.Color(theme.ColorSurface), 0
	if r.hovered {
		r.back.FillColor = theme.Color(theme.ColorControlHover)
	}
	if r.focused {
		r.back.StrokeColor, r.back.StrokeWidth = theme.Color(fynetheme.ColorNamePrimary), 2
	}
	r.badge.FillColor, r.count.Color = theme.Color(fynetheme.ColorNamePrimary), theme.Color(fynetheme.ColorNameForegroundOnPrimary)
	r.read.Icon = theme.Icon("chat", fynetheme.ColorNameForeground)
}

// CreateRenderer implements fyne.Widget.
func (r *recentRow) CreateRenderer() fyne.WidgetRenderer {
	r.paint()
	return widget.NewSimpleRenderer(r.content)
}

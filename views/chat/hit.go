package chat

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
)

// hit takes what the pointer does on a row, and finds by the frames what was
// meant.
type hit struct {
	widget.BaseWidget
	list   *list
	id     string
	frames frames.Frames
	cursor desktop.Cursor

	pressed  fyne.Position
	clicks   int
	clicked  time.Time
	scrubs   bool // a drag moves along the waveform
	selects  bool // a drag selects text
	stopLong func()
}

var (
	_ fyne.Tappable          = (*hit)(nil)
	_ fyne.SecondaryTappable = (*hit)(nil)
	_ fyne.Draggable         = (*hit)(nil)
	_ fyne.Accessible        = (*hit)(nil)
	_ desktop.Mouseable      = (*hit)(nil)
	_ desktop.Hoverable      = (*hit)(nil)
	_ desktop.Cursorable     = (*hit)(nil)
)

func newHit() *hit {
	h := &hit{stopLong: func() {}, cursor: desktop.DefaultCursor}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer implements fyne.Widget: there is nothing to see.
func (h *hit) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&fyne.Container{})
}

// AccessibilityLabel implements fyne.Accessible: who says what, and when.
func (h *hit) AccessibilityLabel() string {
	if m, ok := h.message(); ok {
		return h.list.spoken(m)
	}
	return ""
}

// AccessibilityRole implements fyne.Accessible.
func (h *hit) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func within(p fyne.Position, r frames.Rect) bool {
	return !r.Empty() && p.X >= r.X && p.X < r.X+r.W && p.Y >= r.Y && p.Y < r.Y+r.H
}

func (h *hit) message() (Message, bool) {
	if h.list == nil {
		return Message{}, false
	}
	x := h.list.rows.byID[h.id]
	if x == nil {
		return Message{}, false
	}
	return x.message, true
}

// action is what a tap at p does, or nil.
func (h *hit) action(p fyne.Position) func() {
	m, ok := h.message()
	if !ok {
		return nil
	}
	l, f := h.list, h.frames
	for j, line := range f.Reactions {
		if within(p, line.Rect) && j < len(m.Reactions) && l.actions.React != nil {
			r := m.Reactions[j]
			return func() { l.actions.React(m.ID, r.Emoji, r.Own) }
		}
	}
	link := f.LinkAt(p.X, p.Y)
	switch {
	case within(p, f.Quote) && m.Reply != nil && l.actions.Jump != nil:
		return func() { l.actions.Jump(m.Reply.ID) }
	case link != "" && l.actions.OpenLink != nil:
		return func() { l.actions.OpenLink(link) }
	case within(p, f.Wave) && l.actions.Seek != nil:
		return func() { l.actions.Seek(m.ID, h.along(p)) }
	case within(p, f.Length) && l.voice.id == m.ID && l.actions.Speed != nil:
		return l.actions.Speed
	case (within(p, f.Picture) || within(p, f.Button) || within(p, f.FileName.Rect)) && l.actions.Open != nil:
		return func() { l.actions.Open(m.ID) }
	}
	return nil
}

// along is how far along the waveform a point is, 0 to 1.
func (h *hit) along(p fyne.Position) float32 {
	return max(0, min((p.X-h.frames.Wave.X)/max(h.frames.Wave.W, 1), 1))
}

// Tapped implements fyne.Tappable.
func (h *hit) Tapped(e *fyne.PointEvent) {
	if h.clicks > 1 {
		return
	}
	if act := h.action(e.Position); act != nil {
		act()
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (h *hit) TappedSecondary(e *fyne.PointEvent) {
	if h.list != nil && within(e.Position, h.frames.Bubble) {
		h.list.menu(h.id, e.AbsolutePosition)
	}
}

const (
	doubleClick = 400 * time.Millisecond
	longPress   = 600 * time.Millisecond
)

// MouseDown implements desktop.Mouseable: one click begins a selection, two
// select a word, three the message; a long press opens the menu.
func (h *hit) MouseDown(e *desktop.MouseEvent) {
	m, ok := h.message()
	if !ok || e.Button != desktop.MouseButtonPrimary {
		return
	}
	l := h.list
	l.focus()
	now := l.now()
	moved := e.Position.X-h.pressed.X > slack || h.pressed.X-e.Position.X > slack
	if h.clicks++; moved || now.Sub(h.clicked) > doubleClick {
		h.clicks = 1
	}
	h.clicked, h.pressed, h.scrubs, h.selects = now, e.Position, within(e.Position, h.frames.Wave), false
	at, ok := h.frames.Offset(e.Position.X, e.Position.Y, fyneMetrics{})
	if ok && h.frames.OnText(e.Position.X, e.Position.Y) && !m.Deleted && !m.Unsupported {
		h.selects = true
		s := selection{m.ID, at, at}
		switch h.clicks {
		case 1:
			if e.Modifier&fyne.KeyModifierShift != 0 && l.selection.id == m.ID {
				s.anchor = l.selection.anchor
			}
		case 2:
			s.anchor, s.head = frames.Word(m.Text, at)
		default:
			s.anchor, s.head = 0, len(m.Text)
		}
		l.choose(s)
		return
	}
	l.choose(selection{})
	if within(e.Position, h.frames.Bubble) {
		h.stopLong()
		h.stopLong = l.after(longPress, func() { l.menu(m.ID, e.AbsolutePosition) })
	}
}

// MouseUp implements desktop.Mouseable.
func (h *hit) MouseUp(*desktop.MouseEvent) { h.stopLong() }

// Dragged implements fyne.Draggable.
func (h *hit) Dragged(e *fyne.DragEvent) {
	h.stopLong()
	l := h.list
	m, ok := h.message()
	switch {
	case !ok:
	case h.scrubs && l.actions.Seek != nil:
		l.actions.Seek(m.ID, h.along(e.Position))
	case h.selects && l.selection.id == m.ID:
		if at, ok := h.frames.Offset(e.Position.X, e.Position.Y, fyneMetrics{}); ok {
			l.choose(selection{m.ID, l.selection.anchor, at})
		}
	}
}

// DragEnd implements fyne.Draggable.
func (h *hit) DragEnd() { h.scrubs, h.selects = false, false }

// MouseIn implements desktop.Hoverable.
func (h *hit) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (h *hit) MouseMoved(e *desktop.MouseEvent) {
	h.cursor = desktop.DefaultCursor
	switch {
	case h.action(e.Position) != nil:
		h.cursor = desktop.PointerCursor
	case h.frames.OnText(e.Position.X, e.Position.Y):
		h.cursor = desktop.TextCursor
	}
	if h.list != nil {
		h.list.hover.over(h.id)
	}
}

// MouseOut implements desktop.Hoverable.
func (h *hit) MouseOut() {
	h.cursor = desktop.DefaultCursor
	h.stopLong()
	if h.list != nil {
		h.list.hover.out()
	}
}

// Cursor implements desktop.Cursorable.
func (h *hit) Cursor() desktop.Cursor { return h.cursor }

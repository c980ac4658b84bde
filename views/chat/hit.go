package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
)

// hit takes the taps on a row, and finds by the frames what was meant.
type hit struct {
	widget.BaseWidget
	list   *list
	id     string
	frames frames.Frames
	over   bool // the pointer is over something that can be tapped
}

var (
	_ fyne.Tappable          = (*hit)(nil)
	_ fyne.SecondaryTappable = (*hit)(nil)
	_ desktop.Hoverable      = (*hit)(nil)
	_ desktop.Cursorable     = (*hit)(nil)
)

func newHit() *hit {
	h := &hit{}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer implements fyne.Widget: there is nothing to see.
func (h *hit) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&fyne.Container{})
}

func within(p fyne.Position, r frames.Rect) bool {
	return !r.Empty() && p.X >= r.X && p.X < r.X+r.W && p.Y >= r.Y && p.Y < r.Y+r.H
}

// action is what a tap at p does, or nil.
func (h *hit) action(p fyne.Position) func() {
	l := h.list
	if l == nil {
		return nil
	}
	i, ok := l.index[h.id]
	if !ok {
		return nil
	}
	m, f := l.messages[i], h.frames
	for j, line := range f.Reactions {
		if within(p, line.Rect) && j < len(m.Reactions) && l.actions.React != nil {
			r := m.Reactions[j]
			return func() { l.actions.React(m.ID, r.Emoji, r.Own) }
		}
	}
	switch {
	case within(p, f.Quote) && m.Reply != nil && l.actions.Jump != nil:
		return func() { l.actions.Jump(m.Reply.ID) }
	case (within(p, f.Picture) || within(p, f.Button) || within(p, f.Wave) || within(p, f.FileName.Rect)) && l.actions.Open != nil:
		return func() { l.actions.Open(m.ID) }
	}
	return nil
}

// Tapped implements fyne.Tappable.
func (h *hit) Tapped(e *fyne.PointEvent) {
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

// MouseIn implements desktop.Hoverable.
func (h *hit) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (h *hit) MouseMoved(e *desktop.MouseEvent) { h.over = h.action(e.Position) != nil }

// MouseOut implements desktop.Hoverable.
func (h *hit) MouseOut() { h.over = false }

// Cursor implements desktop.Cursorable.
func (h *hit) Cursor() desktop.Cursor {
	if h.over {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

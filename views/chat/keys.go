package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"parley/views/chat/frames"
	"parley/views/keys"
)

var (
	_ fyne.Focusable    = (*list)(nil)
	_ fyne.Shortcutable = (*list)(nil)
	_ fyne.Accessible   = (*list)(nil)
)

// AccessibilityLabel implements fyne.Accessible: the message that the keyboard
// is at, or what this is.
func (l *list) AccessibilityLabel() string {
	if x := l.rows.byID[l.current]; x != nil {
		return l.spoken(x.message)
	}
	return l.loc.T("chat.list")
}

// AccessibilityRole implements fyne.Accessible.
func (l *list) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// spoken is a message as a screen reader says it.
func (l *list) spoken(m Message) string {
	name, text := m.Name, m.Text
	if name == "" {
		name = m.UserID
	}
	switch {
	case m.Deleted:
		text = l.loc.T("chat.deleted")
	case m.Unsupported:
		text = l.loc.T("chat.unsupported")
	case m.Kind == frames.Picture:
		text = l.loc.T("chat.kind.picture") + " " + text
	case m.Kind == frames.Voice:
		text = l.loc.T("chat.kind.voice") + " " + lengthText(m.Duration)
	case m.Kind == frames.File:
		text = l.loc.T("chat.kind.file") + " " + m.FileName
	}
	return name + ", " + l.loc.Clock(m.Time) + ": " + text
}

// focus has the keyboard act on the list.
func (l *list) focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(l)
	}
}

// FocusGained implements fyne.Focusable.
func (l *list) FocusGained() {
	l.focused = true
	l.rebind(l.rows.byID[l.current])
}

// FocusLost implements fyne.Focusable.
func (l *list) FocusLost() {
	l.focused = false
	l.rebind(l.rows.byID[l.current])
}

// TypedRune gives what is written to the composer.
func (l *list) TypedRune(r rune) {
	if l.actions.typed != nil {
		l.actions.typed(r)
	}
}

// TypedKey implements fyne.Focusable.
func (l *list) TypedKey(e *fyne.KeyEvent) {
	if keys.PassOn(l, e) {
		return
	}
	view := l.scroll.Size().Height
	switch e.Name {
	case fyne.KeyUp:
		l.step(-1)
	case fyne.KeyDown:
		l.step(1)
	case fyne.KeyPageUp:
		l.scrollBy(-view * 0.9)
	case fyne.KeyPageDown:
		l.scrollBy(view * 0.9)
	case fyne.KeyHome:
		if l.actions.ToOldest != nil {
			l.actions.ToOldest()
		} else {
			l.scrollBy(-l.size.height)
		}
	case fyne.KeyEnd:
		l.toNewest()
	case fyne.KeyReturn, fyne.KeyEnter:
		if x := l.rows.byID[l.current]; x != nil && l.actions.Open != nil && x.message.Kind != frames.Text && x.message.Kind != frames.Notice {
			l.actions.Open(l.current)
		}
	case fyne.KeyEscape:
		l.choose(selection{})
		l.goTo("")
	case desktop.KeyMenu:
		l.currentMenu()
	}
}

// TypedShortcut copies, and leaves the rest to the window.
func (l *list) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		text := l.selected()
		if x := l.rows.byID[l.current]; text == "" && x != nil && !x.message.Deleted {
			text = x.message.Text
		}
		if text != "" && l.actions.Copy != nil {
			l.actions.Copy(text)
		}
	case *fyne.ShortcutSelectAll:
		if x := l.rows.byID[l.selection.id]; x != nil {
			l.choose(selection{x.message.ID, 0, len(x.message.Text)})
		}
	case *fyne.ShortcutPaste:
		if l.actions.pasted != nil {
			l.actions.pasted(s)
		}
	default:
		passUp(l, s)
	}
}

// passUp gives a shortcut of the window to the window: the driver asks nobody
// but the widget that has the focus.
func passUp(o fyne.CanvasObject, s fyne.Shortcut) bool {
	custom, is := s.(*desktop.CustomShortcut)
	if !is {
		return false
	}
	c, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable)
	if ok {
		c.TypedShortcut(custom)
	}
	return ok
}

// goTo moves the keyboard to a message.
func (l *list) goTo(id string) {
	before := l.current
	l.current = id
	l.rebind(l.rows.byID[before])
	l.rebind(l.rows.byID[id])
}

// step moves the keyboard up or down, and brings its message into view.
func (l *list) step(by int) {
	x := l.rows.byID[l.current]
	if x == nil || x.cell == nil {
		if len(l.bound) == 0 {
			return
		}
		x = l.bound[len(l.bound)-1]
		for i := len(l.bound) - 1; i > 0 && l.rows.top(x)+x.height > l.scroll.Offset.Y+l.scroll.Size().Height+slack; i-- {
			x = l.bound[i-1]
		}
	} else if by < 0 {
		x = l.rows.previous(x)
	} else {
		x = l.rows.next(x)
	}
	if x == nil {
		return
	}
	l.goTo(x.message.ID)
	l.ensure(x)
	top, view := l.rows.top(x)-l.scroll.Offset.Y, l.scroll.Size().Height
	switch {
	case top < 0:
		l.settle(place{row: x, offset: x.frames.Bubble.Y})
	case top+x.height > view:
		l.settle(place{row: x, offset: view - x.height - bottomSpace + x.frames.Bubble.Y})
	}
}

func (l *list) scrollBy(by float32) {
	y := l.scroll.Offset.Y
	l.scroll.Offset.Y = max(0, min(y+by, l.size.height-l.scroll.Size().Height))
	l.scrolled()
}

// currentMenu opens the menu of the message that the keyboard is at.
func (l *list) currentMenu() {
	x := l.rows.byID[l.current]
	if x == nil || x.cell == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l)
	l.menu(l.current, at.AddXY(x.frames.Bubble.X+bottomSpace, max(l.rows.top(x)-l.scroll.Offset.Y+x.frames.Bubble.Y+bottomSpace, 0)))
}

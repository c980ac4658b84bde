package app

import (
	"time"

	"fyne.io/fyne/v2"
)

const (
	// caretBlinks is for how long the caret of a field that gets the keyboard
	// blinks, as in other desktops: each time that it fades, the whole window is
	// drawn several times.
	caretBlinks = 10 * time.Second
	// caretHeld is less than the 300 ms after a key for which the toolkit's caret
	// does not blink.
	caretHeld = 250 * time.Millisecond
)

// caretRest has the caret stand still when a field has had the keyboard for a while.
// It belongs to the UI thread.
type caretRest struct {
	focused fyne.Focusable
	since   time.Time
}

// entry is what all fields of text have, and nothing else that takes keys.
type entry interface {
	fyne.Focusable
	SelectedText() string
}

// look is to be done again as soon as it tells, unless the toolkit stands still
// meanwhile, which moves its caret; 0 is for no caret.
func (r *caretRest) look(focused fyne.Focusable, now time.Time) (again time.Duration) {
	if focused != r.focused {
		r.focused, r.since = focused, now
	}
	e, ok := focused.(entry)
	if !ok {
		return 0
	}
	if now.Sub(r.since) >= caretBlinks {
		e.TypedKey(&fyne.KeyEvent{}) // of no meaning, but the caret takes it for a key
	}
	return caretHeld
}

// blinks reports whether there is a caret that does not stand still.
func (r *caretRest) blinks(now time.Time) bool {
	_, ok := r.focused.(entry)
	return ok && now.Sub(r.since) < caretBlinks
}

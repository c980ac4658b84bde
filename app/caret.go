package app

import (
	"context"
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

// restCaret has the caret stand still when a field has had the keyboard for a
// while, until the context ends.
func restCaret(ctx context.Context, canvas fyne.Canvas, dispatch func(func())) {
	tick := time.NewTicker(caretHeld)
	defer tick.Stop()
	var r caretRest
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			dispatch(func() { r.look(canvas.Focused(), now) })
		}
	}
}

// caretRest belongs to the UI thread.
type caretRest struct {
	focused fyne.Focusable
	since   time.Time
}

// entry is what all fields of text have, and nothing else that takes keys.
type entry interface {
	fyne.Focusable
	SelectedText() string
}

func (r *caretRest) look(focused fyne.Focusable, now time.Time) {
	if focused != r.focused {
		r.focused, r.since = focused, now
	}
	if e, ok := focused.(entry); ok && now.Sub(r.since) >= caretBlinks {
		e.TypedKey(&fyne.KeyEvent{}) // of no meaning, but the caret takes it for a key
	}
}

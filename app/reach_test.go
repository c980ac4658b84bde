package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// label is how a screen reader calls what has the focus; empty where it does
// not know.
func label(o fyne.Focusable) string {
	switch w := o.(type) {
	case fyne.Accessible:
		return w.AccessibilityLabel()
	case *widget.Entry:
		return w.PlaceHolder
	case *widget.Check:
		return w.Text
	case *widget.Select:
		return w.PlaceHolder
	default:
		return ""
	}
}

// TestEverythingIsReachable walks through the window with Tab alone.
func TestEverythingIsReachable(t *testing.T) {
	d, _ := enter(t, "reach")
	seen := make(map[string]bool)
	c := d.window.Canvas()
	var first fyne.Focusable
	for range 60 {
		c.FocusNext()
		o := c.Focused()
		if o == nil || o == first {
			break
		}
		if first == nil {
			first = o
		}
		name := label(o)
		if name == "" {
			t.Errorf("a %T has no name", o)
		}
		seen[name] = true
	}
	t.Log(seen)
	for _, key := range []string{"call.invite", "call.microphone.unmute", "call.camera.on", "call.share.start", "call.layout.speaker", "call.chat", "call.leave", "search.date", "search.open", "chat.list", "chat.attach", "chat.emoji", "chat.hint", "call.preview.hide", "recorder.begin"} {
		if name := d.c.loc.T(key); !seen[name] {
			t.Errorf("%q is not reached", name)
		}
	}
}

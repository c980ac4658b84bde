package call

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

func TestFullScreen(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
	}{{"full-light-en", "en", theme.Light}, {"full-dark-zh", "zh", theme.Dark}} {
		v, w, p, r := open(t, look.mode, look.language, fyne.NewSize(1100, 720))
		now := time.Unix(1000, 0)
		v.full.now = func() time.Time { return now }
		all := people(t, p, 4)
		all[2].Screen = screen(t, p)
		s := standup(t, v, all)
		before := v.stage.Size()
		v.stage.screens["u2"].DoubleTapped(nil)
		test.Tap(v.header.full)
		if r.full != 2 {
			t.Errorf("full screen was asked for %d times", r.full)
		}
		s.FullScreen = true
		v.Update(s)
		if v.stage.Size() != w.Canvas().Size() || v.stage.Size() == before {
			t.Errorf("the stage is %v", v.stage.Size())
		}
		test.AssertImageMatches(t, "call/"+look.name+".png", w.Canvas().Capture())
		at := func(after time.Duration, shown bool) {
			t.Helper()
			now = now.Add(after)
			v.Update(s)
			if v.controls.Visible() != shown || v.header.Visible() != shown || (v.Cursor() == desktop.HiddenCursor) == shown {
				t.Errorf("controls %v, header %v", v.controls.Visible(), v.header.Visible())
			}
		}
		at(2*time.Second, true)
		at(2*time.Second, false)
		test.AssertImageMatches(t, "call/"+look.name+"-rest.png", w.Canvas().Capture())
		v.MouseMoved(nil)
		at(0, true)
		v.controls.chat.MouseIn(nil)
		at(time.Minute, true) // the mouse rests on a button
		v.controls.chat.MouseOut()
		at(4*time.Second, false)
		v.controls.leave.FocusGained() // by the Tab key
		at(4*time.Second, true)
		v.controls.leave.FocusLost()
		v.OpenReactions()
		at(4*time.Second, true)
		v.OpenReactions()
		w.Canvas().Unfocus()
		at(4*time.Second, false)
		s.FullScreen = false
		at(0, true)
		if v.stage.Size() != before {
			t.Errorf("the stage was %v and is %v", before, v.stage.Size())
		}
	}
}

package chat

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/session/wire"
	"parley/views/i18n"
	"parley/views/theme"
)

// now is a fixed afternoon, so that pictures stay the same.
func now() time.Time { return time.Date(2026, 3, 10, 15, 0, 0, 0, time.Local) }

type record struct {
	sent    []string
	refuse  error
	retried []string
	older   int
}

func open(t *testing.T, mode theme.Mode, language string, size fyne.Size) (*View, fyne.Window, *record) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(mode))
	r := &record{}
	v := New(i18n.New(language), Actions{
		Send: func(text string) error {
			if r.refuse == nil {
				r.sent = append(r.sent, text)
			}
			return r.refuse
		},
		Retry:     func(id string) { r.retried = append(r.retried, id) },
		LoadOlder: func() { r.older++ },
	})
	v.list.now = now
	w := test.NewTempWindow(t, v.CanvasObject())
	w.SetPadded(false)
	w.Resize(size)
	return v, w, r
}

func conversation() []Message {
	m := func(id, user, text string, ago time.Duration, s Status) Message {
		return Message{ID: id, UserID: user, Name: user, Text: text, Own: user == "me", Time: now().Add(-ago), Status: s}
	}
	unsupported := m("6", "Tom", "", 4*time.Minute, Stored)
	unsupported.Unsupported = true
	failed := m("9", "me", "Too much", 0, Failed)
	failed.Reason = "too_long"
	return []Message{
		m("1", "Lin", "Good morning! Did you see the plan for today? It is in the usual place.", 26*time.Hour, Stored),
		m("2", "Maya Chen", "早上好，我看到了。下午三点开会讨论一下细节，可以吗？", 20*time.Minute, Stored),
		m("3", "Maya Chen", "👍", 19*time.Minute, Stored),
		m("4", "me", "Yes, three is fine.", 10*time.Minute, Seen),
		m("5", "me", "https://example.org/a/very/long/address/that/does/not/end/soon", 9*time.Minute, Stored),
		unsupported,
		m("7", "Tom", "مرحبا", 2*time.Minute, Stored),
		m("8", "me", "Waiting for the network", time.Minute, Queued),
		failed,
	}
}

func TestLooks(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		size           fyne.Size
	}{
		{"light-en", "en", theme.Light, fyne.NewSize(380, 640)},
		{"dark-zh", "zh", theme.Dark, fyne.NewSize(380, 640)},
		{"wide-en", "en", theme.Light, fyne.NewSize(900, 500)},
	} {
		t.Run(look.name, func(t *testing.T) {
			v, w, _ := open(t, look.mode, look.language, look.size)
			v.Reset(conversation())
			test.AssertImageMatches(t, "chat/"+look.name+".png", w.Canvas().Capture())
		})
	}
	t.Run("empty", func(t *testing.T) {
		v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 400))
		v.SetOffline(true)
		test.AssertImageMatches(t, "chat/empty.png", w.Canvas().Capture())
	})
}

func many(from, to int) []Message {
	var list []Message
	for i := from; i < to; i++ {
		list = append(list, Message{ID: fmt.Sprintf("m%06d", i), UserID: fmt.Sprint("u", i/3%4), Name: "Somebody", Text: strings.Repeat("word ", i%40+1),
			Time: now().Add(time.Duration(i-10000) * time.Minute)})
	}
	return list
}

func TestOpensAtTheNewestAndStaysThere(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 200))
	if !v.AtBottom() {
		t.Fatal("not at the bottom")
	}
	v.Append(many(200, 203)...)
	if !v.AtBottom() {
		t.Error("new messages moved it away")
	}
	if n := len(v.list.cells); n == 0 || n > 30 {
		t.Errorf("%d rows have cells", n)
	}
}

// scrollTo moves the view as a wheel does.
func scrollTo(v *View, y float32) {
	v.list.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, v.list.scroll.Offset.Y-y)})
}

// onScreen tells where the first message in view is.
func onScreen(v *View) (string, float32) {
	p := v.list.anchor()
	return p.id, p.offset
}

func TestScrolledUpItStandsStill(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(1000, 1200))
	scrollTo(v, 3000)
	id, offset := onScreen(v)
	check := func(what string) {
		t.Helper()
		if gotID, got := onScreen(v); gotID != id || got-offset > 0.5 || offset-got > 0.5 {
			t.Errorf("%s moved %s at %v to %s at %v", what, id, offset, gotID, got)
		}
	}
	v.Append(many(1200, 1205)...)
	check("new messages")
	if !v.list.down.Visible() || v.list.down.number.Text != "5" {
		t.Errorf("the button says %q", v.list.down.number.Text)
	}
	v.Prepend(many(0, 1000)...)
	check("1000 older messages")
	edited := v.list.messages[0]
	edited.Text = strings.Repeat("much longer ", 40)
	v.Update(edited)
	check("a change above")
	w.Resize(fyne.NewSize(380, 420))
	check("a lower window")
	test.Tap(v.list.down)
	if !v.AtBottom() || v.list.down.Visible() {
		t.Error("the button does not lead down")
	}
}

func TestOlderMessagesAreAskedForOnce(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(100, 200))
	if r.older != 0 {
		t.Fatal("asked without need")
	}
	scrollTo(v, 100)
	scrollTo(v, 50)
	if r.older != 1 {
		t.Errorf("asked %d times", r.older)
	}
	v.Prepend(many(0, 100)...)
	if len(v.list.messages) != 200 || v.Oldest() != "m000000" {
		t.Errorf("%d messages", len(v.list.messages))
	}
}

func TestAMessageIsShownOnce(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 3))
	m := v.list.messages[2]
	m.Status = Stored
	v.Append(m)
	v.Update(m)
	v.Prepend(m)
	if len(v.list.messages) != 3 {
		t.Errorf("%d messages", len(v.list.messages))
	}
}

func TestRetry(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 640))
	v.Reset(conversation())
	v.list.cells["9"].failed.Tapped(nil)
	if len(r.retried) != 1 || r.retried[0] != "9" {
		t.Errorf("%q", r.retried)
	}
}

func TestComposer(t *testing.T) {
	v, w, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	e := v.composer.entry
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	v.Focus(w.Canvas())
	e.TypedKey(enter)
	if len(r.sent) != 0 {
		t.Error("nothing was sent")
	}
	test.Type(e, "one")
	e.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	e.TypedKey(enter)
	e.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	test.Type(e, "two")
	height := e.MinSize().Height
	e.TypedKey(enter)
	if len(r.sent) != 1 || r.sent[0] != "one\ntwo" || e.Text != "" {
		t.Errorf("%q, %q", r.sent, e.Text)
	}
	if e.MinSize().Height >= height {
		t.Error("it does not shrink again")
	}
	r.refuse = errors.New("full")
	test.Type(e, "kept")
	test.Tap(v.composer.button)
	if e.Text != "kept" {
		t.Errorf("what was refused is lost: %q", e.Text)
	}
	e.SetText(strings.Repeat("line\n", 20))
	if e.rows != rowsMost {
		t.Errorf("%d rows", e.rows)
	}
	e.SetText(strings.Repeat("x", wire.TextMax+1))
	if v.composer.button.enabled || !v.composer.counter.Visible() {
		t.Error("too long a message may be sent")
	}
}

func BenchmarkScroll(b *testing.B) {
	test.NewTempApp(b)
	v := New(i18n.New("en"), Actions{})
	w := test.NewTempWindow(b, v.CanvasObject())
	w.Resize(fyne.NewSize(380, 700))
	v.Reset(many(0, 2000))
	y := float32(0)
	for b.Loop() {
		y += 37
		if y > v.list.rows.height-700 {
			y = 0
		}
		scrollTo(v, y)
	}
}

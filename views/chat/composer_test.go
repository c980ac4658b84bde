package chat

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

func recording(state RecordingState) Recording {
	r := Recording{State: state, Length: 7200 * time.Millisecond}
	for i := range 144 {
		r.Levels = append(r.Levels, byte(30+(i*53)%200))
	}
	return r
}

func TestLooksWhileRecording(t *testing.T) {
	for name, r := range map[string]Recording{
		"recording": recording(RecordingNow), "recording-paused": recording(RecordingPaused), "recording-played": recording(RecordingPlayed),
	} {
		t.Run(name, func(t *testing.T) {
			v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 260))
			v.Reset(conversation()[:3], Opening{})
			r.Position = 0.5
			v.SetRecording(r)
			v.SetRecording(r) // laid out by now
			test.AssertImageMatches(t, "chat/"+name+".png", w.Canvas().Capture())
		})
	}
}

func TestRecordingByClickAndByHolding(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	b := v.composer.button
	clock := now()
	b.now = func() time.Time { return clock }
	press := func() {
		b.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
		v.SetRecording(Recording{State: RecordingNow})
	}
	over := func() { v.SetRecording(Recording{}) }
	check := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(r.done, want) {
			t.Errorf("%s: %q, want %q", what, r.done, want)
		}
		r.done = nil
		over()
	}
	if b.name != "microphone" || !b.enabled {
		t.Error("there is no microphone to click")
	}
	// A click begins; the next one sends.
	press()
	clock = clock.Add(100 * time.Millisecond)
	b.MouseUp(nil)
	b.Tapped(nil)
	if b.name != "send" || v.composer.writing.Visible() {
		t.Error("the recorder is not shown")
	}
	b.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	b.MouseUp(nil)
	b.Tapped(nil)
	check("two clicks", "record", "send recording ")
	// Held, it is sent when let go; beside the button it is thrown away.
	press()
	clock = clock.Add(time.Second)
	b.MouseUp(nil)
	b.Tapped(nil)
	check("held", "record", "send recording ")
	press()
	clock = clock.Add(time.Second)
	b.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(-90, 10)}})
	b.DragEnd()
	check("slid away", "record", "discard recording")
	// Escape throws it away, and an answer goes with the recording.
	v.Reset(conversation(), Opening{})
	m, _ := v.Message("4")
	v.composer.reply(m)
	v.composer.record()
	v.SetRecording(Recording{State: RecordingPaused})
	v.composer.recorder.play.Tapped(nil)
	v.composer.recorder.pause.Tapped(nil)
	v.composer.submit()
	check("an answer", "record", "listen true", "pause false", "send recording 4")
	v.composer.record()
	v.SetRecording(Recording{State: RecordingNow})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	check("Escape", "record", "discard recording")
	// What is written is sent, not recorded.
	v.composer.entry.SetText("hello")
	if b.name != "send" || v.composer.record() {
		t.Error("it records beside a text")
	}
}

func TestCompletion(t *testing.T) {
	v, w, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.SetMembers([]Member{{"u1", "Lin"}, {"u2", "Maya Chen"}, {"u3", ""}})
	v.Focus(w.Canvas())
	e := v.composer.entry
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	test.Type(e, "hi @ma")
	if !v.composer.complete.box.Visible() || len(v.composer.complete.offers) != 1 {
		t.Fatalf("%+v", v.composer.complete.offers)
	}
	e.TypedKey(enter)
	if e.Text != "hi @Maya Chen " || v.composer.complete.box.Visible() {
		t.Errorf("%q", e.Text)
	}
	test.Type(e, ":smil")
	if n := len(v.composer.complete.offers); n < 2 {
		t.Fatalf("%d emoji", n)
	}
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
	if !strings.HasPrefix(e.Text, "hi @Maya Chen 😄") {
		t.Errorf("%q", e.Text)
	}
	e.TypedKey(enter)
	if len(r.sent) != 1 || !slices.Equal(r.mentions, []string{"u2"}) {
		t.Errorf("%q, %q", r.sent, r.mentions)
	}
	for _, plain := range []string{"12:30", "a@b", "http://x", ": ", "no"} {
		e.SetText(plain)
		e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
		if v.composer.complete.box.Visible() {
			t.Errorf("%q is completed", plain)
		}
	}
	e.SetText("")
	test.Type(e, "@l")
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if e.Text != "@l" || v.composer.complete.box.Visible() {
		t.Error("Escape does not end the suggestions")
	}
}

func TestWordBefore(t *testing.T) {
	for _, c := range []struct {
		text   string
		cursor int
		word   string
		ok     bool
	}{
		{"@li", 3, "li", true}, {"a @", 3, "", true}, {"a@b", 3, "", false}, {"@a b", 4, "", false}, {"你@小", 3, "小", true}, {"", 0, "", false},
		{"@" + strings.Repeat("x", 40), 41, "", false}, {"@li", 99, "", false},
	} {
		if c.cursor > len([]rune(c.text)) {
			continue
		}
		if word, ok := wordBefore(c.text, c.cursor, '@'); word != c.word || ok != c.ok {
			t.Errorf("%q: %q, %v", c.text, word, ok)
		}
	}
}

func TestPasteOfWhatIsNoText(t *testing.T) {
	v, w, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Focus(w.Canvas())
	shortcut := &fyne.ShortcutPaste{Clipboard: test.NewClipboard()}
	shortcut.Clipboard.SetContent("words")
	v.composer.entry.TypedShortcut(shortcut)
	if v.Draft() != "words" {
		t.Errorf("%q", v.Draft())
	}
	r.pastes = true
	v.composer.entry.TypedShortcut(shortcut)
	if v.Draft() != "words" {
		t.Errorf("%q", v.Draft())
	}
}

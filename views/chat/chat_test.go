package chat

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/session/wire"
	"parley/views/chat/frames"
	"parley/views/i18n"
	"parley/views/theme"
)

// now is a fixed afternoon, so that pictures stay the same.
func now() time.Time { return time.Date(2026, 3, 10, 15, 0, 0, 0, time.Local) }

type record struct {
	sent     []string
	refuse   error
	retried  []string
	older    int
	mentions []string
	newer    int
	seen     string
	pastes   bool
	done     []string
}

func (r *record) did(what ...string) error {
	if r.refuse == nil {
		r.done = append(r.done, strings.Join(what, " "))
	}
	return r.refuse
}

func open(t *testing.T, mode theme.Mode, language string, size fyne.Size) (*View, fyne.Window, *record) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(mode))
	r := &record{}
	v := New(i18n.New(language), Actions{
		Send: func(w Written) error {
			if w.ReplyTo != "" {
				return r.did("reply", w.ReplyTo, w.Text)
			}
			if r.refuse == nil {
				r.sent = append(r.sent, w.Text)
				r.mentions = w.Mentions
			}
			return r.refuse
		},
		Retry:            func(id string) { r.retried = append(r.retried, id) },
		LoadOlder:        func() { r.older++ },
		LoadNewer:        func() { r.newer++ },
		ToOldest:         func() { r.did("oldest") },
		Search:           func(query string) { r.did("search", query) },
		ToDate:           func(day time.Time) { r.did("date", day.Format(time.DateOnly)) },
		Seen:             func(id string) { r.seen = id },
		OpenLink:         func(address string) { r.did("link", address) },
		Attach:           func() { r.did("attach") },
		Record:           func() { r.did("record") },
		Paste:            func() bool { return r.pastes },
		DiscardRecording: func() { r.did("discard recording") },
		PauseRecording:   func(on bool) { r.did("pause", fmt.Sprint(on)) },
		ListenRecording:  func(on bool) { r.did("listen", fmt.Sprint(on)) },
		SendRecording:    func(replyTo string) { r.did("send recording", replyTo) },
		Open:             func(id string) { r.did("open", id) },
		Jump:             func(id string) { r.did("jump", id) },
		Copy:             func(text string) { r.did("copy", text) },
		Delete:           func(id string) { r.did("delete", id) },
		React: func(id, emoji string, remove bool) {
			if remove {
				r.did("unreact", id, emoji)
			} else {
				r.did("react", id, emoji)
			}
		},
		Edit: func(id, text string) error { return r.did("edit", id, text) },
	})
	v.list.now = now
	v.list.after = func(_ time.Duration, act func()) func() { return func() {} }
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
			v.Reset(conversation(), Opening{})
			test.AssertImageMatches(t, "chat/"+look.name+".png", w.Canvas().Capture())
		})
	}
	t.Run("empty", func(t *testing.T) {
		v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 400))
		v.SetOffline(true)
		test.AssertImageMatches(t, "chat/empty.png", w.Canvas().Capture())
	})
}

// gradient stands for a photograph.
func gradient(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{byte(255 * x / w), byte(255 * y / h), 120, 255})
		}
	}
	return img
}

// everything is a conversation of all kinds.
func everything() []Message {
	list := conversation()[:4]
	m := func(id, user string, ago time.Duration, change func(*Message)) {
		message := Message{ID: id, UserID: user, Name: user, Own: user == "me", Time: now().Add(-ago), Status: Stored, Progress: -1}
		change(&message)
		list = append(list, message)
	}
	waveform := make([]byte, 64)
	for i := range waveform {
		waveform[i] = byte(40 + (i*37)%180)
	}
	m("p1", "Lin", 8*time.Minute, func(m *Message) {
		m.Kind, m.Width, m.Height, m.Image, m.Text = frames.Picture, 1600, 900, gradient(160, 90), "The new office"
		m.Reactions = []Reaction{{"👍", 3, true}, {"🎉", 1, false}}
	})
	m("p2", "me", 7*time.Minute, func(m *Message) {
		m.Kind, m.Width, m.Height, m.Progress, m.Status = frames.Picture, 600, 900, 0.4, Queued
	})
	m("v1", "Maya Chen", 6*time.Minute, func(m *Message) { m.Kind, m.Duration, m.Waveform = frames.Voice, 42*time.Second, waveform })
	m("v2", "me", 5*time.Minute, func(m *Message) { m.Kind, m.Duration, m.Waveform, m.Here = frames.Voice, 4*time.Second, waveform, true })
	m("f1", "Tom", 4*time.Minute, func(m *Message) {
		m.Kind, m.FileName, m.FileSize = frames.File, "季度报告 final version (3).pdf", 1_234_567
	})
	m("r1", "me", 3*time.Minute, func(m *Message) {
		m.Text, m.Edited, m.Status = "I read it, thank you!", true, Seen
		m.Reply = &Quote{"f1", "Tom", "季度报告 final version (3).pdf"}
		m.Reactions = []Reaction{{"❤️", 2, false}}
	})
	m("d1", "Lin", 2*time.Minute, func(m *Message) { m.Deleted = true })
	return list
}

func TestLooksOfAllKinds(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		size           fyne.Size
	}{
		{"all-light-en", "en", theme.Light, fyne.NewSize(420, 1180)},
		{"all-dark-zh", "zh", theme.Dark, fyne.NewSize(420, 1180)},
		{"all-narrow-en", "en", theme.Light, fyne.NewSize(260, 1180)},
	} {
		t.Run(look.name, func(t *testing.T) {
			v, w, _ := open(t, look.mode, look.language, look.size)
			v.Reset(everything(), Opening{Unread: "r1"})
			v.SetVoice("v1", true, 0.4, 1.5)
			v.SetActivity("Maya Chen …")
			v.composer.reply(v.list.rows.at(4).message)
			test.AssertImageMatches(t, "chat/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

func TestOpensWhereReadingStopped(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 200), Opening{Unread: "m000150"})
	first, x := v.list.bound[0], v.list.rows.at(150)
	if x.cell == nil || v.list.rows.index(first) < 145 || x.frames.Unread.Empty() {
		t.Errorf("opens at %s", first.message.ID)
	}
	// Little that is new: the newest is in view as well.
	v.Reset(many(0, 200), Opening{Unread: "m000199"})
	if !v.AtBottom() {
		t.Error("not at the bottom")
	}
}

func TestOrderIsTheRooms(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	m := func(id string, order int64) Message {
		return Message{ID: id, UserID: "u", Text: id, Time: now(), Order: order}
	}
	order := func() (ids string) {
		for x := v.list.rows.first(); x != nil; x = v.list.rows.next(x) {
			ids += x.message.ID
		}
		return ids
	}
	v.Reset([]Message{m("a", 10), m("b", 20)}, Opening{})
	v.Update(m("q", 1<<62)) // waits
	v.Update(m("c", 30))    // from somebody else meanwhile
	if order() != "abcq" {
		t.Error(order())
	}
	v.Update(m("q", 25)) // stored before that one
	if order() != "abqc" {
		t.Error(order())
	}
	v.Update(m("old", 5)) // a change of what is not loaded
	if order() != "abqc" {
		t.Error(order())
	}
	v.Remove("b")
	if order() != "aqc" || v.Has("b") {
		t.Error(order())
	}
}

func TestTapsFindWhatIsMeant(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(420, 1180))
	v.Reset(everything(), Opening{})
	tap := func(id string, of func(frames.Frames) frames.Rect) {
		t.Helper()
		c := v.list.rows.byID[id].cell
		if c == nil {
			t.Fatalf("%s is not in view", id)
		}
		at := of(c.hit.frames)
		c.hit.Tapped(&fyne.PointEvent{Position: fyne.NewPos(at.X+at.W/2, at.Y+at.H/2)})
	}
	tap("p1", func(f frames.Frames) frames.Rect { return f.Picture })
	tap("v1", func(f frames.Frames) frames.Rect { return f.Button })
	tap("f1", func(f frames.Frames) frames.Rect { return f.FileName.Rect })
	tap("r1", func(f frames.Frames) frames.Rect { return f.Quote })
	tap("p1", func(f frames.Frames) frames.Rect { return f.Reactions[0].Rect })
	tap("r1", func(f frames.Frames) frames.Rect { return f.Reactions[0].Rect })
	tap("d1", func(f frames.Frames) frames.Rect { return f.Bubble })
	want := []string{"open p1", "open v1", "open f1", "jump f1", "unreact p1 👍", "react r1 ❤️"}
	if !slices.Equal(r.done, want) {
		t.Errorf("%q, want %q", r.done, want)
	}
}

func TestMenuOffersWhatCanBeDone(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(420, 1180))
	v.Reset(everything(), Opening{})
	for id, want := range map[string]string{
		"1": "Reply React Copy text", "4": "Reply React Copy text Edit Delete", "p1": "Reply React Copy text Open", "p2": "Open Delete", "v2": "Reply React Open Delete", "d1": "",
	} {
		m, _ := v.Message(id)
		var labels []string
		for _, item := range v.list.menuItems(m, fyne.Position{}) {
			if !item.Disabled {
				labels = append(labels, item.Label)
			}
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func TestReplyAndEdit(t *testing.T) {
	v, w, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(conversation(), Opening{})
	e := v.composer.entry
	enter, escape := &fyne.KeyEvent{Name: fyne.KeyReturn}, &fyne.KeyEvent{Name: fyne.KeyEscape}
	v.Focus(w.Canvas())
	test.Type(e, "half a thought")
	own, _ := v.Message("4")
	v.composer.edit(own)
	if e.Text != own.Text || !v.composer.bar.root.Visible() {
		t.Errorf("%q", e.Text)
	}
	e.TypedKey(escape)
	if e.Text != "half a thought" || v.composer.bar.root.Visible() {
		t.Errorf("%q", e.Text)
	}
	v.composer.edit(own)
	e.SetText("Better words")
	e.TypedKey(enter)
	if e.Text != "half a thought" {
		t.Errorf("the draft is %q", e.Text)
	}
	v.composer.reply(own)
	e.TypedKey(enter)
	if want := []string{"edit 4 Better words", "reply 4 half a thought"}; !slices.Equal(r.done, want) || len(r.sent) != 0 || e.Text != "" {
		t.Errorf("%q, %q", r.done, want)
	}
	r.refuse = errors.New("full")
	v.composer.reply(own)
	test.Type(e, "kept")
	e.TypedKey(enter)
	if e.Text != "kept" || !v.composer.bar.root.Visible() {
		t.Error("what was refused is lost")
	}
}

func TestJumpMarksForAMoment(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 200), Opening{})
	if !v.Show("m000050") || v.Show("nobody") {
		t.Error("shown or not")
	}
	if v.list.rows.byID["m000050"].cell == nil {
		t.Error("it is not in view")
	}
}

func TestNextVoice(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	voice := func(id, user string, heard bool) Message {
		return Message{ID: id, UserID: user, Own: user == "me", Kind: frames.Voice, Heard: heard, Time: now()}
	}
	v.Reset([]Message{voice("1", "a", true), voice("2", "me", false), voice("3", "a", false), {ID: "t", UserID: "a", Time: now()}, voice("4", "b", true), voice("5", "b", false)}, Opening{})
	for id, want := range map[string]string{"1": "3", "3": "", "4": "5", "5": "", "x": ""} {
		if got := v.NextVoice(id); got != want {
			t.Errorf("after %s: %q", id, got)
		}
	}
}

func many(from, to int) []Message {
	var list []Message
	for i := from; i < to; i++ {
		list = append(list, Message{ID: fmt.Sprintf("m%06d", i), Order: int64(i + 1), UserID: fmt.Sprint("u", i/3%4), Name: "Somebody", Text: strings.Repeat("word ", i%40+1),
			Time: now().Add(time.Duration(i-10000) * time.Minute)})
	}
	return list
}

func TestOpensAtTheNewestAndStaysThere(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 200), Opening{})
	if !v.AtBottom() {
		t.Fatal("not at the bottom")
	}
	v.Append(false, many(200, 203)...)
	if !v.AtBottom() {
		t.Error("new messages moved it away")
	}
	if n := len(v.list.bound); n == 0 || n > 30 {
		t.Errorf("%d rows have cells", n)
	}
}

// scrollTo moves the view as a wheel does.
func scrollTo(v *View, y float32) {
	v.list.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, v.list.scroll.Offset.Y-y)})
}

// onScreen tells where the first message in view is.
func onScreen(v *View) (string, float32) {
	return v.Place()
}

func TestScrolledUpItStandsStill(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(1000, 1200), Opening{})
	scrollTo(v, 3000)
	id, offset := onScreen(v)
	check := func(what string) {
		t.Helper()
		if gotID, got := onScreen(v); gotID != id || got-offset > 0.5 || offset-got > 0.5 {
			t.Errorf("%s moved %s at %v to %s at %v", what, id, offset, gotID, got)
		}
	}
	v.Append(false, many(1200, 1205)...)
	check("new messages")
	if !v.list.down.Visible() || v.list.down.number.Text != "5" {
		t.Errorf("the button says %q", v.list.down.number.Text)
	}
	v.Prepend(many(0, 1000)...)
	check("1000 older messages")
	edited := v.list.rows.at(0).message
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
	v.Reset(many(100, 200), Opening{})
	if r.older != 0 {
		t.Fatal("asked without need")
	}
	scrollTo(v, 100)
	scrollTo(v, 50)
	if r.older != 1 {
		t.Errorf("asked %d times", r.older)
	}
	v.Prepend(many(0, 100)...)
	if v.list.rows.len() != 200 || v.Oldest() != "m000000" {
		t.Errorf("%d messages", v.list.rows.len())
	}
}

func TestAMessageIsShownOnce(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 3), Opening{})
	m := v.list.rows.at(2).message
	m.Status = Stored
	v.Append(false, m)
	v.Update(m)
	v.Prepend(m)
	if v.list.rows.len() != 3 {
		t.Errorf("%d messages", v.list.rows.len())
	}
}

func TestRetry(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 640))
	v.Reset(conversation(), Opening{})
	v.list.rows.byID["9"].cell.failed.Tapped(nil)
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
	if e.rows != composerRows {
		t.Errorf("%d rows", e.rows)
	}
	e.SetText(strings.Repeat("x", wire.TextMax+1))
	if v.composer.button.enabled || !v.composer.counter.Visible() {
		t.Error("too long a message may be sent")
	}
}

// benchmarkScroll scrolls up and down through messages in a window.
func benchmarkScroll(b *testing.B, messages []Message, size fyne.Size) {
	app := test.NewTempApp(b)
	app.Settings().SetTheme(theme.New(theme.Light))
	v := New(i18n.New("en"), Actions{})
	w := test.NewTempWindow(b, v.CanvasObject())
	w.Resize(size)
	v.Reset(messages, Opening{})
	by := float32(-37)
	b.ReportAllocs()
	for b.Loop() {
		if v.AtBottom() && by > 0 || v.list.scroll.Offset.Y == 0 {
			by = -by
		}
		v.ScrollBy(by)
	}
}

func BenchmarkScrollText(b *testing.B) { benchmarkScroll(b, many(0, 2000), fyne.NewSize(380, 700)) }

// BenchmarkScrollMedia has 20 pictures and 20 voice messages in view.
func BenchmarkScrollMedia(b *testing.B) {
	var list []Message
	for i := range 400 {
		m := Message{ID: fmt.Sprint(i), UserID: fmt.Sprint("u", i/4%3), Order: int64(i), Time: now(), Progress: -1}
		if i%2 == 0 {
			m.Kind, m.Width, m.Height, m.Image = frames.Picture, 640, 160, gradient(640, 160)
		} else {
			m.Kind, m.Duration, m.Waveform = frames.Voice, time.Duration(i%60)*time.Second, make([]byte, 64)
		}
		list = append(list, m)
	}
	benchmarkScroll(b, list, fyne.NewSize(420, 4000))
}

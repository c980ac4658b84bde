package app

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"parley/session/chat"
	"parley/session/chat/voice"
	chatview "parley/views/chat"
	"parley/views/chat/frames"
)

// enter opens a window in a room of its own, without devices.
func enter(t *testing.T, name string) (*desk, *room) {
	t.Helper()
	form := synthetic(name + time.Now().Format("-150405.000000"))
	form.CameraOn, form.MicrophoneOn = false, false
	d := open(t, form)
	d.c.join(d.c.joinView.Form())
	d.until("the room", func() bool { return d.c.room != nil && d.c.room.loaded && d.c.room.talk != nil })
	return d, d.c.room
}

// has waits for a message of the list.
func (d *desk) has(what string, match func(chatview.Message) bool) (found chatview.Message) {
	d.t.Helper()
	d.until(what, func() bool {
		page, err := d.c.room.talk.conversation.History().Newest(d.t.Context(), 50)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, m := range page {
			if shown, ok := d.c.room.chat.Message(m.ID); ok && match(shown) {
				found = shown
				return true
			}
		}
		return false
	})
	return found
}

func TestAttachmentsGoOutAndAreShown(t *testing.T) {
	d, r := enter(t, "attachments")
	folder := t.TempDir()
	path := filepath.Join(folder, "plan.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, image.NewRGBA(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	file.Close()
	notes := filepath.Join(folder, "notes.txt")
	if err := os.WriteFile(notes, []byte("all of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.talk.dropped([]fyne.URI{storage.NewFileURI(path), storage.NewFileURI(notes), storage.NewFileURI(folder)})
	d.until("the question", func() bool {
		return strings.Contains(d.shown(), "plan.png") && strings.Contains(d.shown(), "notes.txt")
	})
	if _, err := prepare(t.Context(), folder); sendProblem(err) != "notice.file.unreadable" {
		t.Errorf("a folder: %v", err)
	}
	var files []offered
	for _, p := range []string{path, notes} {
		f, err := prepare(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	r.talk.sendFiles(files, false, "the plan")
	picture := d.has("the picture", func(m chatview.Message) bool {
		return m.Kind == frames.Picture && m.Status == chatview.Stored && m.Image != nil
	})
	if picture.Text != "the plan" || picture.Width != 300 || !picture.Here {
		t.Errorf("%+v", picture)
	}
	sent := d.has("the file", func(m chatview.Message) bool { return m.Kind == frames.File && m.Status == chatview.Stored })
	if sent.FileName != "notes.txt" || sent.FileSize != 9 || !sent.Here {
		t.Errorf("%+v", sent)
	}
	r.talk.open(picture.ID)
	d.until("the picture over the window", func() bool { return d.window.Canvas().Overlays().Top() != nil })
	saved := t.TempDir()
	for _, want := range []string{"notes.txt", "notes (2).txt"} {
		got, err := saveTo(saved, d.c.store.Files(), r.talk.files[sent.ID])
		if err != nil || filepath.Base(got) != want {
			t.Errorf("%s, %v", got, err)
		}
		if data, err := os.ReadFile(got); err != nil || string(data) != "all of it" {
			t.Errorf("%q, %v", data, err)
		}
	}
}

func TestVoiceIsPlayedAndThenTheNext(t *testing.T) {
	d, r := enter(t, "voices")
	path := filepath.Join(t.TempDir(), "v.ogg")
	recorder, err := voice.NewRecorder(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := recorder.Write(make([]float32, 48000/4)); err != nil {
		t.Fatal(err)
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.talk.conversation.SendVoice(t.Context(), path, chat.Draft{}); err != nil {
			t.Fatal(err)
		}
	}
	d.until("both", func() bool { return r.chat.Newest() != "" && r.chat.Oldest() != r.chat.Newest() })
	first := r.chat.Oldest()
	r.talk.open(first)
	if r.talk.voice.id != first {
		t.Error("it is not played")
	}
	d.has("that it was heard", func(m chatview.Message) bool { return m.ID == first && m.Heard })
	// Nothing pulls the mix here: there is no speaker. It is stopped by a tap.
	r.talk.open(first)
	if r.talk.voice.id != "" {
		t.Error("it is not stopped")
	}
}

func TestWritingInTheWindow(t *testing.T) {
	d, r := enter(t, "writing")
	entry, ok := d.focusComposer().(desktop.Keyable)
	if !ok {
		t.Fatal("nothing to type into")
	}
	test.Type(entry, "first")
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	m := d.has("the message", func(m chatview.Message) bool { return m.Text == "first" && m.Status == chatview.Stored })
	actions := r.chatActions()
	if err := actions.Edit(m.ID, "edited"); err != nil {
		t.Fatal(err)
	}
	d.has("the edit", func(got chatview.Message) bool { return got.ID == m.ID && got.Text == "edited" && got.Edited })
	if err := actions.Send(chatview.Written{Text: "an answer", ReplyTo: m.ID}); err != nil {
		t.Fatal(err)
	}
	d.has("the answer", func(got chatview.Message) bool {
		return got.Reply != nil && got.Reply.ID == m.ID && got.Reply.Text == "edited"
	})
	actions.React(m.ID, "👍", false)
	d.has("the reaction", func(got chatview.Message) bool { return len(got.Reactions) == 1 && got.Reactions[0].Own })
	actions.Jump(m.ID)
	actions.Delete(m.ID)
	d.has("the delete", func(got chatview.Message) bool { return got.ID == m.ID && got.Deleted })
	actions.Copy("copied")
	if d.c.app.Clipboard().Content() != "copied" {
		t.Error("nothing was copied")
	}
	// What stands in the composer is there the next time.
	test.Type(entry, "half a sen")
	d.until("the draft", func() bool {
		draft, err := r.talk.conversation.History().Draft(t.Context())
		return err == nil && draft == "half a sen"
	})
	left := false
	d.c.leaveRoom(func() { left = true })
	d.until("the leaving", func() bool { return left })
	d.until("the button", func() bool { return d.c.joining == nil && d.c.room == nil })
	d.c.join(d.c.joinView.Form())
	d.until("the room again", func() bool { return d.c.room != nil && d.c.room.talk != nil })
	if got := d.c.room.chat.Draft(); got != "half a sen" {
		t.Errorf("the draft is %q", got)
	}
}

// focusComposer puts the cursor into the composer.
func (d *desk) focusComposer() fyne.Focusable {
	d.c.room.chat.Focus(d.window.Canvas())
	return d.window.Canvas().Focused()
}

func TestWhoWritesIsSaid(t *testing.T) {
	d, r := enter(t, "typing")
	for _, step := range []struct {
		event chat.ActivityChanged
		want  string
	}{
		{chat.ActivityChanged{UserID: "m", Name: "Maya", Activity: chat.Typing}, "Maya is typing"},
		{chat.ActivityChanged{UserID: "t", Activity: chat.Recording}, "Several people"},
		{chat.ActivityChanged{UserID: "m", Name: "Maya", Activity: chat.Idle}, "t is recording"},
		{chat.ActivityChanged{UserID: "t", Activity: chat.Idle}, ""},
	} {
		r.talk.event(step.event)
		if got := r.talk.activity(); !strings.HasPrefix(got, step.want) || step.want == "" && got != "" {
			t.Errorf("%q, want %q", got, step.want)
		}
		if step.want != "" && !strings.Contains(d.shown(), step.want) {
			t.Errorf("%q is not shown", step.want)
		}
	}
}

func TestDraftsKeepTheLast(t *testing.T) {
	var saved []string
	var queue []func()
	d := drafts{save: func(text string) { saved = append(saved, text) }}
	run := func(f func()) { queue = append(queue, f) }
	for _, text := range []string{"a", "ab", "abc"} {
		d.set(text, run)
	}
	for _, f := range queue {
		f()
	}
	if len(queue) != 1 || len(saved) != 1 || saved[0] != "abc" {
		t.Errorf("%d writers wrote %q", len(queue), saved)
	}
}

func TestVoiceMessageIsRecordedAndSent(t *testing.T) {
	d, r := enter(t, "recorder")
	actions := r.chatActions()
	actions.Record()
	d.until("that it records", func() bool { return r.talk.recorder.shown.Length > 300*time.Millisecond })
	actions.PauseRecording(true)
	if r.talk.recorder.shown.State != chatview.RecordingPaused {
		t.Error("it is not paused")
	}
	actions.ListenRecording(true)
	if r.talk.recorder.shown.State != chatview.RecordingPlayed {
		t.Error("it is not played")
	}
	actions.ListenRecording(false)
	actions.SendRecording("")
	m := d.has("the voice message", func(m chatview.Message) bool { return m.Kind == frames.Voice && m.Status == chatview.Stored })
	if m.Duration < 250*time.Millisecond || len(m.Waveform) == 0 {
		t.Errorf("%+v", m)
	}
	actions.Record()
	d.until("that it records again", func() bool { return r.talk.recorder.shown.Length > 200*time.Millisecond })
	actions.DiscardRecording()
	d.until("that it is gone", func() bool { _, err := os.Stat(r.talk.recorder.path); return os.IsNotExist(err) })
	// What is not sent is there the next time.
	actions.Record()
	d.until("that it records once more", func() bool { return r.talk.recorder.shown.Length > 300*time.Millisecond })
	left := false
	d.c.leaveRoom(func() { left = true })
	d.until("the leaving", func() bool { return left })
	d.until("the button", func() bool { return d.c.joining == nil && d.c.room == nil })
	d.c.join(d.c.joinView.Form())
	d.until("the recording", func() bool {
		return d.c.room != nil && d.c.room.talk != nil && d.c.room.talk.recorder.shown.State == chatview.RecordingPaused
	})
	kept := d.c.room.talk.recorder
	if !kept.shown.Closed || kept.shown.Length < 250*time.Millisecond {
		t.Errorf("%+v", kept.shown)
	}
	kept.send("")
	d.until("two voice messages", func() bool {
		page, err := d.c.room.talk.conversation.History().Newest(t.Context(), 10)
		return err == nil && len(page) == 2
	})
}

func TestPasting(t *testing.T) {
	d, r := enter(t, "paste")
	clipboard := d.c.app.Clipboard()
	clipboard.SetContent("just words")
	if r.talk.paste() {
		t.Error("words are no picture")
	}
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{path, folderURL(path).String() + "\r\n"} {
		clipboard.SetContent(text)
		if !r.talk.paste() {
			t.Errorf("%q is not taken for a file", text)
		}
	}
	d.until("the question", func() bool { return strings.Contains(d.shown(), "notes.txt") })
	for _, text := range []string{path + ".none", filepath.Dir(path), "notes.txt", path + "\nand more"} {
		if got := filesIn(text); got != nil {
			t.Errorf("%q: %q", text, got)
		}
	}
	clipboard.SetContent("")
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	if err := d.c.images.SetImage(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	overlays := d.window.Canvas().Overlays()
	before := overlays.Top()
	if !r.talk.paste() {
		t.Error("the picture is not taken")
	}
	d.until("the question", func() bool { return overlays.Top() != before }) // a picture alone has no name there
}

func TestSearchAndDates(t *testing.T) {
	d, r := enter(t, "search")
	for _, text := range []string{"the first plan", "something else", "明天开会讨论计划"} {
		if err := r.send(chatview.Written{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	d.has("all of them", func(m chatview.Message) bool {
		return m.Text == "明天开会讨论计划" && m.Status == chatview.Stored
	})
	r.chat.OpenSearch()
	actions := r.chatActions()
	for query, want := range map[string]int{"plan": 1, "开会": 1, "e": 1, "nowhere": 0} {
		messages, err := r.talk.conversation.History().Search(t.Context(), query, 10)
		if err != nil || len(messages) != want {
			t.Errorf("%q finds %d, %v", query, len(messages), err)
		}
	}
	if entry := d.window.Canvas().Focused(); entry != nil {
		test.Type(entry, "plan")
	}
	d.until("what was found", func() bool { return strings.Contains(d.shown(), "1 of 1") })
	oldest := r.chat.Oldest()
	actions.ToDate(time.Now().AddDate(0, 0, -2))
	actions.ToOldest()
	actions.ToNewest()
	d.until("the newest", func() bool { return r.chat.Oldest() == oldest && r.chat.AtBottom() })
}

package app

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/session/chat"
	chatview "parley/views/chat"
	"parley/views/chat/frames"
)

// talk is the conversation of a room as the window shows it: what the chat
// panel asks for, and what happens in the conversation. Its fields belong to
// the UI thread.
type talk struct {
	r            *room
	conversation *chat.Conversation
	files        map[string]chat.File // by message, of those in the list
	pictures     *pictures
	voice        *voicePlayer
	recorder     *voiceRecorder
	active       map[string]chat.ActivityChanged // by user
	drafts       drafts
	searches     atomic.Int64
}

func newTalk(r *room, conversation *chat.Conversation) *talk {
	t := &talk{r: r, conversation: conversation, files: make(map[string]chat.File), active: make(map[string]chat.ActivityChanged)}
	t.pictures = newPictures(t)
	t.voice = &voicePlayer{t: t}
	t.recorder = newVoiceRecorder(t)
	t.drafts = drafts{save: func(text string) {
		if err := conversation.History().SetDraft(context.WithoutCancel(r.c.ctx), text); err != nil {
			r.c.log.Warn("the draft was not kept", "error", err)
		}
	}}
	return t
}

// actions are what a person does in the panel.
func (r *room) chatActions() chatview.Actions {
	with := func(act func(*talk)) {
		if r.talk != nil {
			act(r.talk)
		}
	}
	return chatview.Actions{
		Dispatch: r.c.dispatch,
		Send:     r.send, Retry: r.retry,
		LoadOlder: r.loadOlder, LoadNewer: r.loadNewer, ToNewest: r.toNewest, ToOldest: func() { r.toDate(time.Time{}) }, Seen: r.read,
		NeedImage:    func(id string) { with(func(t *talk) { t.pictures.need(id) }) },
		Open:         func(id string) { with(func(t *talk) { t.open(id) }) },
		Jump:         r.jump,
		Search:       func(query string) { with(func(t *talk) { t.search(query) }) },
		ToDate:       r.toDate,
		OpenLink:     r.openLink,
		Save:         func(id string) { with(func(t *talk) { t.saveFile(id, nil) }) },
		ShowInFolder: func(id string) { with(func(t *talk) { t.saveFile(id, showInFolder) }) },
		Seek:         func(id string, position float32) { with(func(t *talk) { t.voice.seek(id, position) }) },
		Speed:        func() { with(func(t *talk) { t.voice.faster() }) },
		React: func(id, emoji string, remove bool) {
			with(func(t *talk) {
				t.do("react", func(ctx context.Context) error { return t.conversation.React(ctx, id, emoji, remove) })
			})
		},
		Copy: func(text string) { r.c.app.Clipboard().SetContent(text) },
		Delete: func(id string) {
			with(func(t *talk) {
				t.do("delete", func(ctx context.Context) error { return t.conversation.Delete(ctx, id) })
			})
		},
		Edit: func(id, text string) error {
			return r.write(func(c *chat.Conversation) error { return c.Edit(r.c.ctx, id, text) })
		},
		Record:           func() { with(func(t *talk) { t.recorder.begin() }) },
		DiscardRecording: func() { with(func(t *talk) { t.recorder.discard() }) },
		PauseRecording:   func(on bool) { with(func(t *talk) { t.recorder.pause(on) }) },
		ListenRecording:  func(on bool) { with(func(t *talk) { t.recorder.listen(on) }) },
		SendRecording:    func(replyTo string) { with(func(t *talk) { t.recorder.send(replyTo) }) },
		EmojiUsed:        r.c.emojiUsed,
		ToneChosen: func(tone int) {
			r.c.preferences.SkinTone = tone
			r.c.save()
		},
		Paste:  func() bool { return r.talk != nil && r.talk.paste() },
		Attach: func() { with(func(t *talk) { t.attach() }) },
		Typing: func(text string) { with(func(t *talk) { t.typing(text) }) },
	}
}

// do acts off the UI thread, and says what went wrong.
func (t *talk) do(what string, act func(context.Context) error) {
	t.r.c.work.Go(func() {
		if err := act(t.r.c.ctx); err != nil && t.r.c.ctx.Err() == nil {
			t.r.c.log.Warn("could not "+what, "error", err)
			t.r.c.dispatch(func() { t.r.say(sendProblem(err), err) })
		}
	})
}

func (t *talk) typing(text string) {
	activity := chat.Typing
	if strings.TrimSpace(text) == "" {
		activity = chat.Idle
	}
	t.conversation.SetActivity(activity)
	t.drafts.set(text, t.r.c.work.Go)
}

// open does what a tap on a picture, a voice message or a file means.
func (t *talk) open(id string) {
	m, ok := t.r.chat.Message(id)
	if !ok {
		return
	}
	if m.Progress >= 0 && m.Progress < 1 && m.Kind != frames.Voice {
		t.cancel(m)
		return
	}
	switch m.Kind {
	case frames.Picture:
		t.pictures.show(id)
	case frames.Voice:
		t.voice.toggle(id)
	case frames.File:
		t.openFile(id)
	case frames.Text:
	}
}

// cancel ends the sending or the bringing of an attachment.
func (t *talk) cancel(m chatview.Message) {
	file, ok := t.files[m.ID]
	if !ok {
		return
	}
	if m.Own && m.Status == chatview.Queued {
		t.do("cancel", func(context.Context) error { return t.conversation.Cancel(m.ID) })
		return
	}
	t.conversation.CancelDownload(file.SHA256)
}

// event takes what happens in the conversation beside its messages.
func (t *talk) event(event chat.Event) {
	switch e := event.(type) {
	case chat.ActivityChanged:
		if e.Activity == chat.Idle {
			delete(t.active, e.UserID)
		} else {
			t.active[e.UserID] = e
		}
		t.r.chat.SetActivity(t.activity())
	case chat.TransferChanged:
		t.transferred(e)
	}
}

// activity says who does something.
func (t *talk) activity() string {
	if len(t.active) > 1 {
		return t.r.c.loc.T("chat.typing.several")
	}
	for _, e := range t.active {
		name := e.Name
		if name == "" {
			name = e.UserID
		}
		key := "chat.typing.one"
		if e.Activity == chat.Recording {
			key = "chat.recording.one"
		}
		return t.r.c.loc.Tf(key, map[string]any{"Name": name})
	}
	return ""
}

func (t *talk) transferred(e chat.TransferChanged) {
	if e.Err != nil {
		t.r.c.log.Info("an attachment did not come", "error", e.Err)
	}
	t.r.chat.Change(e.MessageID, func(m *chatview.Message) {
		m.Progress, m.Here, m.Problem = -1, e.Done && e.Err == nil, e.Done && e.Err != nil && !errors.Is(e.Err, context.Canceled)
		if !e.Done && e.Size > 0 {
			m.Progress = float32(e.Bytes) / float32(e.Size)
		}
	})
	if !e.Done {
		return
	}
	if e.Err != nil {
		if m, ok := t.r.chat.Message(e.MessageID); ok && m.Kind == frames.File {
			t.r.failed(transferProblem(e.Err), e.Err)
		}
		return
	}
	t.pictures.came(e.MessageID)
}

func transferProblem(err error) string {
	switch {
	case errors.Is(err, chat.ErrFileGone):
		return "notice.file.gone"
	case errors.Is(err, chat.ErrDiskFull):
		return "notice.disk.full"
	default:
		return "notice.file.failed"
	}
}

// drafts keeps the last of many drafts, one write at a time.
type drafts struct {
	save func(string)

	mu      sync.Mutex
	text    string
	pending bool
}

func (d *drafts) set(text string, run func(func())) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text = text
	if d.pending {
		return
	}
	d.pending = true
	run(func() {
		for {
			d.mu.Lock()
			text := d.text
			d.mu.Unlock()
			d.save(text)
			d.mu.Lock()
			if d.text == text {
				d.pending = false
				d.mu.Unlock()
				return
			}
			d.mu.Unlock()
		}
	})
}

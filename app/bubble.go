package app

import (
	"time"

	"parley/session/chat"
	chatview "parley/views/chat"
	"parley/views/chat/frames"
)

func (r *room) bubbles(page []chat.Message) []chatview.Message {
	out := make([]chatview.Message, len(page))
	for i, m := range page {
		out[i] = r.bubble(m)
	}
	return out
}

// bubble is a message as the list shows it.
func (r *room) bubble(m chat.Message) chatview.Message {
	b := chatview.Message{
		ID: m.ID, Order: m.Order(), UserID: m.UserID, Name: m.Name, Text: m.Text, Own: m.Own, Time: m.Time, Reason: m.Reason,
		Unsupported: !m.Supported, Edited: m.Edited, Deleted: m.Deleted, Heard: m.Heard, Progress: -1,
	}
	if m.Kind == chat.KindNotice && m.Supported {
		b.Kind, b.Text = frames.Notice, r.noticeText(m)
	}
	switch m.Status {
	case chat.StatusQueued, chat.StatusUploading, chat.StatusSent:
		b.Status = chatview.Queued
	case chat.StatusStored:
		b.Status = chatview.Stored
	case chat.StatusSeen:
		b.Status = chatview.Seen
	case chat.StatusFailed:
		b.Status = chatview.Failed
	}
	if m.Reply != nil {
		b.Reply = r.quote(m.Reply)
	}
	for _, reaction := range m.Reactions {
		shown := chatview.Reaction{Emoji: reaction.Emoji, Count: len(reaction.Users)}
		for _, user := range reaction.Users {
			shown.Own = shown.Own || user == r.user.ID
		}
		b.Reactions = append(b.Reactions, shown)
	}
	if m.File != nil {
		r.attachment(m, &b)
	}
	return b
}

func (r *room) attachment(m chat.Message, b *chatview.Message) {
	f := m.File
	switch m.Kind {
	case chat.KindImage:
		b.Kind, b.Width, b.Height = frames.Picture, f.Width, f.Height
	case chat.KindVoice:
		b.Kind, b.Duration, b.Waveform = frames.Voice, time.Duration(f.DurationMS)*time.Millisecond, f.Waveform
	default:
		b.Kind, b.FileName, b.FileSize = frames.File, f.Name, f.Size
	}
	_, err := r.c.store.Files().Path(f.SHA256)
	b.Here = err == nil
	if m.Status == chat.StatusUploading && f.Size > 0 {
		b.Progress = float32(m.Uploaded) / float32(f.Size)
	}
	if r.talk != nil {
		r.talk.files[m.ID] = *f
		// What the list has of it stays.
		if shown, ok := r.chat.Message(m.ID); ok {
			b.Image = shown.Image
		}
	}
}

// quote is what a reply shows of the message that it answers.
func (r *room) quote(reply *chat.Reply) *chatview.Quote {
	q := &chatview.Quote{ID: reply.ID, Name: reply.Name, Text: reply.Text}
	if q.Name == "" {
		q.Name = reply.UserID
	}
	if q.Text == "" {
		switch reply.Kind {
		case chat.KindImage:
			q.Text = r.c.loc.T("chat.kind.picture")
		case chat.KindVoice:
			q.Text = r.c.loc.T("chat.kind.voice")
		case chat.KindFile:
			q.Text = r.c.loc.T("chat.kind.file")
		default:
		}
	}
	return q
}

package app

import (
	"fmt"
	"time"

	"parley/session/chat"
	chatview "parley/views/chat"
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
		ID: m.ID, Order: m.Order(), UserID: m.UserID, Name: m.Name, Text: r.words(m), Own: m.Own, Time: m.Time, Reason: m.Reason, Unsupported: !m.Supported,
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
	return b
}

// words says in text what a message is.
func (r *room) words(m chat.Message) string {
	var what string
	switch {
	case m.Deleted:
		return r.c.loc.T("chat.deleted")
	case m.File == nil:
		return m.Text
	case m.Kind == chat.KindImage:
		what = r.c.loc.T("chat.kind.picture")
	case m.Kind == chat.KindVoice:
		length := time.Duration(m.File.DurationMS) * time.Millisecond
		what = r.c.loc.Tf("chat.kind.voice", map[string]any{"Length": fmt.Sprintf("%d:%02d", int(length.Minutes()), int(length.Seconds())%60)})
	default:
		what = r.c.loc.Tf("chat.kind.file", map[string]any{"Name": m.File.Name})
	}
	if m.Text != "" {
		what += "\n" + m.Text
	}
	return what
}

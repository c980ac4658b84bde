package peer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"parley/session"
	"parley/session/chat"
	"parley/session/chat/picture"
	"parley/session/wire"
)

// chatCommand obeys a command of the conversation; ok is false for others.
func (p *peer) chatCommand(ctx context.Context, name, rest string) (ok bool, err error) {
	c := p.engine.Conversation()
	if c == nil {
		return false, session.ErrState
	}
	first, words, _ := strings.Cut(rest, " ")
	words = strings.TrimSpace(words)
	switch name {
	case "/text":
		_, err = c.SendText(ctx, chat.Draft{Text: rest})
	case "/reply":
		_, err = c.SendText(ctx, chat.Draft{Text: words, ReplyTo: first})
	case "/image", "/original":
		err = sendPicture(ctx, c, rest, name == "/original")
	case "/voice":
		err = sendVoice(ctx, c, rest)
	case "/file":
		_, err = c.SendFile(ctx, rest, chat.Draft{})
	case "/edit":
		err = c.Edit(ctx, first, words)
	case "/delete":
		err = c.Delete(ctx, rest)
	case "/react", "/unreact":
		err = c.React(ctx, first, words, name == "/unreact")
	case "/read":
		err = c.MarkRead(rest)
	case "/retry":
		err = c.Retry(ctx, rest)
	case "/cancel":
		err = c.Cancel(rest)
	case "/download":
		err = c.Download(ctx, rest)
	case "/wave":
		err = p.engine.React(rest)
	case "/host": // ACTION [USER]
		action, user, _ := strings.Cut(rest, " ")
		request := wire.ActionRequest{Action: wire.Action(action), User: wire.User{ID: user}}
		if request.Action == wire.ActionPasscode {
			request.User, request.Passcode = wire.User{}, user
		}
		err = p.engine.Act(ctx, request)
	case "/hand":
		err = p.engine.RaiseHand(ctx, rest != "down")
	case "/typing":
		c.SetActivity(chat.Typing)
	case "/recording":
		c.SetActivity(chat.Recording)
	case "/idle":
		c.SetActivity(chat.Idle)
	case "/search":
		err = p.search(ctx, c, rest)
	default:
		return false, nil
	}
	return true, err
}

func sendPicture(ctx context.Context, c *chat.Conversation, path string, original bool) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the picture: %w", err)
	}
	defer file.Close()
	prepared, err := picture.Prepare(ctx, file, filepath.Base(path))
	if err != nil {
		return err
	}
	_, err = c.SendPicture(ctx, prepared, original, chat.Draft{})
	return err
}

// sendVoice sends Opus in Ogg as it is, and records a WAV file first.
func sendVoice(ctx context.Context, c *chat.Conversation, path string) error {
	if strings.EqualFold(filepath.Ext(path), ".wav") {
		recorded, folder, err := record(path)
		defer func() { _ = os.RemoveAll(folder) }()
		if err != nil {
			return err
		}
		path = recorded
	}
	_, err := c.SendVoice(ctx, path, chat.Draft{})
	return err
}

func (p *peer) search(ctx context.Context, c *chat.Conversation, query string) error {
	found, err := c.History().Search(ctx, query, 50)
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	p.out.print("found", map[string]any{"query": query, "ids": ids})
	return err
}

func (p *peer) chatEvent(event chat.Event) {
	switch e := event.(type) {
	case chat.MessageChanged:
		p.out.print("message", message(e.Message))
	case chat.MessageRemoved:
		p.out.print("message_removed", map[string]any{"id": e.ID})
	case chat.HistoryChanged:
		p.out.print("history", map[string]any{})
	case chat.OnlineChanged:
		p.out.print("chat_state", map[string]any{"online": e.Online})
	case chat.Waved:
		p.out.print("wave", map[string]any{"user_id": e.UserID, "name": e.Name, "emoji": e.Emoji})
	case chat.ActivityChanged:
		p.out.print("activity", map[string]any{"user_id": e.UserID, "name": e.Name, "activity": e.Activity})
	case chat.SeenChanged:
		p.out.print("seen", map[string]any{"user_id": e.UserID, "up_to": e.UpTo})
	case chat.TransferChanged:
		p.out.print("transfer", map[string]any{"id": e.MessageID, "sha256": e.SHA256, "bytes": e.Bytes, "size": e.Size, "done": e.Done, "error": text(e.Err)})
	}
}

// reactions is a message's, as they are printed.
func reactions(list []chat.Reaction) map[string][]string {
	out := make(map[string][]string, len(list))
	for _, r := range list {
		out[r.Emoji] = r.Users
	}
	return out
}

func message(m chat.Message) map[string]any {
	envelope := map[string]any{"id": m.ID, "kind": m.Kind, "user_id": m.UserID, "name": m.Name, "sent": m.Sent.UTC(), "text": m.Text}
	if m.Notice != "" {
		envelope["notice"] = m.Notice
	}
	if m.File != nil {
		envelope["file"] = m.File
	}
	if m.Reply != nil {
		envelope["reply"] = m.Reply
	}
	return map[string]any{
		"own": m.Own, "status": m.Status.String(), "reason": m.Reason, "seq": m.Seq, "time": m.Time.UTC(), "uploaded": m.Uploaded,
		"edited": m.Edited, "deleted": m.Deleted, "reactions": reactions(m.Reactions), "envelope": envelope,
	}
}

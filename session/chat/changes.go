package chat

import (
	"encoding/json"
	"slices"
)

// changes is what edits, reactions and a delete made of a message. It is kept
// beside the message, so that a page is read without them.
type changes struct {
	Text      *string    `json:"text,omitempty"` // the last edit's
	Deleted   bool       `json:"deleted,omitempty"`
	Reactions []Reaction `json:"reactions,omitempty"`
}

// reactionsMax bounds the different reactions of one message, and each's users.
const reactionsMax = 100

// apply takes one change, in the order of the room. Only the author of a
// message edits or deletes it.
func (c *changes) apply(author, user string, e *Envelope) {
	switch e.Kind {
	case KindEdit:
		if user == author && !c.Deleted {
			c.Text = &e.Text
		}
	case KindDelete:
		if user == author {
			*c = changes{Deleted: true}
		}
	case KindReaction:
		if !c.Deleted {
			c.react(user, e.Reaction, e.Removed)
		}
	default:
	}
}

func (c *changes) react(user, emoji string, removed bool) {
	i := slices.IndexFunc(c.Reactions, func(r Reaction) bool { return r.Emoji == emoji })
	if i < 0 {
		if !removed && len(c.Reactions) < reactionsMax {
			c.Reactions = append(c.Reactions, Reaction{Emoji: emoji, Users: []string{user}})
		}
		return
	}
	r := &c.Reactions[i]
	switch at := slices.Index(r.Users, user); {
	case removed && at >= 0:
		if r.Users = slices.Delete(r.Users, at, at+1); len(r.Users) == 0 {
			c.Reactions = slices.Delete(c.Reactions, i, i+1)
		}
	case !removed && at < 0 && len(r.Users) < reactionsMax:
		r.Users = append(r.Users, user)
	}
}

// applyTarget applies anew what the message id, should it be a change, is
// about.
func (r *RoomStore) applyTarget(x *tx, id string) error {
	var target string
	if _, err := x.row("SELECT target FROM items WHERE room = ? AND id = ?", []any{r.id, id}, &target); err != nil || target == "" {
		return err
	}
	return r.applyChanges(x, target)
}

// applyChanges computes anew what became of a message. A message that is not
// here yet is left to its arrival.
func (r *RoomStore) applyChanges(x *tx, id string) error {
	var (
		num      int64
		author   string
		before   string
		envelope []byte
	)
	found, err := x.row("SELECT num, user, changes, envelope FROM items WHERE room = ? AND id = ? AND shown = 1", []any{r.id, id}, &num, &author, &before, &envelope)
	if err != nil || !found {
		return err
	}
	var (
		c      changes
		erased bool // the server has the delete: nothing brings the text back
	)
	err = x.rows("SELECT user, seq, envelope FROM items WHERE room = ? AND target = ? AND target <> '' AND status <> ? ORDER BY ord", []any{r.id, id, StatusFailed},
		func(scan func(...any) error) error {
			var (
				user string
				seq  int64
				data []byte
			)
			if err := scan(&user, &seq, &data); err != nil {
				return err
			}
			if e, err := ParseEnvelope(data); err == nil {
				c.apply(author, user, &e)
				erased = erased || seq > 0 && c.Deleted
			}
			return nil
		})
	if err != nil {
		return err
	}
	after, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if string(after) == before {
		return nil
	}
	if _, err := x.exec("UPDATE items SET changes = ? WHERE num = ?", string(after), num); err != nil {
		return err
	}
	if erased {
		if envelope, err = r.erase(x, num, envelope); err != nil {
			return err
		}
	}
	return reindex(x, num, envelope, &c)
}

// erase leaves nothing of a deleted message but who sent it and when.
func (r *RoomStore) erase(x *tx, num int64, envelope []byte) ([]byte, error) {
	e, err := ParseEnvelope(envelope)
	if err != nil {
		return envelope, nil //nolint:nilerr // erased before
	}
	if e.File != nil {
		if err := r.releaseUpload(x, e.File.SHA256); err != nil {
			return nil, err
		}
	}
	stub, err := json.Marshal(Envelope{Version: e.Version, ID: e.ID, Kind: e.Kind, Name: e.Name, Sent: e.Sent})
	if err != nil {
		return nil, err
	}
	_, err = x.exec("UPDATE items SET envelope = ? WHERE num = ?", stub, num)
	return stub, err
}

// reindex makes a search find what the message says now.
func reindex(x *tx, num int64, envelope []byte, c *changes) error {
	if _, err := x.exec("DELETE FROM words WHERE rowid = ?", num); err != nil || c.Deleted {
		return err
	}
	e, err := ParseEnvelope(envelope)
	if err != nil {
		return nil //nolint:nilerr // nothing to be found by
	}
	text := e.Text
	if c.Text != nil {
		text = *c.Text
	}
	words := searchable(e, text)
	if words == "" {
		return nil
	}
	_, err = x.exec("INSERT INTO words (rowid, text) VALUES (?, ?)", num, words)
	return err
}

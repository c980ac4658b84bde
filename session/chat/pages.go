package chat

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const itemColumns = "i.id, i.seq, i.ord, i.user, i.own, i.kind, i.status, i.reason, i.time, i.sent, i.heard, i.changes, i.envelope"

func scanItem(scan func(...any) error) (Message, error) {
	var (
		m             Message
		seq, at, sent int64
		made          string
		envelope      []byte
	)
	if err := scan(&m.ID, &seq, &m.order, &m.UserID, &m.Own, &m.Kind, &m.Status, &m.Reason, &at, &sent, &m.Heard, &made, &envelope); err != nil {
		return m, err
	}
	m.Seq, m.Time, m.Sent = uint64(seq), unixMS(at), unixMS(sent)
	var c changes
	if made != "" {
		if err := json.Unmarshal([]byte(made), &c); err != nil {
			return m, fmt.Errorf("read what became of a message: %w", err)
		}
	}
	// Asked of the envelope and not stored: a newer Parley may know the kind.
	e, err := ParseEnvelope(envelope)
	switch {
	case c.Deleted:
		m.Deleted, m.Supported = true, true
		_ = json.Unmarshal(envelope, &e) // an erased one has no more than the name
		m.Name = Harmless(e.Name)
	case err == nil:
		m.Supported = e.Supported()
		m.Name, m.Text, m.Reply, m.Mentions, m.File, m.Reactions = Harmless(e.Name), Harmless(e.Text), e.Reply, e.Mentions, e.File, c.Reactions
		m.Notice, m.About = e.Notice, e.About
		if m.About != nil {
			m.About.Name = Harmless(m.About.Name)
		}
		if c.Text != nil {
			m.Text, m.Edited = Harmless(*c.Text), true
		}
		if m.Reply != nil {
			m.Reply.Text, m.Reply.Name = Harmless(m.Reply.Text), Harmless(m.Reply.Name)
		}
		if m.File != nil {
			m.File.Name = FileName(m.File.Name)
		}
	}
	return m, nil
}

// Message reads one message; ok is false when the store does not have it.
func (r *RoomStore) Message(ctx context.Context, id string) (m Message, ok bool, err error) {
	page, err := r.page(ctx, "SELECT "+itemColumns+" FROM items i WHERE i.room = ? AND i.id = ? AND i.shown = 1", r.id, id)
	if err != nil || len(page) == 0 {
		return Message{}, false, err
	}
	return page[0], true, nil
}

// The pages of a room are named by the ID of a message: it stays the same when
// the message gets its place from the server. All are oldest first. An ID that
// the store does not have is ErrNoMessage.

// Newest reads the last messages of the room.
func (r *RoomStore) Newest(ctx context.Context, limit int) ([]Message, error) {
	page, err := r.page(ctx, "SELECT "+itemColumns+" FROM items i WHERE i.room = ? AND i.shown = 1 ORDER BY i.ord DESC LIMIT ?", r.id, limit)
	slices.Reverse(page)
	return page, err
}

// Before reads the messages before the one named.
func (r *RoomStore) Before(ctx context.Context, id string, limit int) ([]Message, error) {
	at, err := r.place(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.before(ctx, at, limit)
}

// After reads the messages after the one named.
func (r *RoomStore) After(ctx context.Context, id string, limit int) ([]Message, error) {
	at, err := r.place(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.from(ctx, at+1, limit)
}

// From reads the messages after the one given, which was read from this store;
// the zero Message is before the first.
func (r *RoomStore) From(ctx context.Context, after Message, limit int) ([]Message, error) {
	return r.from(ctx, after.order+1, limit)
}

// Around reads the message named and those around it, half of them before.
func (r *RoomStore) Around(ctx context.Context, id string, limit int) ([]Message, error) {
	at, err := r.place(ctx, id)
	if err != nil {
		return nil, err
	}
	older, err := r.before(ctx, at, limit/2)
	if err != nil {
		return nil, err
	}
	newer, err := r.from(ctx, at, limit-len(older))
	return append(older, newer...), err
}

// At reads messages from the first one at or after t on, and is the last page
// when there is none.
func (r *RoomStore) At(ctx context.Context, t time.Time, limit int) ([]Message, error) {
	var at int64
	err := r.store.queryRow(ctx, "SELECT ord FROM items WHERE room = ? AND shown = 1 AND time >= ? ORDER BY time, ord LIMIT 1", []any{r.id, t.UnixMilli()}, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return r.Newest(ctx, limit)
	}
	if err != nil {
		return nil, wrap("find the day", err)
	}
	return r.from(ctx, at, limit)
}

func (r *RoomStore) before(ctx context.Context, order int64, limit int) ([]Message, error) {
	page, err := r.page(ctx, "SELECT "+itemColumns+" FROM items i WHERE i.room = ? AND i.shown = 1 AND i.ord < ? ORDER BY i.ord DESC LIMIT ?", r.id, order, limit)
	slices.Reverse(page)
	return page, err
}

func (r *RoomStore) from(ctx context.Context, order int64, limit int) ([]Message, error) {
	return r.page(ctx, "SELECT "+itemColumns+" FROM items i WHERE i.room = ? AND i.shown = 1 AND i.ord >= ? ORDER BY i.ord LIMIT ?", r.id, order, limit)
}

// place is where a message stands in the room's order.
func (r *RoomStore) place(ctx context.Context, id string) (order int64, err error) {
	err = r.store.queryRow(ctx, "SELECT ord FROM items WHERE room = ? AND id = ? AND shown = 1", []any{r.id, id}, &order)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrNoMessage
	}
	return order, wrap("find the message", err)
}

func (r *RoomStore) page(ctx context.Context, query string, args ...any) ([]Message, error) {
	seen, err := r.seenUpTo(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.store.query(ctx, query, args...)
	if err != nil {
		return nil, wrap("read messages", err)
	}
	defer rows.Close()
	var page []Message
	for rows.Next() {
		m, err := scanItem(rows.Scan)
		if err != nil {
			return nil, wrap("read messages", err)
		}
		m.RoomID = r.key.RoomID
		if m.Own && m.Status == StatusStored && m.order <= seen {
			m.Status = StatusSeen
		}
		page = append(page, m)
	}
	return page, wrap("read messages", storeError(rows.Err()))
}

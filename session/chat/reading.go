package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// What a person did with a room: visits, reading, drafts, listening.

// Recent is a room that was visited, with what a list of rooms shows of it.
type Recent struct {
	Key     RoomKey
	Address string // where the server was last reached
	Visited time.Time
	Last    Message // the newest message; its ID is empty when there is none
	Unread  int
}

// Recents lists the rooms last visited, newest first.
func (s *Store) Recents(ctx context.Context, limit int) ([]Recent, error) {
	rows, err := s.query(ctx, `SELECT id, server, app, room, address, visited FROM rooms
		WHERE visited > 0 ORDER BY visited DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list recent rooms: %w", err)
	}
	defer rows.Close()
	var (
		recents []Recent
		rooms   []*RoomStore
	)
	for rows.Next() {
		var (
			r       Recent
			id      int64
			visited int64
		)
		if err := rows.Scan(&id, &r.Key.Server, &r.Key.AppID, &r.Key.RoomID, &r.Address, &visited); err != nil {
			return nil, fmt.Errorf("list recent rooms: %w", err)
		}
		r.Visited = unixMS(visited)
		recents, rooms = append(recents, r), append(rooms, &RoomStore{store: s, id: id, key: r.Key})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list recent rooms: %w", storeError(err))
	}
	for i, room := range rooms {
		page, err := room.Newest(ctx, 1)
		if err != nil {
			return nil, err
		}
		if len(page) == 1 {
			recents[i].Last = page[0]
		}
		if recents[i].Unread, err = room.Unread(ctx); err != nil {
			return nil, err
		}
	}
	return recents, nil
}

// Visited notes that the room was entered now, and where.
func (r *RoomStore) Visited(_ context.Context, address string) error {
	return r.set("note the visit", "UPDATE rooms SET address = ?, visited = ? WHERE id = ?", address, time.Now().UnixMilli(), r.id)
}

func (r *RoomStore) set(what, statement string, args ...any) error {
	return wrap(what, r.store.writer.do(false, func(x *tx) error {
		_, err := x.exec(statement, args...)
		return err
	}))
}

// UnreadMax is where Unread stops to count.
const UnreadMax = 1000

// Unread counts the messages of others after the last one read.
func (r *RoomStore) Unread(ctx context.Context) (n int, err error) {
	err = r.store.queryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM items
		WHERE room = ?1 AND shown = 1 AND ord > (SELECT read_ord FROM rooms WHERE id = ?1) AND own = 0 LIMIT ?2)`, []any{r.id, UnreadMax}, &n)
	return n, wrap("count the unread messages", err)
}

// ReadUpTo is the ID of the last message that was read, or empty.
func (r *RoomStore) ReadUpTo(ctx context.Context) (id string, err error) {
	err = r.store.queryRow(ctx, "SELECT read_id FROM rooms WHERE id = ?", []any{r.id}, &id)
	return id, wrap("read the reading position", err)
}

// markRead notes that all up to the message was read. changed is false when
// it was.
func (r *RoomStore) markRead(id string) (changed bool, err error) {
	err = r.store.writer.do(false, func(x *tx) error {
		var ord int64
		found, err := x.row("SELECT ord FROM items WHERE room = ? AND id = ? AND shown = 1", []any{r.id, id}, &ord)
		if err != nil {
			return err
		}
		if !found {
			return ErrNoMessage
		}
		if ord >= queuedOrder {
			return nil // an own one, without a place yet
		}
		n, err := x.exec("UPDATE rooms SET read_id = ?, read_ord = ? WHERE id = ? AND read_ord < ?", id, ord, r.id, ord)
		changed = n > 0
		return err
	})
	return changed, wrap("note what was read", err)
}

// dueReceipt is the message up to which others are to be told that the user
// has seen the room; it is empty when they were told.
func (r *RoomStore) dueReceipt(ctx context.Context) (id string, err error) {
	// A receipt says nothing when the user's own message is the last one read.
	err = r.store.queryRow(ctx, `SELECT i.id FROM rooms m JOIN items i ON i.room = m.id
		WHERE m.id = ?1 AND i.shown = 1 AND i.own = 0 AND i.ord <= m.read_ord AND i.seq > 0
			AND i.ord > coalesce((SELECT ord FROM items WHERE room = ?1 AND id = m.receipt), 0)
		ORDER BY i.ord DESC LIMIT 1`, []any{r.id}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, wrap("read the receipt", err)
}

func (r *RoomStore) receiptStored(id string) error {
	return r.set("note the receipt", "UPDATE rooms SET receipt = ? WHERE id = ?", id, r.id)
}

// noteSeen takes another's receipt, and gives how far that one has seen.
func (r *RoomStore) noteSeen(x *tx, user, id string) (int64, error) {
	var ord int64
	if _, err := x.row("SELECT ord FROM items WHERE room = ? AND id = ? AND ord < ?", []any{r.id, id, queuedOrder}, &ord); err != nil {
		return 0, err
	}
	_, err := x.exec(`INSERT INTO seen (room, user, id, ord) VALUES (?, ?, ?, ?)
		ON CONFLICT (room, user) DO UPDATE SET id = excluded.id, ord = excluded.ord WHERE excluded.ord > ord OR excluded.ord = 0 AND ord = 0`,
		r.id, user, id, ord)
	return ord, err
}

// seenUpTo is how far anybody has seen the room. Own messages are never behind
// it by the user's own reading: receipts name messages of others.
func (r *RoomStore) seenUpTo(ctx context.Context) (ord int64, err error) {
	err = r.store.queryRow(ctx, "SELECT coalesce(max(ord), 0) FROM seen WHERE room = ?", []any{r.id}, &ord)
	return ord, wrap("read the receipts", err)
}

// Seen is how far a person has seen the room.
type Seen struct {
	UserID string
	UpTo   string // a message's ID
}

// Seen lists the people whose receipts came.
func (r *RoomStore) Seen(ctx context.Context) ([]Seen, error) {
	rows, err := r.store.query(ctx, "SELECT user, id FROM seen WHERE room = ? ORDER BY user", r.id)
	if err != nil {
		return nil, wrap("read the receipts", err)
	}
	defer rows.Close()
	var list []Seen
	for rows.Next() {
		var s Seen
		if err := rows.Scan(&s.UserID, &s.UpTo); err != nil {
			return nil, wrap("read the receipts", err)
		}
		list = append(list, s)
	}
	return list, wrap("read the receipts", storeError(rows.Err()))
}

// ownBetween lists own messages that the server has, after one place and up to
// another, newest first.
func (r *RoomStore) ownBetween(ctx context.Context, after, upTo int64, limit int) ([]Message, error) {
	return r.page(ctx, "SELECT "+itemColumns+` FROM items i WHERE i.room = ? AND i.shown = 1 AND i.ord > ? AND i.ord <= ? AND i.own = 1
		ORDER BY i.ord DESC LIMIT ?`, r.id, after, upTo, limit)
}

// SetDraft keeps what stands in the composer.
func (r *RoomStore) SetDraft(_ context.Context, text string) error {
	return r.set("keep the draft", "UPDATE rooms SET draft = ? WHERE id = ? AND draft <> ?", text, r.id, text)
}

// Draft is what stood in the composer.
func (r *RoomStore) Draft(ctx context.Context) (text string, err error) {
	err = r.store.queryRow(ctx, "SELECT draft FROM rooms WHERE id = ?", []any{r.id}, &text)
	return text, wrap("read the draft", err)
}

// SetScroll keeps where the list stood: so much below the top of a message, in
// the list's own units. An empty ID is the bottom.
func (r *RoomStore) SetScroll(_ context.Context, id string, offset float32) error {
	return r.set("keep the place", "UPDATE rooms SET scroll_id = ?, scroll_offset = ? WHERE id = ?", id, float64(offset), r.id)
}

// Scroll is where the list stood.
func (r *RoomStore) Scroll(ctx context.Context) (id string, offset float32, err error) {
	var v float64
	err = r.store.queryRow(ctx, "SELECT scroll_id, scroll_offset FROM rooms WHERE id = ?", []any{r.id}, &id, &v)
	return id, float32(v), wrap("read the place", err)
}

// SetHeard notes that a voice message was played.
func (r *RoomStore) SetHeard(_ context.Context, id string) error {
	return r.set("note what was heard", "UPDATE items SET heard = 1 WHERE room = ? AND id = ?", r.id, id)
}

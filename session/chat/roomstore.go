package chat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// RoomStore is one room of the store.
type RoomStore struct {
	store *Store
	id    int64
	key   RoomKey
}

// Room finds the room, or begins its history.
func (s *Store) Room(ctx context.Context, key RoomKey) (*RoomStore, error) {
	var id int64
	err := s.write.QueryRowContext(ctx, `INSERT INTO rooms (server, app, room) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET server = server RETURNING id`, key.Server, key.AppID, key.RoomID).Scan(&id)
	if err != nil {
		return nil, fmt.Errorf("open room %s in the store: %w", key.RoomID, err)
	}
	return &RoomStore{store: s, id: id, key: key}, nil
}

// Recent is a room that was visited, with what a list of rooms shows of it.
type Recent struct {
	Key     RoomKey
	Address string // where the server was last reached
	Visited time.Time
	Last    Message // the newest message; its ID is empty when there is none
}

// Recents lists the rooms last visited, newest first.
func (s *Store) Recents(ctx context.Context, limit int) ([]Recent, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, server, app, room, address, visited FROM rooms
		WHERE visited > 0 ORDER BY visited DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list recent rooms: %w", err)
	}
	defer rows.Close()
	var (
		recents []Recent
		ids     []int64
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
		recents, ids = append(recents, r), append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list recent rooms: %w", err)
	}
	for i := range recents {
		page, err := (&RoomStore{store: s, id: ids[i], key: recents[i].Key}).Newest(ctx, 1)
		if err != nil {
			return nil, err
		}
		if len(page) == 1 {
			recents[i].Last = page[0]
		}
	}
	return recents, nil
}

// Visited notes that the room was entered now, and where.
func (r *RoomStore) Visited(ctx context.Context, address string) error {
	_, err := r.store.write.ExecContext(ctx, "UPDATE rooms SET address = ?, visited = ? WHERE id = ?", address, time.Now().UnixMilli(), r.id)
	return wrap("note the visit", err)
}

// AddQueued stores an own message before it is sent.
func (r *RoomStore) AddQueued(ctx context.Context, m Message, envelope []byte) error {
	_, err := r.store.write.ExecContext(ctx, `INSERT INTO messages (room, id, seq, user, name, own, kind, text, status, time, sent, envelope)
		VALUES (?, ?, NULL, ?, ?, 1, ?, ?, ?, ?, ?, ?)`,
		r.id, m.ID, m.UserID, m.Name, m.Kind, m.Text, StatusQueued, m.Sent.UnixMilli(), m.Sent.UnixMilli(), envelope)
	return wrap("store the message", err)
}

// Received stores a message that came from the server, and how far the
// server's messages are here. An own message that was queued becomes stored.
// changed is false when the store had it just so.
func (r *RoomStore) Received(ctx context.Context, m Message, envelope []byte) (changed bool, err error) {
	tx, err := r.store.write.BeginTx(ctx, nil)
	if err != nil {
		return false, wrap("store the message", err)
	}
	defer func() { _ = tx.Rollback() }()
	result, err := tx.ExecContext(ctx, `INSERT INTO messages (room, id, seq, user, name, own, kind, text, status, time, sent, envelope)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (room, id) DO UPDATE SET seq = excluded.seq, status = max(status * (status <> ?), excluded.status), reason = '', time = excluded.time
		WHERE (seq IS NULL OR status = ?) AND user = excluded.user`,
		r.id, m.ID, int64(m.Seq), m.UserID, m.Name, m.Own, m.Kind, m.Text, StatusStored, m.Time.UnixMilli(), m.Sent.UnixMilli(), envelope,
		StatusFailed, StatusFailed)
	if err != nil {
		return false, wrap("store the message", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, wrap("store the message", err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE rooms SET last_seq = max(last_seq, ?) WHERE id = ?", int64(m.Seq), r.id); err != nil {
		return false, wrap("store the message", err)
	}
	return n > 0, wrap("store the message", tx.Commit())
}

// Skip notes that the server's message seq is not one to keep.
func (r *RoomStore) Skip(ctx context.Context, seq uint64) error {
	_, err := r.store.write.ExecContext(ctx, "UPDATE rooms SET last_seq = max(last_seq, ?) WHERE id = ?", int64(seq), r.id)
	return wrap("note the position", err)
}

// Acknowledge notes that the server stored an own message. changed is false
// when that was known, as it is when the message came back first.
func (r *RoomStore) Acknowledge(ctx context.Context, id string, seq uint64) (changed bool, err error) {
	result, err := r.store.write.ExecContext(ctx, `UPDATE messages SET seq = ?, status = ?, reason = ''
		WHERE room = ? AND id = ? AND status IN (?, ?)`, int64(seq), StatusStored, r.id, id, StatusQueued, StatusFailed)
	if err != nil {
		return false, wrap("acknowledge the message", err)
	}
	n, err := result.RowsAffected()
	return n > 0, wrap("acknowledge the message", err)
}

// Fail notes that the server refused an own message for good.
func (r *RoomStore) Fail(ctx context.Context, id, reason string) error {
	_, err := r.store.write.ExecContext(ctx, "UPDATE messages SET status = ?, reason = ? WHERE room = ? AND id = ? AND status = ?",
		StatusFailed, reason, r.id, id, StatusQueued)
	return wrap("note the refusal", err)
}

// Requeue lets a refused message be sent again.
func (r *RoomStore) Requeue(ctx context.Context, id string) error {
	_, err := r.store.write.ExecContext(ctx, "UPDATE messages SET status = ?, reason = '' WHERE room = ? AND id = ? AND status = ?",
		StatusQueued, r.id, id, StatusFailed)
	return wrap("queue the message again", err)
}

// Queued gives the oldest own message that waits to be sent, with its
// envelope; ok is false when there is none.
func (r *RoomStore) Queued(ctx context.Context) (id string, envelope []byte, ok bool, err error) {
	err = r.store.read.QueryRowContext(ctx, "SELECT id, envelope FROM messages WHERE room = ? AND status = 0 ORDER BY id LIMIT 1", r.id).Scan(&id, &envelope)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, false, nil
	}
	return id, envelope, err == nil, wrap("read the outbox", err)
}

// Position tells from which server sequence the replay goes on. stream names
// the server's stream; when it is another than before, the replay starts over.
func (r *RoomStore) Position(ctx context.Context, stream string) (uint64, error) {
	var (
		known string
		last  int64
	)
	if err := r.store.read.QueryRowContext(ctx, "SELECT stream, last_seq FROM rooms WHERE id = ?", r.id).Scan(&known, &last); err != nil {
		return 0, wrap("read the position", err)
	}
	if known == stream {
		return uint64(last) + 1, nil
	}
	_, err := r.store.write.ExecContext(ctx, "UPDATE rooms SET stream = ?, last_seq = 0 WHERE id = ?", stream, r.id)
	return 1, wrap("note the stream", err)
}

const messageColumns = "id, coalesce(seq, 0), user, name, own, kind, text, status, reason, time, sent, envelope"

// Message reads one message; ok is false when the store does not have it.
func (r *RoomStore) Message(ctx context.Context, id string) (m Message, ok bool, err error) {
	page, err := r.page(ctx, "SELECT "+messageColumns+" FROM messages WHERE room = ? AND id = ?", r.id, id)
	if err != nil || len(page) == 0 {
		return Message{}, false, err
	}
	return page[0], true, nil
}

// Newest reads the last messages of the room, oldest of them first.
func (r *RoomStore) Newest(ctx context.Context, limit int) ([]Message, error) {
	page, err := r.page(ctx, "SELECT "+messageColumns+` FROM messages WHERE room = ?
		ORDER BY coalesce(seq, 9223372036854775807) DESC, id DESC LIMIT ?`, r.id, limit)
	slices.Reverse(page)
	return page, err
}

// Before reads the messages before the one named, oldest of them first.
func (r *RoomStore) Before(ctx context.Context, id string, limit int) ([]Message, error) {
	page, err := r.page(ctx, "SELECT "+messageColumns+` FROM messages WHERE room = ?1
		AND (coalesce(seq, 9223372036854775807), id) < (SELECT coalesce(seq, 9223372036854775807), id FROM messages WHERE room = ?1 AND id = ?2)
		ORDER BY coalesce(seq, 9223372036854775807) DESC, id DESC LIMIT ?3`, r.id, id, limit)
	slices.Reverse(page)
	return page, err
}

func (r *RoomStore) page(ctx context.Context, query string, args ...any) ([]Message, error) {
	rows, err := r.store.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, wrap("read messages", err)
	}
	defer rows.Close()
	var page []Message
	for rows.Next() {
		var (
			m        Message
			seq      int64
			at, sent int64
			envelope []byte
		)
		if err := rows.Scan(&m.ID, &seq, &m.UserID, &m.Name, &m.Own, &m.Kind, &m.Text, &m.Status, &m.Reason, &at, &sent, &envelope); err != nil {
			return nil, wrap("read messages", err)
		}
		m.Seq, m.Time, m.Sent, m.RoomID = uint64(seq), unixMS(at), unixMS(sent), r.key.RoomID
		// Asked of the envelope and not stored: a newer Parley may know the kind.
		e, err := ParseEnvelope(envelope)
		m.Supported = err == nil && e.Supported()
		page = append(page, m)
	}
	return page, wrap("read messages", rows.Err())
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

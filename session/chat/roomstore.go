package chat

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"
)

// RoomStore is one room of the store.
type RoomStore struct {
	store *Store
	id    int64
	key   RoomKey
}

// Room finds the room, or begins its history.
func (s *Store) Room(_ context.Context, key RoomKey) (*RoomStore, error) {
	var id int64
	err := s.writer.do(false, func(x *tx) error {
		_, err := x.row(`INSERT INTO rooms (server, app, room) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET server = server RETURNING id`, []any{key.Server, key.AppID, key.RoomID}, &id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open room %s in the store: %w", key.RoomID, err)
	}
	return &RoomStore{store: s, id: id, key: key}, nil
}

// Key names the room.
func (r *RoomStore) Key() RoomKey { return r.key }

// Incoming is a message as the server has it.
type Incoming struct {
	UserID   string // proved by the subject
	Own      bool
	Seq      uint64
	Time     time.Time // the server's clock
	Envelope Envelope  // parsed from Data
	Data     []byte
}

// span is a range of the server's sequences, both ends included.
type span struct{ first, last uint64 }

// received is what a batch changed.
type received struct {
	messages []string // IDs, in the order of the batch, each once
	seen     int64    // up to where others have newly seen the room; 0 if nowhere
}

func (c *received) add(id string) {
	for _, known := range c.messages {
		if known == id {
			return
		}
	}
	c.messages = append(c.messages, id)
}

// receive stores messages that came from the server, and that covered is now
// here. Each ID is stored once: an own message that was queued becomes stored,
// one that the server has twice stays where it was first.
func (r *RoomStore) receive(batch []Incoming, covered span) (received, error) {
	var result received
	err := r.store.writer.do(false, func(x *tx) error {
		result = received{}
		var epoch int64
		if _, err := x.row("SELECT epoch FROM rooms WHERE id = ?", []any{r.id}, &epoch); err != nil {
			return err
		}
		for i := range batch {
			if err := r.receiveOne(x, &batch[i], epoch, &result); err != nil {
				return err
			}
		}
		return r.addSpan(x, covered)
	})
	return result, wrap("store messages", err)
}

func (r *RoomStore) receiveOne(x *tx, in *Incoming, epoch int64, result *received) error {
	e := &in.Envelope
	if e.Kind == KindReceipt && e.Supported() {
		if in.Own {
			// From another device of the user: what was read there is read here.
			_, err := x.exec(`UPDATE rooms SET read_id = i.id, read_ord = i.ord, receipt = i.id FROM items i
				WHERE rooms.id = ?1 AND i.room = ?1 AND i.id = ?2 AND i.ord > read_ord AND i.ord < ?3`, r.id, e.Target, queuedOrder)
			return err
		}
		ord, err := r.noteSeen(x, in.UserID, e.Target)
		result.seen = max(result.seen, ord)
		return err
	}
	var (
		num, seq, ord, at int64
		user              string
	)
	order := orderOf(epoch, in.Seq)
	known, err := x.row("SELECT num, user, seq, ord, time FROM items WHERE room = ? AND id = ?", []any{r.id, e.ID}, &num, &user, &seq, &ord, &at)
	switch {
	case err != nil:
		return err
	case known && user != in.UserID:
		return nil // somebody else's ID is not taken over
	case known && seq != 0 && ord <= order:
		if ord == order && at != in.Time.UnixMilli() {
			// Acknowledged before it came back: only now is the server's time known.
			if _, err := x.exec("UPDATE items SET time = ? WHERE num = ?", in.Time.UnixMilli(), num); err != nil {
				return err
			}
			result.add(e.ID)
		}
		return nil
	case known:
		if _, err := x.exec("UPDATE items SET seq = ?, ord = ?, status = ?, reason = '', time = ? WHERE num = ?",
			int64(in.Seq), order, StatusStored, in.Time.UnixMilli(), num); err != nil {
			return err
		}
	default:
		row := itemRow{seq: in.Seq, ord: order, user: in.UserID, own: in.Own, status: StatusStored, time: in.Time, envelope: in.Data}
		if num, err = r.insert(x, e, row); err != nil {
			return err
		}
		if e.bubble() {
			// What came before it, from a newer page, may be about it.
			if err := r.applyIfChanged(x, e.ID); err != nil {
				return err
			}
			if _, err := x.exec("UPDATE seen SET ord = ? WHERE room = ? AND id = ? AND ord = 0", order, r.id, e.ID); err != nil {
				return err
			}
		}
	}
	if e.bubble() {
		result.add(e.ID)
		return nil
	}
	result.add(e.Target)
	return r.applyChanges(x, e.Target)
}

// bubble reports whether the message has a bubble: it is one that this program
// knows to have one, or does not know at all.
func (e *Envelope) bubble() bool { return !e.Supported() || e.Kind.bubble() }

// itemRow is what a row has beside the envelope.
type itemRow struct {
	seq      uint64
	ord      int64
	user     string
	own      bool
	status   Status
	reason   string
	time     time.Time
	heard    bool
	envelope []byte
}

// insert adds a row and what a search finds it by. The row's number is by
// time, with a part of the ID's hash to tell those of one millisecond apart.
func (r *RoomStore) insert(x *tx, e *Envelope, row itemRow) (num int64, err error) {
	h := fnv.New32a()
	_, _ = h.Write(binary.BigEndian.AppendUint64([]byte(e.ID), uint64(r.id)))
	num = max(row.time.UnixMilli(), 1)<<20 | int64(h.Sum32()>>12)
	for {
		taken, err := x.row("SELECT 1 FROM items WHERE num = ?", []any{num}, new(int))
		if err != nil {
			return 0, err
		}
		if !taken {
			break
		}
		num++
	}
	if _, err := x.exec(`INSERT INTO items (num, room, id, seq, ord, user, own, kind, shown, target, status, reason, time, sent, heard, envelope)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		num, r.id, e.ID, int64(row.seq), row.ord, row.user, row.own, e.Kind, e.bubble(), e.Target, row.status, row.reason,
		row.time.UnixMilli(), e.Sent.UnixMilli(), row.heard, row.envelope); err != nil {
		return 0, err
	}
	if words := searchable(*e, e.Text); words != "" && e.bubble() {
		if _, err := x.exec("INSERT INTO words (rowid, text) VALUES (?, ?)", num, words); err != nil {
			return 0, err
		}
	}
	return num, nil
}

// queue stores an own message before it is sent.
func (r *RoomStore) queue(e Envelope, user string) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the message: %w", err)
	}
	if len(data) > EnvelopeMax {
		return ErrEnvelopeSize
	}
	err = r.store.writer.do(true, func(x *tx) error {
		ord, err := r.nextQueued(x)
		if err != nil {
			return err
		}
		if _, err := r.insert(x, &e, itemRow{ord: ord, user: user, own: true, status: StatusQueued, time: e.Sent, envelope: data}); err != nil {
			return err
		}
		if e.File != nil {
			if _, err := x.exec("INSERT INTO uploads (room, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING", r.id, e.File.SHA256); err != nil {
				return err
			}
		}
		if e.bubble() {
			return nil
		}
		return r.applyChanges(x, e.Target)
	})
	return wrap("store the message", err)
}

func (r *RoomStore) nextQueued(x *tx) (int64, error) {
	var last sql.NullInt64
	// Queued rows are the last of the index.
	_, err := x.row("SELECT ord FROM items WHERE room = ? AND status = 0 ORDER BY ord DESC LIMIT 1", []any{r.id}, &last)
	return max(queuedOrder, last.Int64) + 1, err
}

// acknowledge notes that the server stored an own message. changed is false
// when that was known, as it is when the message came back first.
func (r *RoomStore) acknowledge(id string, seq uint64) (changed bool, err error) {
	err = r.store.writer.do(false, func(x *tx) error {
		n, err := x.exec(`UPDATE items SET seq = ?1, status = ?2, reason = '', ord = ?3 + ((SELECT epoch FROM rooms WHERE id = ?4) << ?5)
			WHERE room = ?4 AND id = ?6 AND status IN (?7, ?8)`,
			int64(seq), StatusStored, orderOf(0, seq), r.id, epochShift, id, StatusQueued, StatusFailed)
		changed = n > 0
		return err
	})
	return changed, wrap("acknowledge the message", err)
}

// fail notes that the server refused an own message for good. It stays behind
// the last message that the server has.
func (r *RoomStore) fail(id, reason string) error {
	return wrap("note the refusal", r.store.writer.do(true, func(x *tx) error {
		if _, err := x.exec(`UPDATE items SET status = ?1, reason = ?2, ord = min(
				coalesce((SELECT ord FROM items WHERE room = ?3 AND shown = 1 AND ord < ?4 ORDER BY ord DESC LIMIT 1), 0) + 1,
				coalesce((SELECT ord FROM items WHERE room = ?3 AND shown = 1 AND ord < ?4 AND seq > 0 ORDER BY ord DESC LIMIT 1), 0) | 255)
			WHERE room = ?3 AND id = ?5 AND status = ?6`, StatusFailed, reason, r.id, queuedOrder, id, StatusQueued); err != nil {
			return err
		}
		return r.applyTarget(x, id)
	}))
}

// requeue lets a refused message be sent again, after those that wait.
func (r *RoomStore) requeue(id string) error {
	return wrap("queue the message again", r.store.writer.do(true, func(x *tx) error {
		ord, err := r.nextQueued(x)
		if err != nil {
			return err
		}
		n, err := x.exec("UPDATE items SET status = ?, reason = '', ord = ? WHERE room = ? AND id = ? AND status = ?",
			StatusQueued, ord, r.id, id, StatusFailed)
		if err == nil && n == 0 {
			err = ErrNoMessage
		}
		if err != nil {
			return err
		}
		return r.applyTarget(x, id)
	}))
}

// discard forgets an own message that the server does not have.
func (r *RoomStore) discard(id string) error {
	return wrap("discard the message", r.store.writer.do(true, func(x *tx) error {
		var (
			num      int64
			target   string
			envelope []byte
		)
		found, err := x.row("SELECT num, target, envelope FROM items WHERE room = ? AND id = ? AND seq = 0 AND status IN (?, ?)",
			[]any{r.id, id, StatusQueued, StatusFailed}, &num, &target, &envelope)
		if err != nil {
			return err
		}
		if !found {
			return ErrNoMessage
		}
		for _, statement := range []string{"DELETE FROM words WHERE rowid = ?", "DELETE FROM items WHERE num = ?"} {
			if _, err := x.exec(statement, num); err != nil {
				return err
			}
		}
		if e, err := ParseEnvelope(envelope); err == nil && e.File != nil {
			if err := r.releaseUpload(x, e.File.SHA256); err != nil {
				return err
			}
		}
		if target == "" {
			return nil
		}
		return r.applyChanges(x, target)
	}))
}

// waiting is the oldest own message that waits to be sent.
type waiting struct {
	id       string
	target   string
	envelope []byte
}

// nextWaiting gives it, or ok is false.
func (r *RoomStore) nextWaiting(ctx context.Context) (w waiting, ok bool, err error) {
	err = r.store.queryRow(ctx, "SELECT id, target, envelope FROM items WHERE room = ? AND status = 0 ORDER BY ord LIMIT 1",
		[]any{r.id}, &w.id, &w.target, &w.envelope)
	if errors.Is(err, sql.ErrNoRows) {
		return w, false, nil
	}
	return w, err == nil, wrap("read the outbox", err)
}

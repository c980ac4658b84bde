package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Record is a row of the history as it is carried to another store: everything
// that travelled, changes included, and what is known of it here.
type Record struct {
	UserID   string          `json:"user"`
	Own      bool            `json:"own,omitempty"`
	Seq      uint64          `json:"seq,omitempty"` // 0 while it waits or was refused
	Status   string          `json:"status"`
	Reason   string          `json:"reason,omitempty"`
	TimeMS   int64           `json:"time_ms"` // Unix, the server's clock once stored
	Heard    bool            `json:"heard,omitempty"`
	Envelope json.RawMessage `json:"envelope"`

	order int64
}

// RoomInfo is what is carried of a room beside its messages.
type RoomInfo struct {
	Server  string `json:"server"`
	AppID   string `json:"app"`
	RoomID  string `json:"room"`
	Address string `json:"address,omitempty"`
	Visited int64  `json:"visited_ms,omitempty"`
	// Stream tells which of the server's streams the sequences are of.
	Stream string `json:"stream,omitempty"`
	Draft  string `json:"draft,omitempty"`
	ReadID string `json:"read_id,omitempty"`
}

// Key names the room.
func (i RoomInfo) Key() RoomKey { return RoomKey{i.Server, i.AppID, i.RoomID} }

// Count is how many rows all rooms have.
func (s *Store) Count(ctx context.Context) (n int, err error) {
	err = s.queryRow(ctx, "SELECT count(*) FROM items", nil, &n)
	return n, wrap("count the messages", err)
}

// Rooms lists all rooms of the store.
func (s *Store) Rooms(ctx context.Context) ([]RoomInfo, error) {
	rows, err := s.query(ctx, "SELECT server, app, room, address, visited, stream, draft, read_id FROM rooms ORDER BY id")
	if err != nil {
		return nil, wrap("list the rooms", err)
	}
	defer rows.Close()
	var list []RoomInfo
	for rows.Next() {
		var i RoomInfo
		if err := rows.Scan(&i.Server, &i.AppID, &i.RoomID, &i.Address, &i.Visited, &i.Stream, &i.Draft, &i.ReadID); err != nil {
			return nil, wrap("list the rooms", err)
		}
		list = append(list, i)
	}
	return list, wrap("list the rooms", storeError(rows.Err()))
}

// Records reads the room's rows after the one given, in the order of the room;
// the zero Record is before the first.
func (r *RoomStore) Records(ctx context.Context, after Record, limit int) ([]Record, error) {
	rows, err := r.store.query(ctx, `SELECT ord, user, own, seq, status, reason, time, heard, envelope FROM items
		WHERE room = ? AND ord > ? ORDER BY ord LIMIT ?`, r.id, after.order, limit)
	if err != nil {
		return nil, wrap("read the history", err)
	}
	defer rows.Close()
	var list []Record
	for rows.Next() {
		var (
			rec      Record
			seq      int64
			status   Status
			envelope []byte
		)
		if err := rows.Scan(&rec.order, &rec.UserID, &rec.Own, &seq, &status, &rec.Reason, &rec.TimeMS, &rec.Heard, &envelope); err != nil {
			return nil, wrap("read the history", err)
		}
		rec.Seq, rec.Status, rec.Envelope = uint64(seq), status.String(), envelope
		list = append(list, rec)
	}
	return list, wrap("read the history", storeError(rows.Err()))
}

// Restore adds rows of another store to a room, which it makes when there is
// none. What is here already stays as it is. It gives how many were new; a row
// that can't be read is an error, and none of the call's rows are kept.
func (s *Store) Restore(ctx context.Context, info RoomInfo, records []Record) (added int, err error) {
	r, err := s.Room(ctx, info.Key())
	if err != nil {
		return 0, err
	}
	type row struct {
		Record
		e      Envelope
		status Status
	}
	rows := make([]row, len(records))
	for i, rec := range records {
		e, err := ParseEnvelope(rec.Envelope)
		if err != nil {
			// A deleted one has no content any more.
			var h Envelope
			if json.Unmarshal(rec.Envelope, &h) != nil || !isID(h.ID) || h.Text != "" || h.File != nil {
				return 0, err
			}
			e = h
		}
		status := StatusStored
		switch rec.Status {
		case StatusQueued.String():
			status = StatusQueued
		case StatusFailed.String():
			status = StatusFailed
		}
		if status != StatusStored && !rec.Own || rec.Seq == 0 && status == StatusStored || rec.Seq >= 1<<35 {
			return 0, fmt.Errorf("%w: a row that no store has", ErrEnvelope)
		}
		rows[i] = row{rec, e, status}
	}
	err = s.writer.do(false, func(x *tx) error {
		added = 0
		epoch, err := r.adopt(x, info)
		if err != nil {
			return err
		}
		for i := range rows {
			row := &rows[i]
			known, err := x.row("SELECT 1 FROM items WHERE room = ? AND id = ?", []any{r.id, row.e.ID}, new(int))
			if err != nil {
				return err
			}
			if known {
				continue
			}
			ord := orderOf(epoch, row.Seq)
			switch row.status {
			case StatusQueued:
				if ord, err = r.nextQueued(x); err != nil {
					return err
				}
			case StatusFailed:
				// After the one that it followed.
				if _, err := x.row("SELECT ord + 1 FROM items WHERE room = ? AND shown = 1 AND ord < ? ORDER BY ord DESC LIMIT 1", []any{r.id, queuedOrder}, &ord); err != nil {
					return err
				}
			default:
			}
			if _, err := r.insert(x, &row.e, itemRow{
				seq: row.Seq, ord: ord, user: row.UserID, own: row.Own, status: row.status, reason: row.Reason,
				time: time.UnixMilli(row.TimeMS), heard: row.Heard, envelope: row.Envelope,
			}); err != nil {
				return err
			}
			added++
			target := row.e.ID
			if !row.e.bubble() {
				target = row.e.Target
			}
			if err := r.applyIfChanged(x, target); err != nil {
				return err
			}
		}
		return nil
	})
	return added, wrap("restore messages", err)
}

// applyIfChanged applies the changes of a message that has some.
func (r *RoomStore) applyIfChanged(x *tx, id string) error {
	var waits bool
	if _, err := x.row("SELECT EXISTS (SELECT 1 FROM items WHERE room = ? AND target = ? AND target <> '')", []any{r.id, id}, &waits); err != nil || !waits {
		return err
	}
	return r.applyChanges(x, id)
}

// adopt takes what is carried of a room where nothing is known of it, and
// gives the epoch of the carried sequences.
func (r *RoomStore) adopt(x *tx, info RoomInfo) (epoch int64, err error) {
	var stream string
	if _, err := x.row("SELECT epoch, stream FROM rooms WHERE id = ?", []any{r.id}, &epoch, &stream); err != nil {
		return 0, err
	}
	if stream != "" && stream != info.Stream {
		return epoch - 1, nil // of a server that lost its data since
	}
	_, err = x.exec(`UPDATE rooms SET stream = ?, address = CASE address WHEN '' THEN ? ELSE address END, visited = max(visited, ?),
		draft = CASE draft WHEN '' THEN ? ELSE draft END WHERE id = ?`, info.Stream, info.Address, info.Visited, info.Draft, r.id)
	return epoch, err
}

// RestoreReading sets what was read of a restored room, once its messages are
// there.
func (s *Store) RestoreReading(ctx context.Context, info RoomInfo) error {
	r, err := s.Room(ctx, info.Key())
	if err != nil || info.ReadID == "" {
		return err
	}
	if _, err := r.markRead(info.ReadID); err != nil {
		return nil //nolint:nilerr // that message was not carried
	}
	return nil
}

package chat

import (
	"context"
	"database/sql"
	"errors"
)

// useStream notes which of the server's streams the room is, the oldest
// sequence that it keeps, and the newest. Another stream than before counts
// anew: what is here stays before it, and nothing of it is on the new server.
// A stream that ends before what is here lost its end, as after a failure of
// the power: what the user sent of it is queued again.
func (r *RoomStore) useStream(stream string, first, last uint64) error {
	return wrap("note the stream", r.store.writer.do(false, func(x *tx) error {
		var known string
		if _, err := x.row("SELECT stream FROM rooms WHERE id = ?", []any{r.id}, &known); err != nil {
			return err
		}
		if known != "" && known != stream {
			for _, statement := range []string{
				"UPDATE rooms SET epoch = epoch + 1, receipt = '' WHERE id = ?",
				"DELETE FROM spans WHERE room = ?",
				"UPDATE uploads SET done = 0 WHERE room = ?",
			} {
				if _, err := x.exec(statement, r.id); err != nil {
					return err
				}
			}
		}
		if err := r.cutOff(x, int64(last)); err != nil {
			return err
		}
		_, err := x.exec("UPDATE rooms SET stream = ?, first_seq = ? WHERE id = ?", stream, int64(max(first, 1)), r.id)
		return err
	}))
}

// cutOff forgets that the server has anything after last.
func (r *RoomStore) cutOff(x *tx, last int64) error {
	var beyond bool
	if _, err := x.row("SELECT EXISTS (SELECT 1 FROM spans WHERE room = ? AND last > ?)", []any{r.id, last}, &beyond); err != nil || !beyond {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM spans WHERE room = ?1 AND first > ?2",
		"UPDATE spans SET last = ?2 WHERE room = ?1 AND last > ?2",
		"UPDATE uploads SET done = 0 WHERE room = ?1 AND ?2 >= 0",
	} {
		if _, err := x.exec(statement, r.id, last); err != nil {
			return err
		}
	}
	_, err := x.exec(`UPDATE items SET ord = ? + seq, seq = 0, status = ? WHERE room = ? AND own = 1 AND seq > ?
		AND ord >= (SELECT epoch FROM rooms WHERE id = ?3) << ?5`, queuedOrder, StatusQueued, r.id, last, epochShift)
	return err
}

// addSpan notes that all of s is here, joining what it touches.
func (r *RoomStore) addSpan(x *tx, s span) error {
	if s.last < s.first || s.first == 0 {
		return nil
	}
	first, last := int64(s.first), int64(s.last)
	if _, err := x.row("SELECT coalesce(min(first), ?2), coalesce(max(last), ?3) FROM spans WHERE room = ?1 AND first <= ?3 + 1 AND last >= ?2 - 1",
		[]any{r.id, first, last}, &first, &last); err != nil {
		return err
	}
	first, last = min(first, int64(s.first)), max(last, int64(s.last))
	if _, err := x.exec("DELETE FROM spans WHERE room = ? AND first >= ? AND last <= ?", r.id, first, last); err != nil {
		return err
	}
	_, err := x.exec("INSERT INTO spans (room, first, last) VALUES (?, ?, ?)", r.id, first, last)
	return err
}

// latest is the newest span; ok is false when nothing is here.
func (r *RoomStore) latest(ctx context.Context) (s span, ok bool, err error) {
	return r.span(ctx, "SELECT first, last FROM spans WHERE room = ? ORDER BY first DESC LIMIT 1", r.id)
}

// gapBelow is the nearest range of sequences before seq that the server may
// have and this store does not.
func (r *RoomStore) gapBelow(ctx context.Context, seq uint64) (gap span, ok bool, err error) {
	// The span that seq is in, or that ends nearest before it.
	in, found, err := r.span(ctx, "SELECT first, last FROM spans WHERE room = ? AND first <= ? ORDER BY first DESC LIMIT 1", r.id, int64(seq))
	if err != nil {
		return span{}, false, err
	}
	top := seq - 1
	if found && in.last+1 >= seq {
		top = in.first - 1
		in, found, err = r.span(ctx, "SELECT first, last FROM spans WHERE room = ? AND last <= ? ORDER BY first DESC LIMIT 1", r.id, int64(top))
		if err != nil {
			return span{}, false, err
		}
	}
	var first int64
	if err := r.store.queryRow(ctx, "SELECT first_seq FROM rooms WHERE id = ?", []any{r.id}, &first); err != nil {
		return span{}, false, wrap("read the room", err)
	}
	gap = span{uint64(first), top}
	if found {
		gap.first = max(gap.first, in.last+1)
	}
	return gap, gap.first <= gap.last, nil
}

func (r *RoomStore) span(ctx context.Context, query string, args ...any) (span, bool, error) {
	var first, last int64
	err := r.store.queryRow(ctx, query, args, &first, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return span{}, false, nil
	}
	return span{uint64(first), uint64(last)}, err == nil, wrap("read what is here", err)
}

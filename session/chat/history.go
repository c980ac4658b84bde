package chat

import (
	"context"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"
)

// The pages of a conversation are those of the store, with what the store
// lacks brought from the server first. Without a connection they end where the
// store does.

// Newest reads the last messages of the room, oldest first.
func (c *Conversation) Newest(ctx context.Context, limit int) ([]Message, error) {
	page, err := c.room.Newest(ctx, limit)
	if err != nil {
		return nil, err
	}
	return c.whole(ctx, page, limit, func() ([]Message, error) { return c.room.Newest(ctx, limit) })
}

// Before reads the messages before the one named, oldest first.
func (c *Conversation) Before(ctx context.Context, id string, limit int) ([]Message, error) {
	read := func() ([]Message, error) { return c.room.Before(ctx, id, limit) }
	if err := c.fillBelow(ctx, id); err != nil {
		return nil, err
	}
	page, err := read()
	if err != nil {
		return nil, err
	}
	return c.whole(ctx, page, limit, read)
}

// After reads the messages after the one named, oldest first.
func (c *Conversation) After(ctx context.Context, id string, limit int) ([]Message, error) {
	page, err := c.room.After(ctx, id, limit)
	if err != nil {
		return nil, err
	}
	return c.whole(ctx, page, limit, func() ([]Message, error) { return c.room.After(ctx, id, limit) })
}

// Around reads the message named and those around it. One that is not here is
// looked for at the server, near when its ID says that it was written.
func (c *Conversation) Around(ctx context.Context, id string, limit int) ([]Message, error) {
	read := func() ([]Message, error) { return c.room.Around(ctx, id, limit) }
	page, err := read()
	if errors.Is(err, ErrNoMessage) {
		made, parseErr := ulid.ParseStrict(id)
		if parseErr != nil {
			return nil, ErrNoMessage
		}
		if err := c.locate(ctx, id, ulid.Time(made.Time())); err != nil {
			return nil, err
		}
		page, err = read()
	}
	if err != nil {
		return nil, err
	}
	return c.whole(ctx, page, limit, read)
}

// At reads messages from the first one at or after t on.
func (c *Conversation) At(ctx context.Context, t time.Time, limit int) ([]Message, error) {
	read := func() ([]Message, error) { return c.room.At(ctx, t, limit) }
	page, err := read()
	if err != nil {
		return nil, err
	}
	if len(page) == 0 || page[0].Seq == 0 || c.missingBefore(ctx, page[0].Seq) {
		if err := c.fetchFrom(ctx, t); err != nil {
			return nil, err
		}
		if page, err = read(); err != nil {
			return nil, err
		}
	}
	return c.whole(ctx, page, limit, read)
}

// fillsMost bounds the requests for one page: changes and receipts between the
// messages take sequences, too.
const fillsMost = 20

// whole fills the gaps inside a page, and before it while it is short, and
// reads it again. Where the server can't be reached the page begins after its
// last gap: what is missing between two messages is not passed over.
func (c *Conversation) whole(ctx context.Context, page []Message, limit int, read func() ([]Message, error)) ([]Message, error) {
	for range fillsMost {
		at, gap, found, err := c.gapIn(ctx, page, len(page) < limit)
		if err != nil || !found {
			return c.overlayAll(page), err
		}
		if err := c.fetchGap(ctx, gap); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return c.overlayAll(page[at:]), nil // offline: what is here
		}
		if page, err = read(); err != nil {
			return nil, err
		}
	}
	return c.overlayAll(page), nil
}

// gapIn finds the newest gap inside the page, before the message at index at,
// or, where before is asked, in front of the page.
func (c *Conversation) gapIn(ctx context.Context, page []Message, before bool) (at int, gap span, found bool, err error) {
	var oldest uint64
	for _, m := range page {
		if m.Seq > 0 {
			oldest = m.Seq
			break
		}
	}
	for i := len(page) - 1; i >= 0; {
		seq := page[i].Seq
		if seq == 0 {
			i--
			continue
		}
		gap, found, err = c.room.gapBelow(ctx, seq)
		if err != nil || !found {
			return 0, span{}, false, err
		}
		if gap.last < oldest {
			return 0, gap, before && seq > 0, nil
		}
		// The messages of this span lie above the gap.
		for i >= 0 && (page[i].Seq == 0 || page[i].Seq > gap.last) {
			i--
		}
		return i + 1, gap, true, nil
	}
	return 0, span{}, false, nil
}

func (c *Conversation) missingBefore(ctx context.Context, seq uint64) bool {
	gap, ok, err := c.room.gapBelow(ctx, seq)
	return err == nil && ok && gap.last == seq-1
}

// fillBelow brings the messages just before the one named, when they are not
// here.
func (c *Conversation) fillBelow(ctx context.Context, id string) error {
	m, ok, err := c.room.Message(ctx, id)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNoMessage
	}
	if m.Seq == 0 {
		return nil
	}
	gap, found, err := c.room.gapBelow(ctx, m.Seq)
	if err != nil || !found || gap.last != m.Seq-1 {
		return err
	}
	if err := c.fetchGap(ctx, gap); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// fetchGap brings the newest part of a gap.
func (c *Conversation) fetchGap(ctx context.Context, gap span) error {
	l, _ := c.current()
	if l == nil || !l.online.Load() {
		return errOffline
	}
	gap.first = max(gap.first, gap.last-min(gap.last-1, tailMost-1))
	return l.fetch(ctx, gap, false)
}

// locate brings messages from the minute before t on, to the minute after it
// or to the one that is looked for.
func (c *Conversation) locate(ctx context.Context, id string, t time.Time) error {
	from, until := t.Add(-clockTolerance).UTC(), t.Add(clockTolerance)
	get := directGet{Batch: fillAtOnce, StartTime: &from}
	for range fillsMost {
		l, _ := c.current()
		if l == nil || !l.online.Load() {
			return nil // there is nothing but what is here
		}
		batch, next, err := l.request(ctx, get)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return nil
		}
		if err := l.store(ctx, batch, span{batch[0].Seq, next - 1}, false); err != nil {
			return err
		}
		if _, found, err := c.room.Message(ctx, id); err != nil || found || batch[len(batch)-1].Time.After(until) {
			return err
		}
		get = directGet{Seq: next, Batch: fillAtOnce}
	}
	return nil
}

// fetchFrom brings messages from a time on. Without a connection it brings
// none.
func (c *Conversation) fetchFrom(ctx context.Context, t time.Time) error {
	l, _ := c.current()
	if l == nil || !l.online.Load() {
		return nil
	}
	t = t.UTC()
	batch, next, err := l.request(ctx, directGet{Batch: tailMost, StartTime: &t})
	if err != nil || len(batch) == 0 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return nil
	}
	return l.store(ctx, batch, span{batch[0].Seq, next - 1}, false)
}

func (c *Conversation) overlayAll(page []Message) []Message {
	for i := range page {
		page[i] = c.overlay(page[i])
	}
	return page
}

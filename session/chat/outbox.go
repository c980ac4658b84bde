package chat

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// ackTimeout is how long the server has to say that it stored a message.
	ackTimeout = 5 * time.Second
	// The wait before a message is sent again, doubled with each try.
	retryFirst, retryMost = 500 * time.Millisecond, 15 * time.Second
)

// send is the outbox: it sends what is queued, oldest first and one at a time,
// so that the order of writing is the order in the room.
func (c *Conversation) send() {
	wait := retryFirst
	for {
		var again <-chan time.Time
		switch sent, err := c.sendNext(); {
		case err != nil:
			if c.ctx.Err() == nil && !errors.Is(err, nats.ErrConnectionClosed) && !errors.Is(err, errOffline) {
				c.p.Logger.Info("a message waits to be sent again", "in", wait, "error", err)
			}
			// Jitter keeps clients from coming back in step after an outage.
			again = time.After(wait/2 + rand.N(wait/2))
			wait = min(2*wait, retryMost)
		case sent:
			wait = retryFirst
			continue
		}
		select {
		case <-c.ctx.Done():
			return
		case <-c.wake:
			wait = retryFirst
		case <-again:
		}
	}
}

// errOffline means that there is no connection to send over.
var errOffline = errors.New("the chat is not connected")

// sendNext sends the oldest queued message; sent is false when there is none.
func (c *Conversation) sendNext() (sent bool, err error) {
	w, ok, err := c.room.nextWaiting(c.ctx)
	if err != nil || !ok {
		return false, err
	}
	l, files := c.current()
	if l == nil || !l.online.Load() {
		return false, errOffline
	}
	e, err := ParseEnvelope(w.envelope)
	if err != nil {
		return true, c.refused(w, ReasonRefused)
	}
	defer func() {
		// Back to queued in the window where it was not stored.
		c.clearTransient(w.id)
		if err != nil {
			c.tell(w)
		}
	}()
	if e.File != nil {
		if err := c.upload(w, files, e.File); err != nil {
			if errors.Is(err, errCancelled) {
				return true, nil
			}
			if reason := uploadReason(err); reason != "" {
				return true, c.refused(w, reason)
			}
			return false, err
		}
	}
	if err := c.pace.Wait(c.ctx); err != nil {
		return false, err
	}
	c.setTransient(w.id, transient{status: StatusSent})
	// It may have been cancelled meanwhile; from here on it can't be.
	if now, ok, err := c.room.nextWaiting(c.ctx); err != nil || !ok || now.id != w.id {
		return err == nil, err
	}
	c.tell(w)
	seq, err := l.publish(c.ctx, e, w.envelope)
	switch {
	case err == nil:
		c.clearTransient(w.id)
		changed, err := c.room.acknowledge(w.id, seq)
		if err != nil || !changed {
			return err == nil, err
		}
		c.tell(w)
		return true, nil
	case permanent(err):
		return true, c.refused(w, reasonOf(err))
	default:
		return false, err
	}
}

// tell says what became of a message, or of what a change is about.
func (c *Conversation) tell(w waiting) {
	if w.target != "" {
		c.reread(c.ctx, w.target)
	} else {
		c.reread(c.ctx, w.id)
	}
}

// refused stops one message for good; the others go on.
func (c *Conversation) refused(w waiting, reason string) error {
	c.clearTransient(w.id)
	c.p.Logger.Warn("a message was refused", "reason", reason)
	if err := c.room.fail(w.id, reason); err != nil {
		return err
	}
	c.tell(w)
	return nil
}

// Reasons of a failed message, as they stand in the store.
const (
	ReasonNotAllowed  = "not_allowed"
	ReasonTooLong     = "too_long"
	ReasonRefused     = "refused"
	ReasonRoomGone    = "room_gone"
	ReasonFileMissing = "file_missing"
	ReasonFileSize    = "file_size"
)

func reasonOf(err error) string {
	switch {
	case errors.Is(err, nats.ErrPermissionViolation):
		return ReasonNotAllowed
	case errors.Is(err, nats.ErrMaxPayload):
		return ReasonTooLong
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return ReasonRoomGone
	default:
		return ReasonRefused
	}
}

// permanent tells a refusal of this message from trouble that passes.
func permanent(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.Code >= 400 && api.Code < 500 && api.Code != 429
	}
	return errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, nats.ErrMaxPayload)
}

// pause waits, and reports whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

const (
	// receiptEvery is how often others are told at most what the user has read.
	receiptEvery = 2 * time.Second
)

// sendReceipts tells the others up to where the user has read: once for all
// that was read meanwhile.
func (c *Conversation) sendReceipts() {
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.receipt:
		}
		if err := c.sendReceipt(); err != nil && c.ctx.Err() == nil && !errors.Is(err, errOffline) {
			c.p.Logger.Info("a receipt waits to be sent again", "error", err)
		}
		if !pause(c.ctx, receiptEvery) {
			return
		}
	}
}

func (c *Conversation) sendReceipt() error {
	id, err := c.room.dueReceipt(c.ctx)
	if err != nil || id == "" {
		return err
	}
	l, _ := c.current()
	if l == nil || !l.online.Load() {
		return errOffline
	}
	e := c.envelope(KindReceipt)
	e.Target = id
	data, err := marshal(e)
	if err != nil {
		return err
	}
	if _, err := l.publish(c.ctx, e, data); err != nil {
		if permanent(err) {
			return c.room.receiptStored(id) // nobody will be told
		}
		return err
	}
	return c.room.receiptStored(id)
}

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
	id, envelope, ok, err := c.room.Queued(c.ctx)
	if err != nil || !ok {
		return false, err
	}
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l == nil {
		return false, errOffline
	}
	seq, err := l.publish(c.ctx, id, envelope)
	switch {
	case err == nil:
		changed, err := c.room.Acknowledge(c.ctx, id, seq)
		if err != nil || !changed {
			return err == nil, err
		}
	case permanent(err):
		if err := c.room.Fail(c.ctx, id, reasonOf(err)); err != nil {
			return false, err
		}
	default:
		return false, err
	}
	c.reread(c.ctx, id)
	return true, nil
}

// Reasons of a failed message, as they stand in the store.
const (
	ReasonNotAllowed = "not_allowed"
	ReasonTooLong    = "too_long"
	ReasonRefused    = "refused"
)

func reasonOf(err error) string {
	switch {
	case errors.Is(err, nats.ErrPermissionViolation):
		return ReasonNotAllowed
	case errors.Is(err, nats.ErrMaxPayload):
		return ReasonTooLong
	default:
		return ReasonRefused
	}
}

// permanent tells a refusal of this message from trouble that passes.
func permanent(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.Code >= 400 && api.Code < 500
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

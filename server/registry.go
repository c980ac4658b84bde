package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// registry holds the StreamIDs that are published, of all rooms. Each is a key of
// a bucket whose entries end by themselves, unless they are renewed: so that
// of any number of nodes one decides, and a crash leaves nothing.
type registry struct {
	bucket jetstream.KeyValue
	log    *slog.Logger
	sub    *nats.Subscription
	slots  chan struct{} // as many requests as are looked at together
	work   sync.WaitGroup
}

// holder is the value of a key.
type holder struct {
	RoomID  string `json:"room_id"`
	User    wire.User
	Session string `json:"session"`
}

const (
	registryBucket = "STREAMS"
	claimsAtOnce   = 16
	claimsTimeout  = 2 * time.Second
	claimTries     = 4
	sessionMax     = 64
)

func openRegistry(ctx context.Context, conn *nats.Conn, kv buckets, log *slog.Logger) (*registry, error) {
	bucket, err := kv.open(ctx, jetstream.KeyValueConfig{
		Bucket: registryBucket, TTL: wire.ClaimLife, History: 1, Storage: jetstream.MemoryStorage, MaxValueSize: wire.ControlMax,
	})
	if err != nil {
		return nil, fmt.Errorf("open the registry of streams: %w", err)
	}
	c := &registry{bucket: bucket, log: log, slots: make(chan struct{}, claimsAtOnce)}
	c.sub, err = conn.QueueSubscribe(wire.AllClaims, "parley", func(m *nats.Msg) {
		c.slots <- struct{}{}
		c.work.Go(func() {
			defer func() { <-c.slots }()
			c.answer(m)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("open the registry of streams: %w", err)
	}
	return c, nil
}

func (c *registry) close() {
	_ = c.sub.Unsubscribe()
	c.work.Wait()
}

func (c *registry) answer(m *nats.Msg) {
	ctx, cancel := context.WithTimeout(context.Background(), claimsTimeout)
	defer cancel()
	response := c.decide(ctx, m.Subject, m.Data)
	data, err := json.Marshal(response)
	if err == nil && m.Reply != "" {
		err = m.Respond(data)
	}
	if err != nil {
		c.log.Warn("a claim was not answered", "error", err)
	}
}

func refused(code wire.Code, message string) wire.ControlResponse {
	return wire.ControlResponse{Error: &wire.ErrorResponse{Code: code, Message: message}}
}

// decide gives a StreamID to who asks, or says who has it. The subject proves
// who asks.
func (c *registry) decide(ctx context.Context, subject string, data []byte) wire.ControlResponse {
	mine, request, err := readClaim(subject, data)
	if err != nil {
		return refused(wire.CodeBadRequest, err.Error())
	}
	if request.Release {
		err = c.release(ctx, request.StreamID, mine)
	} else {
		var other *holder
		if other, err = c.claim(ctx, request.StreamID, mine); other != nil {
			response := refused(wire.CodeStreamInUse, "the stream ID is in use")
			response.Holder = &other.User
			return response
		}
	}
	if err != nil {
		c.log.Warn("a claim could not be decided", "error", err)
		return refused(wire.CodeUnavailable, "the registry of streams does not answer")
	}
	return wire.ControlResponse{}
}

var errUnreadable = errors.New("the request can't be read")

// readClaim reads a request and who makes it.
func readClaim(subject string, data []byte) (mine holder, request wire.ClaimRequest, err error) {
	roomID, userID, err := wire.ParseSubject(subject)
	if err != nil || len(data) > wire.ControlMax || json.Unmarshal(data, &request) != nil || request.Session == "" || len(request.Session) > sessionMax {
		return mine, request, errUnreadable
	}
	if err := wire.CheckStreamID(request.StreamID); err != nil {
		return mine, request, err
	}
	if wire.CheckUserName(request.Name) != nil {
		request.Name = ""
	}
	return holder{RoomID: roomID, User: wire.User{ID: userID, Name: request.Name}, Session: request.Session}, request, nil
}

// claim creates the key, or renews it where it is the same user's in the same
// room: who logs in anew displaces an earlier self.
func (c *registry) claim(ctx context.Context, streamID string, mine holder) (other *holder, err error) {
	key := wire.SubjectToken(streamID)
	value, err := json.Marshal(mine)
	if err != nil {
		return nil, err
	}
	for range claimTries {
		if _, err = c.bucket.Create(ctx, key, value); err == nil || !errors.Is(err, jetstream.ErrKeyExists) {
			return nil, err
		}
		entry, getErr := c.bucket.Get(ctx, key)
		if errors.Is(getErr, jetstream.ErrKeyNotFound) {
			continue // it ended meanwhile
		}
		if getErr != nil {
			return nil, getErr
		}
		var first holder
		if err := json.Unmarshal(entry.Value(), &first); err != nil {
			return nil, err
		}
		if first.RoomID != mine.RoomID || first.User.ID != mine.User.ID {
			return &first, nil
		}
		if _, err = c.bucket.Update(ctx, key, value, entry.Revision()); err == nil {
			return nil, nil
		}
	}
	return nil, err
}

// release ends a claim of this session.
func (c *registry) release(ctx context.Context, streamID string, mine holder) error {
	key := wire.SubjectToken(streamID)
	entry, err := c.bucket.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var first holder
	if err := json.Unmarshal(entry.Value(), &first); err != nil {
		return err
	}
	if first.RoomID != mine.RoomID || first.User.ID != mine.User.ID || first.Session != mine.Session {
		return nil // another's by now
	}
	return c.bucket.Delete(ctx, key, jetstream.LastRevision(entry.Revision()))
}

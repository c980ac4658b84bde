package chat

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// Signer proves to the chat engine that the user JWT is the client's own. An
// nkeys.KeyPair is one.
type Signer interface {
	Sign(nonce []byte) ([]byte, error)
}

const (
	dialTimeout = 4 * time.Second
	// reconnectWait is how often the client library tries a lost connection.
	reconnectWait = 500 * time.Millisecond
	// replayRetry is how long a failed replay waits before it begins again.
	replayRetry = 2 * time.Second
)

// link is one connection of a conversation to the chat engine.
type link struct {
	c        *Conversation
	endpoint wire.ChatEndpoint
	nc       *nats.Conn
	js       jetstream.JetStream
	online   atomic.Bool
	closing  atomic.Bool
	cancel   context.CancelFunc
	work     sync.WaitGroup

	mu      sync.Mutex
	refused chan error // the server's word on the publish that is under way
}

func dial(ctx context.Context, c *Conversation, endpoint wire.ChatEndpoint, key Signer) (*link, error) {
	l := &link{c: c, endpoint: endpoint}
	options := []nats.Option{
		nats.Name("parley"),
		nats.UserJWT(func() (string, error) { return endpoint.JWT, nil }, key.Sign),
		nats.CustomInboxPrefix(endpoint.InboxPrefix),
		nats.Timeout(dialTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.PingInterval(10 * time.Second),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { l.setOnline(false) }),
		nats.ReconnectHandler(func(*nats.Conn) {
			l.setOnline(true)
			l.c.signal()
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { l.failed(err) }),
	}
	if endpoint.Path != "" {
		options = append(options, nats.ProxyPath(endpoint.Path))
	}
	var err error
	connected := make(chan struct{})
	go func() {
		defer close(connected)
		l.nc, err = nats.Connect(endpoint.URL, options...)
	}()
	select {
	case <-connected:
	case <-ctx.Done():
		// The library's dial takes no context; it ends within dialTimeout.
		go func() {
			<-connected
			if l.nc != nil {
				l.closing.Store(true)
				l.nc.Close()
			}
		}()
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("connect the chat: %w", err)
	}
	if l.js, err = jetstream.New(l.nc); err != nil {
		l.nc.Close()
		return nil, fmt.Errorf("connect the chat: %w", err)
	}
	var run context.Context
	run, l.cancel = context.WithCancel(context.Background())
	l.setOnline(true)
	l.work.Go(func() { l.replay(run) })
	return l, nil
}

func (l *link) setOnline(online bool) {
	if !l.closing.Load() && l.online.Swap(online) != online {
		l.c.p.Online(online)
	}
}

func (l *link) close() {
	l.closing.Store(true)
	l.cancel()
	l.nc.Close()
	l.work.Wait()
}

// failed gets the errors that the server reports out of turn. A refused
// publish is one; without this it would look like a lost acknowledgement.
func (l *link) failed(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	l.c.p.Logger.Warn("the chat engine refused a request", "error", err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused != nil {
		select {
		case l.refused <- err:
		default:
		}
	}
}

// publish sends an envelope and waits until the server stored it. A repeated
// ID is acknowledged as a duplicate, with the sequence of the first.
func (l *link) publish(ctx context.Context, id string, envelope []byte) (uint64, error) {
	if !l.online.Load() {
		return 0, errOffline
	}
	refused := make(chan error, 1)
	l.mu.Lock()
	l.refused = refused
	l.mu.Unlock()
	future, err := l.js.PublishMsgAsync(&nats.Msg{Subject: wire.ChatSubject(l.c.p.Key.RoomID, l.c.p.User.ID), Data: envelope},
		jetstream.WithMsgID(id), jetstream.WithExpectStream(l.endpoint.Stream))
	if err != nil {
		return 0, err
	}
	timeout := time.NewTimer(ackTimeout)
	defer timeout.Stop()
	select {
	case ack := <-future.Ok():
		return ack.Sequence, nil
	case err := <-future.Err():
		return 0, err
	case err := <-refused:
		return 0, err
	case <-timeout.C:
		return 0, fmt.Errorf("no acknowledgement within %v: %w", ackTimeout, nats.ErrTimeout)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// replay follows the room's stream from where the store ends, until ctx is
// done. The ordered consumer goes on by itself after a lost connection.
func (l *link) replay(ctx context.Context) {
	for {
		err := l.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		l.c.p.Logger.Warn("the replay of the room begins again", "error", err)
		if !pause(ctx, replayRetry) {
			return
		}
	}
}

func (l *link) follow(ctx context.Context) error {
	stream, err := l.js.Stream(ctx, l.endpoint.Stream)
	if err != nil {
		return fmt.Errorf("find the room's messages: %w", err)
	}
	start, err := l.c.room.Position(ctx, stream.CachedInfo().Created.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return err
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{wire.ChatSubjects(l.c.p.Key.RoomID)},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:    start,
	})
	if err != nil {
		return fmt.Errorf("follow the room's messages: %w", err)
	}
	failed := make(chan error, 1)
	consume, err := consumer.Consume(func(m jetstream.Msg) {
		if err := l.received(ctx, m); err != nil {
			select {
			case failed <- err:
			default:
			}
		}
	}, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		l.c.p.Logger.Debug("replay", "error", err)
	}))
	if err != nil {
		return fmt.Errorf("follow the room's messages: %w", err)
	}
	defer func() {
		consume.Stop()
		<-consume.Closed()
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-failed:
		return err
	case <-consume.Closed():
		return errors.New("the consumer ended")
	}
}

func (l *link) received(ctx context.Context, raw jetstream.Msg) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	meta, err := raw.Metadata()
	if err != nil {
		return fmt.Errorf("receive a message: %w", err)
	}
	user, err := wire.SubjectUser(raw.Subject())
	if err == nil {
		err = wire.CheckUserID(user)
	}
	var e Envelope
	if err == nil {
		e, err = ParseEnvelope(raw.Data())
	}
	if err != nil {
		// It will not get better by asking again.
		l.c.p.Logger.Warn("a message was skipped", "seq", meta.Sequence.Stream, "error", err)
		return l.c.room.Skip(ctx, meta.Sequence.Stream)
	}
	m := Message{
		ID: e.ID, RoomID: l.c.p.Key.RoomID, UserID: user, Name: e.Name, Own: user == l.c.p.User.ID,
		Kind: e.Kind, Text: e.Text, Supported: e.Supported(), Status: StatusStored,
		Seq: meta.Sequence.Stream, Time: meta.Timestamp, Sent: e.Sent,
	}
	changed, err := l.c.room.Received(ctx, m, raw.Data())
	if err != nil {
		return err
	}
	if changed {
		l.c.reread(ctx, m.ID)
	}
	return nil
}

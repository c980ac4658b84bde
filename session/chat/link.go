package chat

import (
	"context"
	"encoding/json"
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
	// A connection is taken for dead when the server has not answered to one
	// ping by the time of the next.
	pingEvery, pingsOut = 4 * time.Second, 1
	// recheckTimeout is how long the server has to answer after an outage.
	recheckTimeout = time.Second
)

// link is one connection of a conversation to the chat engine.
type link struct {
	c           *Conversation
	endpoint    wire.ChatEndpoint
	nc          *nats.Conn
	js          jetstream.JetStream
	online      atomic.Bool
	closing     atomic.Bool
	run         context.Context // until it is closed
	cancel      context.CancelFunc
	work        sync.WaitGroup
	reconnected chan struct{}
	synced      chan struct{} // closed when the newest messages are here
	syncedOnce  sync.Once
	gaps        chan struct{} // there may be gaps to fill

	publishing sync.Mutex // one at a time: a refusal names no message
	mu         sync.Mutex
	refused    chan error // the server's word on the publish that is under way
}

func dial(ctx context.Context, c *Conversation, endpoint wire.ChatEndpoint, key Signer) (*link, error) {
	l := &link{c: c, endpoint: endpoint, reconnected: make(chan struct{}, 1), synced: make(chan struct{}), gaps: make(chan struct{}, 1)}
	options := []nats.Option{
		nats.Name("parley"),
		nats.UserJWT(func() (string, error) { return endpoint.JWT, nil }, key.Sign),
		nats.CustomInboxPrefix(endpoint.InboxPrefix),
		nats.Timeout(dialTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.PingInterval(pingEvery),
		nats.MaxPingsOutstanding(pingsOut),
		nats.FlusherTimeout(dialTimeout),
		// What is sent while there is no connection waits in the outbox only.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { l.setOnline(false) }),
		nats.ReconnectHandler(func(*nats.Conn) {
			l.setOnline(true)
			select {
			case l.reconnected <- struct{}{}:
			default:
			}
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
	if l.js, err = jetstream.New(l.nc); err == nil {
		_, err = l.nc.Subscribe(wire.LiveSubjects(c.p.Key.RoomID), l.live)
	}
	if err != nil {
		l.nc.Close()
		return nil, fmt.Errorf("connect the chat: %w", err)
	}
	l.run, l.cancel = context.WithCancel(context.Background())
	l.setOnline(true)
	l.work.Go(func() { l.replay(l.run) })
	l.work.Go(func() { l.fill(l.run) })
	return l, nil
}

func (l *link) setOnline(online bool) {
	if !l.closing.Load() && l.online.Swap(online) != online {
		l.c.notify(OnlineChanged{Online: online})
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
func (l *link) publish(ctx context.Context, e Envelope, data []byte) (uint64, error) {
	if !l.online.Load() {
		return 0, errOffline
	}
	l.publishing.Lock()
	defer l.publishing.Unlock()
	refused := make(chan error, 1)
	l.mu.Lock()
	l.refused = refused
	l.mu.Unlock()
	data, err := l.c.seal.seal(data)
	if err != nil {
		return 0, fmt.Errorf("seal the message: %w", err)
	}
	msg := &nats.Msg{Subject: wire.ChatSubject(l.c.p.Key.RoomID, l.c.p.User.ID), Data: data, Header: nats.Header{}}
	// The server keeps files by these, and does not read the envelope.
	if e.File != nil {
		msg.Header.Set(wire.HeaderFile, e.File.SHA256)
	}
	if e.Kind == KindDelete {
		msg.Header.Set(wire.HeaderDeletes, e.Target)
	}
	future, err := l.js.PublishMsgAsync(msg, jetstream.WithMsgID(e.ID), jetstream.WithExpectStream(l.endpoint.Stream))
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
	case <-l.run.Done():
		return 0, errOffline // the next connection sends it again
	}
}

// Recheck has the connection made anew if the server does not answer over it:
// after an outage the system would wait for long to send again what was lost.
func (c *Conversation) Recheck() {
	l, _ := c.current()
	if l == nil || l.nc.FlushTimeout(recheckTimeout) == nil || l.closing.Load() {
		return
	}
	if err := l.nc.ForceReconnect(); err != nil {
		c.p.Logger.Debug("reconnect the chat", "error", err)
	}
}

func marshal(e Envelope) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return data, nil
}

package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parley/session/wire"
)

// Params of a conversation.
type Params struct {
	Store  *Store
	Key    RoomKey
	User   wire.User
	Limits wire.Limits // of the room; zero fields mean the defaults
	Logger *slog.Logger
	// Notify gets the events, one at a time, from goroutines of the
	// conversation and from those that call its methods. It must not block for
	// long, nor call back.
	Notify func(Event)
}

// Conversation is the chat of one room, from login to logout. It outlives the
// connection: what is written while there is none is stored and goes out with
// the next one.
type Conversation struct {
	p    Params
	room *RoomStore
	pace *rate.Limiter // of what is sent
	seal sealer

	ctx     context.Context // until Close
	cancel  context.CancelFunc
	work    sync.WaitGroup
	wake    chan struct{} // something is queued, or the connection came
	receipt chan struct{} // something was read, or the connection came

	mu        sync.Mutex
	link      *link
	files     *remote
	closed    bool
	transient map[string]transient // own messages under way, by ID
	downloads map[string]*download // by hash

	slots chan struct{} // of downloads that run

	activities *activities
	notifying  sync.Mutex // keeps Notify one at a time
}

// transient is how far a message got that is still queued in the store: after
// a crash it is sent again.
type transient struct {
	status   Status
	uploaded int64
	cancel   context.CancelFunc // of the upload
}

// NewConversation opens the room's history and starts the outbox.
func NewConversation(ctx context.Context, p Params) (*Conversation, error) {
	room, err := p.Store.Room(ctx, p.Key)
	if err != nil {
		return nil, err
	}
	perMinute := p.Limits.MessagesPerMinute
	if perMinute <= 0 {
		perMinute = wire.MessagesAMinute
	}
	c := &Conversation{
		p: p, room: room, pace: rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute),
		wake: make(chan struct{}, 1), receipt: make(chan struct{}, 1),
		transient: make(map[string]transient), downloads: make(map[string]*download),
		slots: make(chan struct{}, downloadsAtOnce),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.activities = newActivities(c.notify)
	c.work.Go(c.send)
	c.work.Go(c.sendReceipts)
	return c, nil
}

// History is the room's local store. Pages are better asked of the
// conversation, which fills their gaps from the server.
func (c *Conversation) History() *RoomStore { return c.room }

// Connect attaches the conversation to the server in place of any earlier
// connection, and waits for the newest messages, though not for long.
func (c *Conversation) Connect(ctx context.Context, endpoint wire.ChatEndpoint, files wire.FilesEndpoint, key Signer) error {
	l, err := dial(ctx, c, endpoint, key)
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		l.close()
		return fmt.Errorf("connect the chat: %w", context.Canceled)
	}
	former, formerFiles := c.link, c.files
	c.link, c.files = l, newRemote(files, c.p.Key.RoomID)
	c.mu.Unlock()
	if former != nil {
		former.close()
	}
	formerFiles.close()
	c.signal()
	select {
	case <-l.synced:
	case <-time.After(syncPatience):
	case <-ctx.Done():
	}
	return nil
}

// syncPatience is how long Connect waits for the newest messages.
const syncPatience = 2 * time.Second

// Close ends the connection, the transfers and the outbox; what is queued
// stays in the store.
func (c *Conversation) Close() {
	c.mu.Lock()
	c.closed = true
	l, files := c.link, c.files
	c.link = nil
	c.mu.Unlock()
	c.cancel()
	if l != nil {
		l.close()
	}
	c.work.Wait()
	files.close()
	c.activities.close()
}

func (c *Conversation) signal() {
	for _, wake := range []chan struct{}{c.wake, c.receipt} {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

func (c *Conversation) notify(e Event) {
	c.notifying.Lock()
	defer c.notifying.Unlock()
	c.p.Notify(e)
}

// reread tells what became of a message.
func (c *Conversation) reread(ctx context.Context, id string) {
	m, ok, err := c.room.Message(ctx, id)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			c.p.Logger.Error("read a message back", "error", err)
		}
		return
	}
	if ok {
		c.notify(MessageChanged{Message: c.overlay(m)})
	}
}

// overlay puts the passing states over what the store knows.
func (c *Conversation) overlay(m Message) Message {
	if m.Status != StatusQueued {
		return m
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.transient[m.ID]; ok {
		m.Status, m.Uploaded = t.status, t.uploaded
	}
	return m
}

func (c *Conversation) setTransient(id string, t transient) {
	c.mu.Lock()
	c.transient[id] = t
	c.mu.Unlock()
}

func (c *Conversation) clearTransient(id string) {
	c.mu.Lock()
	delete(c.transient, id)
	c.mu.Unlock()
}

// current is the connection, or nil.
func (c *Conversation) current() (*link, *remote) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link, c.files
}

// MarkRead notes that all up to the message was read, and tells the others.
func (c *Conversation) MarkRead(id string) error {
	changed, err := c.room.markRead(id)
	if changed {
		c.signal()
	}
	return err
}

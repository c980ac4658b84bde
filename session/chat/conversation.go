package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/session/wire"
)

// Params of a conversation.
type Params struct {
	Store  *Store
	Key    RoomKey
	User   wire.User
	Logger *slog.Logger
	// Changed is called for every message that is new or changed its status.
	// Calls come one at a time from goroutines of the conversation; they must
	// not block for long.
	Changed func(Message)
	// Online is called when the connection to the server comes or goes.
	Online func(bool)
}

// Conversation is the chat of one room, from login to logout. It outlives the
// connection: what is written while there is none is stored and goes out with
// the next one.
type Conversation struct {
	p    Params
	room *RoomStore

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	wake   chan struct{} // something is queued, or the connection came

	mu     sync.Mutex
	link   *link
	closed bool

	notify sync.Mutex // keeps Changed one at a time
}

// NewConversation opens the room's history and starts the outbox.
func NewConversation(ctx context.Context, p Params) (*Conversation, error) {
	room, err := p.Store.Room(ctx, p.Key)
	if err != nil {
		return nil, err
	}
	c := &Conversation{p: p, room: room, wake: make(chan struct{}, 1)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.work.Go(c.send)
	return c, nil
}

// History is the room's local store.
func (c *Conversation) History() *RoomStore { return c.room }

// Connect attaches the conversation to the server in place of any earlier
// connection.
func (c *Conversation) Connect(ctx context.Context, endpoint wire.ChatEndpoint, key Signer) error {
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
	former := c.link
	c.link = l
	c.mu.Unlock()
	if former != nil {
		former.close()
	}
	c.signal()
	return nil
}

// Close ends the connection and the outbox; what is queued stays in the store.
func (c *Conversation) Close() {
	c.mu.Lock()
	c.closed = true
	l := c.link
	c.link = nil
	c.mu.Unlock()
	c.cancel()
	if l != nil {
		l.close()
	}
	c.work.Wait()
}

// SendText stores a text and queues it. Errors are those of wire.CheckText and
// of the store; what the server says comes later, as a status.
func (c *Conversation) SendText(ctx context.Context, text string) (Message, error) {
	if err := wire.CheckText(text); err != nil {
		return Message{}, err
	}
	now := time.Now()
	m := Message{
		ID: ulid.Make().String(), RoomID: c.p.Key.RoomID, UserID: c.p.User.ID, Name: c.p.User.Name, Own: true,
		Kind: KindText, Text: text, Supported: true, Status: StatusQueued, Time: now, Sent: now,
	}
	envelope, err := json.Marshal(Envelope{Version: Version, ID: m.ID, Kind: m.Kind, Name: m.Name, Sent: now.UTC(), Text: text})
	if err != nil {
		return Message{}, fmt.Errorf("write the message: %w", err)
	}
	if err := c.room.AddQueued(ctx, m, envelope); err != nil {
		return Message{}, err
	}
	c.changed(m)
	c.signal()
	return m, nil
}

// Retry sends a refused message again.
func (c *Conversation) Retry(ctx context.Context, id string) error {
	if err := c.room.Requeue(ctx, id); err != nil {
		return err
	}
	c.reread(ctx, id)
	c.signal()
	return nil
}

func (c *Conversation) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Conversation) changed(m Message) {
	c.notify.Lock()
	defer c.notify.Unlock()
	c.p.Changed(m)
}

func (c *Conversation) reread(ctx context.Context, id string) {
	m, ok, err := c.room.Message(ctx, id)
	if err != nil {
		c.p.Logger.Error("read a message back", "error", err)
		return
	}
	if ok {
		c.changed(m)
	}
}

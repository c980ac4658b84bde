package session

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nkeys"

	"parley/session/chat"
	"parley/session/wire"
)

// login is what lasts from LoginRoom to LogoutRoom, over any number of
// connections. The loop owns it.
type login struct {
	ctx    context.Context // until logout
	cancel context.CancelFunc
	work   sync.WaitGroup // what has to end before the logout is done

	server     atomic.Pointer[url.URL] // where it is, as far as is known
	serverID   string                  // told by the first join; the connecting goroutine's
	appID      string
	roomID     string
	session    string // of its claims
	user       User
	credential Credential
	began      time.Time

	pass       atomic.Pointer[string] // what the server gave; nil before
	renewEvery time.Duration          // 0 for never

	state        RoomState
	visit        *visit // the connection; nil while there is none
	self         Member
	users        map[string]Member
	streams      map[string]Stream
	players      map[string]*player // by StreamID
	publisher    *publisher
	sharing      *publisher // of the screen
	quality      Quality
	grades       map[string]Quality // of the others
	meter        *meter
	silence      *silenceWatch
	recording    *callRecording                    // nil while the call is not recorded
	attempts     int                               // of the reconnection that is under way
	settled      time.Time                         // who is missing before it may only be late
	conversation atomic.Pointer[chat.Conversation] // set once, by the first enter
}

// step moves the room's state machine and tells the handler.
func (e *Engine) step(l *login, change RoomStateChanged) bool {
	to, ok := roomSteps[roomStep{l.state, change.Reason}]
	if !ok {
		e.log.Error("a room state step that does not exist", "from", l.state, "reason", change.Reason)
		return false
	}
	l.state = to
	change.RoomID, change.State = l.roomID, to
	e.events.post(change)
	return true
}

// LoginRoom enters a room and waits until that succeeded or failed. Errors of
// the IDs and names are *wire.FieldError; those of the server wrap one of this
// package's errors; a second login without a logout is ErrState.
func (e *Engine) LoginRoom(ctx context.Context, roomID string, user User, credential Credential) error {
	for _, err := range []error{wire.CheckRoomID(roomID), wire.CheckUserID(user.ID), wire.CheckUserName(user.Name)} {
		if err != nil {
			return fmt.Errorf("log in: %w", err)
		}
	}
	l := &login{
		roomID: roomID, session: newSession(), user: user, credential: credential, began: time.Now(),
		users: make(map[string]Member), streams: make(map[string]Stream), players: make(map[string]*player),
		grades: make(map[string]Quality), meter: newMeter(), silence: newSilenceWatch(),
	}
	l.ctx, l.cancel = context.WithCancel(e.ctx)
	stop := context.AfterFunc(ctx, l.cancel)
	defer stop()
	var former <-chan struct{}
	err := e.call(func() error {
		if e.login != nil && e.login.state != RoomDisconnected {
			return fmt.Errorf("log in to %s: already in %s: %w", roomID, e.login.roomID, ErrState)
		}
		if e.server == nil {
			return fmt.Errorf("log in to %s: no server is named: %w", roomID, ErrServerAddress)
		}
		if lost := e.login; lost != nil {
			lost.cancel()
			e.retire(lost)
		}
		former = e.retired
		e.login, l.appID = l, e.appID
		l.server.Store(e.server)
		e.step(l, RoomStateChanged{Reason: ReasonLogining})
		return nil
	})
	if err != nil {
		l.cancel()
		return err
	}
	l.work.Add(1) // a logout meanwhile waits for the end of this
	if former != nil {
		select {
		case <-former: // it closes the speaker, and its chat writes to the same store
		case <-l.ctx.Done():
		}
	}
	// The speaker takes its time to open; the join goes on meanwhile.
	l.work.Go(func() { e.speaker.want(true) })
	v, err := e.enter(l)
	if err == nil && !stop() {
		err = context.Canceled
		v.close()
	}
	l.work.Done()
	return e.call(func() error {
		if e.login != l { // logged out meanwhile
			if err == nil {
				e.spawn(v.close)
			}
			return fmt.Errorf("log in to %s: %w", roomID, context.Canceled)
		}
		if err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			err = fmt.Errorf("log in to %s: %w", roomID, err)
			e.login = nil
			l.cancel()
			e.retire(l)
			e.step(l, RoomStateChanged{Reason: ReasonLoginFailed, Err: err})
			return err
		}
		e.install(l, v, ReasonLogined)
		return nil
	})
}

// LogoutRoom leaves the room. When it returns, no track, decoder or goroutine
// of the login is left. Without a login it is ErrState.
func (e *Engine) LogoutRoom() error {
	var (
		l *login
		v *visit
	)
	err := e.call(func() error {
		if e.login == nil {
			return fmt.Errorf("log out: %w", ErrState)
		}
		l, e.login = e.login, nil
		v, l.visit = l.visit, nil
		l.cancel()
		return nil
	})
	if err != nil {
		return err
	}
	e.cleanUp(l, v)
	return e.call(func() error {
		e.step(l, RoomStateChanged{Reason: ReasonLogout})
		return nil
	})
}

// retire cleans up, in the background, after a login that has no connection.
func (e *Engine) retire(l *login) {
	done := make(chan struct{})
	e.retired = done
	e.spawn(func() {
		defer close(done)
		e.cleanUp(l, nil)
	})
}

// cleanUp ends what a login owns. The login is no longer the loop's.
func (e *Engine) cleanUp(l *login, v *visit) {
	e.endRecording(l)
	l.work.Wait()
	if l.publisher != nil {
		l.publisher.stop()
		l.sharing.stop()
	}
	e.screen.end(e.spawn)
	for _, p := range l.players {
		p.stop(e.mixer)
	}
	if v != nil {
		v.close()
	}
	if c := l.conversation.Load(); c != nil {
		c.Close()
	}
	for _, p := range l.players {
		p.wait()
		e.stepPlayer(p, NoPlay, nil)
	}
	e.speaker.want(false)
}

// enter joins at the server and connects media and chat.
func (e *Engine) enter(l *login) (*visit, error) {
	key, public, err := newChatKey()
	if err != nil {
		return nil, err
	}
	response, err := e.admission(l, public)
	if err != nil {
		return nil, err
	}
	l.keep(response)
	l.renewEvery = time.Duration(response.RenewAfter) * time.Second
	if err := e.converse(l, response); err != nil {
		return nil, err
	}
	connected := make(chan error, 1)
	go func() { connected <- l.conversation.Load().Connect(l.ctx, response.Chat, response.Files, key) }()
	v, err := e.visit(l, response)
	chatErr := <-connected
	if err != nil {
		return nil, err
	}
	if chatErr != nil {
		v.close()
		return nil, fmt.Errorf("%w: %w", ErrServerUnreachable, chatErr)
	}
	return v, nil
}

// newChatKey makes a key that proves to the chat engine whose token it is. The
// private half never leaves the process.
func newChatKey() (pair nkeys.KeyPair, public string, err error) {
	if pair, err = nkeys.CreateUser(); err == nil {
		public, err = pair.PublicKey()
	}
	if err != nil {
		return nil, "", fmt.Errorf("make a chat key: %w", err)
	}
	return pair, public, nil
}

// converse opens the room's conversation, once a login.
func (e *Engine) converse(l *login, response *wire.JoinResponse) error {
	if l.conversation.Load() != nil {
		return nil
	}
	l.serverID = response.ServerID
	server := response.ServerID
	if server == "" {
		server = l.server.Load().Host
	}
	conversation, err := chat.NewConversation(l.ctx, chat.Params{
		Store:  e.profile.Store,
		Key:    chat.RoomKey{Server: server, AppID: l.appID, RoomID: l.roomID},
		User:   l.user,
		Logger: e.log,
		Limits: response.Limits,
		Notify: func(event chat.Event) { e.events.post(ChatEvent{Event: event}) },
	})
	if err != nil {
		return err
	}
	l.conversation.Store(conversation)
	if err := conversation.History().Visited(l.ctx, wire.ServerAddress(l.server.Load())); err != nil {
		e.log.Warn("the visit was not noted", "error", err)
	}
	return nil
}

// install makes v the login's connection, on the loop.
func (e *Engine) install(l *login, v *visit, reason Reason) {
	l.visit, l.attempts = v, 0
	if l.publisher == nil {
		l.publisher, l.sharing = newPublisher(e, l.user.ID, l.claim), newPublisher(e, l.user.ID, l.claim)
	}
	if reason == ReasonReconnected {
		l.settled = time.Now().Add(settleTime)
	}
	users, streams := e.difference(l)
	if len(users.Added)+len(users.Updated) > 0 {
		e.events.post(RoomUsersChanged{Added: users.Added, Updated: users.Updated})
	}
	e.tellSelf(l)
	e.step(l, RoomStateChanged{Reason: reason})
	e.tellStreams(l, streams)
	l.publisher.connect(v)
	l.sharing.connect(v)
	every := l.renewEvery
	l.work.Go(func() { e.feel(l, v) })
	l.work.Go(func() { e.renew(l, v, every) })
	e.readRoomInfo(v)
}

// Conversation is the chat of the room that the engine is logged in to, or nil.
func (e *Engine) Conversation() *chat.Conversation {
	var c *chat.Conversation
	_ = e.call(func() error {
		if e.login != nil {
			c = e.login.conversation.Load()
		}
		return nil
	})
	return c
}

package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// tenant is what the server keeps of one AppID: its account in the chat engine
// with a connection of our own into it, and what listens there.
type tenant struct {
	appID       string
	account     nkeys.KeyPair
	public      string // of account
	conn        *nats.Conn
	js          jetstream.JetStream
	registry    *registry
	hands       *hands
	blobs       *blobStore
	door        *door
	revocations *revocations
	keeper      *keeper

	life     time.Duration // of a chat token
	replicas int
	limits   limits

	mu    sync.Mutex
	rooms map[string]bool // whose stream is known to exist
}

// openTenant opens an AppID whose keys are given.
func openTenant(ctx context.Context, chat *chatEngine, media *mediaEngine, appID string, keys appKeys, cfg Config, log *slog.Logger) (t *tenant, err error) {
	t = &tenant{appID: appID, life: cfg.PassLife, replicas: cfg.NATS.replicas(), limits: cfg.Retention.of(appID), rooms: make(map[string]bool)}
	opened := t // what is returned of it is nil by then
	defer func() {
		if err != nil {
			opened.close()
			err = fmt.Errorf("open the AppID %q: %w", appID, err)
		}
	}()
	if t.account, t.public, err = keys.account(); err != nil {
		return nil, err
	}
	if err = chat.addAccount(t.public, appID); err != nil {
		return nil, err
	}
	if t.conn, err = chat.connect(t.account); err != nil {
		return nil, err
	}
	if t.js, err = jetstream.New(t.conn); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.startWithin())
	defer cancel()
	kv := buckets{t.js, t.replicas}
	if t.registry, err = openRegistry(ctx, t.conn, kv, log); err != nil {
		return nil, err
	}
	if t.hands, err = openHands(t.conn, media.rooms, appID, log); err != nil {
		return nil, err
	}
	t.blobs = newBlobStore(t.js, t.replicas)
	if t.door, err = openDoor(ctx, kv, media, appID); err != nil {
		return nil, err
	}
	if t.keeper, err = openKeeper(ctx, kv, !cfg.clustered()); err != nil {
		return nil, err
	}
	if t.revocations, err = openRevocations(ctx, kv, chat, t.public, appID); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *tenant) close() {
	if t.revocations != nil {
		t.revocations.close()
	}
	if t.hands != nil {
		t.hands.close()
	}
	if t.registry != nil {
		t.registry.close()
	}
	if t.conn != nil {
		t.conn.Close()
	}
}

// openRoom makes sure that the room's stream exists.
func (t *tenant) openRoom(ctx context.Context, roomID string) error {
	stream := wire.ChatStream(roomID)
	t.mu.Lock()
	known := t.rooms[stream]
	t.mu.Unlock()
	if known {
		return nil
	}
	age, _ := t.limits.room(stream)
	create := func(ctx context.Context) error {
		_, err := t.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name:        stream,
			Subjects:    []string{wire.ChatSubjects(roomID)},
			Storage:     jetstream.FileStorage,
			Duplicates:  duplicatesFor(age),
			MaxMsgSize:  messageMax,
			AllowDirect: true,
			DenyDelete:  true,
			DenyPurge:   true,
			Replicas:    t.replicas,
			MaxAge:      age,
		})
		return err
	}
	var err error
	if t.replicas > 1 {
		// Nodes that have only just found each other may need a second choice of who leads.
		ctx, cancel := context.WithTimeout(ctx, joinTimeout)
		defer cancel()
		err = patiently(ctx, create)
	} else {
		err = create(ctx)
	}
	if err != nil {
		return fmt.Errorf("open the room's messages: %w", err)
	}
	t.mu.Lock()
	t.rooms[stream] = true
	t.mu.Unlock()
	return nil
}

// admit signs a JWT that opens one room's chat to the holder of key.
func (t *tenant) admit(ctx context.Context, roomID, userID, key string, publish bool) (wire.ChatEndpoint, error) {
	if err := t.revocations.note(ctx, roomID, userID, key); err != nil {
		return wire.ChatEndpoint{}, err
	}
	stream := wire.ChatStream(roomID)
	// Replies come back under the client's own key: nobody else can listen.
	inbox := "_INBOX_" + key
	claims := jwt.NewUserClaims(key)
	claims.Name = userID
	claims.Expires = time.Now().Add(t.life).Unix()
	claims.AllowedConnectionTypes.Add(jwt.ConnectionTypeWebsocket)
	claims.Limits.Payload = messageMax
	claims.Permissions.Pub.Allow.Add(
		wire.ChatSubject(roomID, userID),
		wire.LiveSubject(roomID, userID),
		wire.HandSubject(roomID, userID),
		"$JS.API.STREAM.INFO."+stream,
		"$JS.API.CONSUMER.CREATE."+stream+".>",
		"$JS.API.CONSUMER.MSG.NEXT."+stream+".>",
		"$JS.API.CONSUMER.INFO."+stream+".>",
		"$JS.API.CONSUMER.DELETE."+stream+".>",
		"$JS.API.DIRECT.GET."+stream,
		"$JS.API.DIRECT.GET."+stream+".>",
	)
	if publish {
		claims.Permissions.Pub.Allow.Add(wire.ClaimSubject(roomID, userID))
	}
	claims.Permissions.Sub.Allow.Add(wire.LiveSubjects(roomID), inbox+".>")
	token, err := claims.Encode(t.account)
	if err != nil {
		return wire.ChatEndpoint{}, fmt.Errorf("sign the chat token: %w", err)
	}
	return wire.ChatEndpoint{JWT: token, Stream: stream, InboxPrefix: inbox}, nil
}

// tenants are those that are open.
type tenants struct {
	chat  *chatEngine
	media *mediaEngine
	cfg   Config
	log   *slog.Logger

	mu   sync.RWMutex
	byID map[string]*tenant
}

func newTenants(chat *chatEngine, media *mediaEngine, cfg Config, log *slog.Logger) *tenants {
	return &tenants{chat: chat, media: media, cfg: cfg, log: log, byID: make(map[string]*tenant)}
}

// get gives an open AppID, or ErrUnknownApp.
func (ts *tenants) get(appID string) (*tenant, error) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	t, ok := ts.byID[appID]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownApp, appID)
	}
	return t, nil
}

func (ts *tenants) all() []*tenant {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	list := make([]*tenant, 0, len(ts.byID))
	for _, t := range ts.byID {
		list = append(list, t)
	}
	return list
}

// follow opens the AppIDs that are new and ends those that are gone. One caller
// at a time.
func (ts *tenants) follow(ctx context.Context, apps *Apps) error {
	var (
		work sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	note := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	for _, id := range apps.IDs() {
		keys, err := apps.keys(id)
		if t, openErr := ts.get(id); err != nil || openErr == nil && !t.replacedBy(keys) {
			continue
		}
		work.Go(func() {
			ts.end(ctx, id) // one that was removed and made anew
			t, err := openTenant(ctx, ts.chat, ts.media, id, keys, ts.cfg, ts.log)
			if err != nil {
				note(err)
				return
			}
			ts.mu.Lock()
			ts.byID[id] = t
			ts.mu.Unlock()
		})
	}
	work.Wait()
	for _, t := range ts.all() {
		if _, err := apps.keys(t.appID); err != nil {
			ts.end(ctx, t.appID)
		}
	}
	return errors.Join(errs...)
}

func (t *tenant) replacedBy(keys appKeys) bool {
	_, public, err := keys.account()
	return err == nil && public != t.public
}

// end ends the calls and chats of an AppID.
func (ts *tenants) end(ctx context.Context, appID string) {
	ts.mu.Lock()
	t, ok := ts.byID[appID]
	delete(ts.byID, appID)
	ts.mu.Unlock()
	if !ok {
		return
	}
	t.close()
	if err := errors.Join(ts.chat.removeAccount(t.public, appID), ts.media.endRooms(ctx, appID)); err != nil {
		ts.log.Warn("an AppID was not ended in order", "app", appID, "error", err)
	}
}

func (ts *tenants) close() {
	for _, t := range ts.all() {
		t.close()
	}
}

// mediaRoom is what the media engine calls a room: its rooms of one name are one,
// whatever key opens them, so the name carries the AppID. No AppID has a slash.
func mediaRoom(appID, roomID string) livekit.RoomName { return livekit.RoomName(appID + "/" + roomID) }

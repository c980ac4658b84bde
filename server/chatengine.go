package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/jwt/v2"
	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// chatEngine is the embedded NATS server, with one account for each AppID and
// a connection of our own into it.
type chatEngine struct {
	server   *natsd.Server
	proxy    *httputil.ReverseProxy
	keys     *keys
	conn     *nats.Conn
	js       jetstream.JetStream
	registry *registry

	mu    sync.Mutex
	rooms map[string]bool // whose stream is known to exist
}

const (
	chatStart = 10 * time.Second
	// messageMax bounds a stored message: an envelope and its headers.
	messageMax = 72 << 10
	// duplicateWindow is for how long a repeated message ID is recognised.
	duplicateWindow = 10 * time.Minute
	// syncEvery is how much of what was acknowledged a failure of the power may
	// cost. The end of the process costs nothing, and clients send again what
	// they find missing.
	syncEvery = time.Second
	// chatTokenLife is how long a chat JWT opens new connections.
	chatTokenLife = 24 * time.Hour
)

func startChat(cfg Config, k *keys) (*chatEngine, error) {
	c := &chatEngine{keys: k, rooms: make(map[string]bool)}
	operator, resolver, err := k.accounts()
	if err != nil {
		return nil, fmt.Errorf("start the chat engine: %w", err)
	}
	options := &natsd.Options{
		ServerName:       "parley",
		DontListen:       true, // clients come by WebSocket, we in process
		NoSigs:           true,
		JetStream:        true,
		StoreDir:         filepath.Join(cfg.Data, "chat"),
		SyncInterval:     syncEvery,
		MaxPayload:       blobChunk + 4<<10, // ours; users' are bound by their JWT
		TrustedOperators: []*jwt.OperatorClaims{operator},
		AccountResolver:  resolver,
		SystemAccount:    k.systemPublic,
		Websocket:        natsd.WebsocketOpts{Host: "127.0.0.1", Port: -1, NoTLS: true, SameOrigin: false, HandshakeTimeout: 5 * time.Second},
	}
	if c.server, err = natsd.NewServer(options); err != nil {
		return nil, fmt.Errorf("start the chat engine: %w", err)
	}
	c.server.SetLoggerV2(natsLog{cfg.Logger}, false, false, false)
	go c.server.Start()
	if !c.server.ReadyForConnections(chatStart) {
		c.server.Shutdown()
		return nil, errors.New("start the chat engine: it did not become ready; is the data folder writable and not used by another server?")
	}
	target, err := url.Parse(c.server.WebsocketURL())
	if err != nil {
		c.close()
		return nil, fmt.Errorf("start the chat engine: %w", err)
	}
	target.Scheme = "http"
	c.proxy = loopbackProxy(target)
	token, signer, err := k.ownUser()
	if err != nil {
		c.close()
		return nil, fmt.Errorf("start the chat engine: %w", err)
	}
	c.conn, err = nats.Connect("", nats.InProcessServer(c.server), nats.Name("parley server"), nats.MaxReconnects(-1),
		nats.UserJWT(func() (string, error) { return token, nil }, signer))
	if err != nil {
		c.close()
		return nil, fmt.Errorf("start the chat engine: %w", err)
	}
	if c.js, err = jetstream.New(c.conn); err != nil {
		c.close()
		return nil, fmt.Errorf("start the chat engine: %w", err)
	}
	if c.registry, err = openRegistry(c.conn, c.js, cfg.Logger); err != nil {
		c.close()
		return nil, fmt.Errorf("start the chat engine: %w", err)
	}
	return c, nil
}

func (c *chatEngine) close() {
	if c.registry != nil {
		c.registry.close()
	}
	if c.conn != nil {
		c.conn.Close()
	}
	c.server.Shutdown()
	c.server.WaitForShutdown()
}

// openRoom makes sure that the room's stream exists.
func (c *chatEngine) openRoom(ctx context.Context, roomID string) error {
	stream := wire.ChatStream(roomID)
	c.mu.Lock()
	known := c.rooms[stream]
	c.mu.Unlock()
	if known {
		return nil
	}
	_, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:        stream,
		Subjects:    []string{wire.ChatSubjects(roomID)},
		Storage:     jetstream.FileStorage,
		Duplicates:  duplicateWindow,
		MaxMsgSize:  messageMax,
		AllowDirect: true,
		DenyDelete:  true,
		DenyPurge:   true,
	})
	if err != nil {
		return fmt.Errorf("open the room's messages: %w", err)
	}
	c.mu.Lock()
	c.rooms[stream] = true
	c.mu.Unlock()
	return nil
}

// admit signs a JWT that opens one room's chat to the holder of key.
func (c *chatEngine) admit(roomID, userID, key string, publish bool) (wire.ChatEndpoint, error) {
	stream := wire.ChatStream(roomID)
	// Replies come back under the client's own key: nobody else can listen.
	inbox := "_INBOX_" + key
	claims := jwt.NewUserClaims(key)
	claims.Name = userID
	claims.Expires = time.Now().Add(chatTokenLife).Unix()
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
	token, err := claims.Encode(c.keys.account)
	if err != nil {
		return wire.ChatEndpoint{}, fmt.Errorf("sign the chat token: %w", err)
	}
	return wire.ChatEndpoint{JWT: token, Stream: stream, InboxPrefix: inbox}, nil
}

// natsLog passes the chat engine's warnings and errors on.
type natsLog struct{ log *slog.Logger }

func (n natsLog) Noticef(string, ...any) {}
func (n natsLog) Debugf(string, ...any)  {}
func (n natsLog) Tracef(string, ...any)  {}
func (n natsLog) Warnf(format string, v ...any) {
	if strings.Contains(format, "Websocket not configured with TLS") {
		return // it listens on loopback; TLS is the front's
	}
	n.log.Warn("chat engine: " + fmt.Sprintf(format, v...))
}
func (n natsLog) Errorf(format string, v ...any) {
	n.log.Error("chat engine: " + fmt.Sprintf(format, v...))
}
func (n natsLog) Fatalf(format string, v ...any) {
	n.log.Error("chat engine: " + fmt.Sprintf(format, v...))
}

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
	"time"

	"github.com/nats-io/jwt/v2"
	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// chatEngine is a NATS server, with one account for each AppID: the embedded one, or
// one that runs by itself.
type chatEngine struct {
	server   *natsd.Server // nil where it runs by itself
	remote   *remoteChat   // nil where it is embedded
	proxy    *httputil.ReverseProxy
	keys     *keys
	resolver *natsd.MemAccResolver
	log      *slog.Logger
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
)

func startChat(ctx context.Context, cfg Config, k *keys, apps *Apps) (*chatEngine, error) {
	if cfg.NATS.remote() {
		return startRemoteChat(ctx, cfg, k)
	}
	c := &chatEngine{keys: k, resolver: &natsd.MemAccResolver{}, log: cfg.Logger}
	operator, err := k.signOperator()
	if err == nil {
		err = c.addAccount(k.systemPublic, systemAccount)
	}
	// The engine looks for the accounts whose messages it has as it starts.
	for _, id := range apps.IDs() {
		if err == nil {
			err = c.addApp(apps, id)
		}
	}
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
		AccountResolver:  c.resolver,
		SystemAccount:    k.systemPublic,
		Websocket:        natsd.WebsocketOpts{Host: "127.0.0.1", Port: -1, NoTLS: true, SameOrigin: false, HandshakeTimeout: 5 * time.Second},
	}
	if cfg.NATS.clustered() {
		if err = cfg.NATS.Cluster.configure(options, k, cfg.Logger); err != nil {
			return nil, fmt.Errorf("start the chat engine: %w", err)
		}
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
	return c, nil
}

func (c *chatEngine) close() {
	if c.remote != nil {
		c.remote.system.Close()
		return
	}
	c.server.Shutdown()
	c.server.WaitForShutdown()
}

// connect opens a connection of our own into an account.
func (c *chatEngine) connect(account nkeys.KeyPair) (*nats.Conn, error) {
	if c.remote != nil {
		return c.remote.connect(account)
	}
	token, sign, err := ownUser(account, jwt.ConnectionTypeInProcess)
	if err != nil {
		return nil, err
	}
	return nats.Connect("", nats.InProcessServer(c.server), nats.Name("parley server"), nats.MaxReconnects(-1),
		nats.UserJWT(func() (string, error) { return token, nil }, sign))
}

// addAccount makes an account known, which may have been removed before.
func (c *chatEngine) addAccount(public, name string) error {
	if c.remote != nil {
		known, err := c.remote.knows(public)
		if known || err != nil {
			return err
		}
	}
	token, err := c.keys.accountClaims(public, name, jwt.NoLimit).Encode(c.keys.operator)
	if err != nil {
		return err
	}
	if c.remote != nil {
		return c.remote.push(token)
	}
	return c.resolver.Store(public, token)
}

// addApp makes the account of an AppID known.
func (c *chatEngine) addApp(apps *Apps, id string) error {
	keys, err := apps.keys(id)
	if err != nil {
		return err
	}
	_, public, err := keys.account()
	if err != nil {
		return err
	}
	return c.addAccount(public, id)
}

// removeAccount lets nobody into an account any more, and ends who is there.
func (c *chatEngine) removeAccount(public, name string) error {
	return c.update(c.keys.accountClaims(public, name, 0))
}

// update has an account be as the claims say, for those who are in it as well.
func (c *chatEngine) update(claims *jwt.AccountClaims) error {
	token, err := claims.Encode(c.keys.operator)
	if err != nil {
		return err
	}
	if c.remote != nil {
		return c.remote.push(token)
	}
	public := claims.Subject
	if err := c.resolver.Store(public, token); err != nil {
		return err
	}
	account, err := c.server.LookupAccount(public)
	if err != nil {
		return err
	}
	signed, err := jwt.DecodeAccountClaims(token)
	if err != nil {
		return err
	}
	c.server.UpdateAccountClaims(account, signed)
	return nil
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
	text := fmt.Sprintf(format, v...)
	if strings.Contains(text, "websocket handshake error") {
		n.log.Debug("chat engine: " + text) // a balancer that asks whether we are ready
		return
	}
	n.log.Error("chat engine: " + text)
}
func (n natsLog) Fatalf(format string, v ...any) {
	n.log.Error("chat engine: " + fmt.Sprintf(format, v...))
}

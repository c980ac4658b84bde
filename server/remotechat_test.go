package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// startNATS runs a chat engine by itself, configured by what `parley app nats` prints.
func startNATS(t *testing.T, keys string) *natsd.Server {
	t.Helper()
	return startNATSWith(t, keys, "listen: 127.0.0.1:-1\nwebsocket: {listen: \"127.0.0.1:-1\", no_tls: true}\n")
}

// startNATSWith runs one that listens as the settings say.
func startNATSWith(t *testing.T, keys, settings string) *natsd.Server {
	t.Helper()
	var printed bytes.Buffer
	if err := Manage(keys, "nats", "", &printed); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "nats.conf")
	text := strings.ReplaceAll(printed.String(), `"./accounts"`, fmt.Sprintf("%q", filepath.Join(folder, "accounts"))) +
		fmt.Sprintf("%sjetstream: {store_dir: %q}\n", settings, folder)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := natsd.ProcessConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}
	options.NoSigs, options.NoLog = true, true
	s, err := natsd.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the chat engine does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

// TestAChatEngineThatRunsByItself has the chat of a server be in a NATS server that
// was there before it, AppIDs that come and go among it.
func TestAChatEngineThatRunsByItself(t *testing.T) {
	keys := t.TempDir()
	engine := startNATS(t, keys)
	// Of the addresses one does not answer.
	c := startChild(t, fmt.Sprintf("open: true\nkeys: %s\nnats: {replicas: 1, url: [%q], websocket: [%q, %q]}\n",
		keys, engine.ClientURL(), "http://127.0.0.1:1", strings.Replace(engine.WebsocketURL(), "ws://", "http://", 1)))
	if a := c.get(wire.PathReady); a.status != http.StatusOK {
		t.Errorf("not ready: %s", a.body)
	}
	enter := func(app, room, user string) (*nats.Conn, jetstream.JetStream, wire.JoinResponse) {
		t.Helper()
		r, pair := request(t, room, user)
		r.AppID = app
		if app != wire.LocalAppID {
			apps, err := LoadApps(keys)
			if err != nil {
				t.Fatal(err)
			}
			secret, err := apps.Secret(app)
			if err != nil {
				t.Fatal(err)
			}
			r.Credential.Token = tokenFor(t, app, secret, room, user)
		}
		body, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var response wire.JoinResponse
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			a, err := fetch(http.DefaultClient, http.MethodPost, c.url(wire.PathJoin), nil, bytes.NewReader(body))
			if err == nil && a.status == http.StatusOK && json.Unmarshal(a.body, &response) == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s is not let in: status %d, %s, %v", user, a.status, a.body, err)
			}
		}
		conn, err := nats.Connect(response.Chat.URL, nats.ProxyPath(response.Chat.Path), nats.CustomInboxPrefix(response.Chat.InboxPrefix),
			nats.UserJWT(func() (string, error) { return response.Chat.JWT, nil }, pair.Sign), nats.MaxReconnects(0), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		js, err := jetstream.New(conn)
		if err != nil {
			t.Fatal(err)
		}
		return conn, js, response
	}
	_, ann, inLocal := enter(wire.LocalAppID, "tea", "ann")
	if _, err := ann.Publish(t.Context(), wire.ChatSubject("tea", "ann"), []byte("hello"), jetstream.WithMsgID("1")); err != nil {
		t.Fatal(err)
	}
	if again, err := ann.Publish(t.Context(), wire.ChatSubject("tea", "ann"), []byte("hello"), jetstream.WithMsgID("1")); err != nil || !again.Duplicate {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := ann.Publish(t.Context(), wire.ChatSubject("tea", "bob"), []byte("forged")); err == nil {
		t.Error("somebody writes under another's name")
	}
	data, hash := content(5000)
	blob := c.url(wire.BlobPath("tea", hash))
	bearer := http.Header{"Authorization": {"Bearer " + inLocal.Files.Token}}
	if a, err := fetch(http.DefaultClient, http.MethodPut, blob, bearer, bytes.NewReader(data)); err != nil || a.status != http.StatusCreated {
		t.Errorf("an attachment is not taken: status %d, %v", a.status, err)
	}
	if a, err := fetch(http.DefaultClient, http.MethodGet, blob, bearer, nil); err != nil || !bytes.Equal(a.body, data) {
		t.Errorf("the attachment is another: status %d, %v", a.status, err)
	}

	if err := Manage(keys, "add", "acme", new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	conn, theirs, response := enter("acme", "tea", "ann")
	stream, err := theirs.Stream(t.Context(), response.Chat.Stream)
	if err != nil || stream.CachedInfo().State.Msgs != 0 {
		t.Errorf("another AppID sees %+v, %v", stream, err)
	}
	if err := Manage(keys, "remove", "acme", new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); !conn.IsClosed(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("an AppID that was removed goes on")
		}
	}
	if _, err := ann.Publish(t.Context(), wire.ChatSubject("tea", "ann"), []byte("still here")); err != nil {
		t.Error(err)
	}
}

// TestAChatEngineThatStartsLater has a server start before the chat engine that it needs.
func TestAChatEngineThatStartsLater(t *testing.T) {
	t.Parallel()
	keys := t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	k, err := loadKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	var said journal
	cfg := Config{Logger: slog.New(slog.NewTextHandler(&said, nil)), NATS: NATS{URL: []string{"nats://" + address}, WebSocket: []string{"http://127.0.0.1:1"}}}
	start := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			chat, err := startChat(ctx, cfg, k, nil)
			if err == nil {
				chat.close()
			}
			done <- err
		}()
		for end := time.Now().Add(10 * time.Second); !strings.Contains(said.log(), "waiting for the chat engine"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it does not say that it waits")
			}
		}
		return done
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := start(ctx)
	cancel()
	if err := <-done; !errors.Is(err, nats.ErrNoServers) {
		t.Errorf("told to end while it waits it says %v", err)
	}
	done = start(t.Context())
	startNATSWith(t, keys, fmt.Sprintf("listen: %q\nwebsocket: {listen: \"127.0.0.1:-1\", no_tls: true}\n", address))
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// undecided is a cluster whose nodes have to choose again who leads a stream.
type undecided struct {
	jetstream.JetStream
	questions int
}

func (u *undecided) CreateOrUpdateStream(ctx context.Context, config jetstream.StreamConfig) (jetstream.Stream, error) {
	u.questions++
	if u.questions == 1 {
		return nil, nats.ErrTimeout
	}
	config.Replicas = 1 // there is one node
	return u.JetStream.CreateOrUpdateStream(ctx, config)
}

// TestARoomOfNodesThatJustMet opens a room that the first question does not open.
func TestARoomOfNodesThatJustMet(t *testing.T) {
	t.Parallel()
	s, err := natsd.NewServer(&natsd.Options{DontListen: true, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the chat engine does not start")
	}
	conn, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	many := &tenant{js: &undecided{JetStream: js}, replicas: 3, rooms: make(map[string]bool)}
	if err := many.openRoom(t.Context(), "tea"); err != nil {
		t.Error(err)
	}
	if _, err := js.Stream(t.Context(), wire.ChatStream("tea")); err != nil {
		t.Error(err)
	}
	alone := &tenant{js: &undecided{JetStream: js}, replicas: 1, rooms: make(map[string]bool)}
	if err := alone.openRoom(t.Context(), "milk"); !errors.Is(err, nats.ErrTimeout) {
		t.Errorf("a lone server says %v", err)
	}
}

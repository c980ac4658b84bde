package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// One server for all tests: the media engine keeps state of the process.
var shared *Server // set once, by TestMain

func TestMain(m *testing.M) {
	if file := os.Getenv(childEnv); file != "" {
		os.Exit(runChild(file))
	}
	ca, err := newAuthority()
	if err != nil {
		panic(err)
	}
	authority = ca
	data, err := os.MkdirTemp("", "parley-server-*")
	if err != nil {
		panic(err)
	}
	began := time.Now()
	shared, err = Start(context.Background(), Config{Listen: "127.0.0.1:0", Data: data, Open: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	println("ready after", time.Since(began).Milliseconds(), "ms")
	code := m.Run()
	began = time.Now()
	if err := shared.Close(context.Background()); err != nil {
		panic(err)
	}
	println("closed after", time.Since(began).Milliseconds(), "ms")
	_ = os.RemoveAll(data)
	_ = os.RemoveAll(ca.folder)
	os.Exit(code)
}

func join(t *testing.T, request wire.JoinRequest) (*wire.JoinResponse, int, wire.ErrorResponse) {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return post(t, body)
}

func post(t *testing.T, body []byte) (*wire.JoinResponse, int, wire.ErrorResponse) {
	t.Helper()
	answer, err := http.Post("http://"+shared.Address()+wire.PathJoin, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var (
		response wire.JoinResponse
		refusal  wire.ErrorResponse
	)
	if answer.StatusCode != http.StatusOK {
		if err := json.Unmarshal(data, &refusal); err != nil {
			t.Fatalf("status %d: %s", answer.StatusCode, data)
		}
		return nil, answer.StatusCode, refusal
	}
	if err := json.Unmarshal(data, &response); err != nil {
		t.Fatal(err)
	}
	return &response, answer.StatusCode, refusal
}

func key(t *testing.T) (nkeys.KeyPair, string) {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return pair, public
}

func request(t *testing.T, room, user string) (wire.JoinRequest, nkeys.KeyPair) {
	pair, public := key(t)
	return wire.JoinRequest{AppID: wire.LocalAppID, RoomID: room, User: wire.User{ID: user, Name: user}, ChatKey: public}, pair
}

func TestJoinIsRefused(t *testing.T) {
	secret, err := shared.Apps().Secret(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(change func(*wire.TokenClaims)) string {
		c := wire.TokenClaims{AppID: wire.LocalAppID, RoomID: "r", UserID: "ann", Privileges: []wire.Privilege{wire.PrivilegeLogin},
			Expires: time.Now().Add(time.Hour).Unix()}
		change(&c)
		token, err := SignToken(c, secret)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for _, test := range []struct {
		name   string
		change func(*wire.JoinRequest)
		status int
		code   wire.Code
		field  string
	}{
		{"no room", func(r *wire.JoinRequest) { r.RoomID = "" }, 400, wire.CodeBadRequest, "room_id"},
		{"a long room", func(r *wire.JoinRequest) { r.RoomID = strings.Repeat("r", 128) }, 400, wire.CodeBadRequest, "room_id"},
		{"a room of spaces", func(r *wire.JoinRequest) { r.RoomID = "a b" }, 400, wire.CodeBadRequest, "room_id"},
		{"a long user", func(r *wire.JoinRequest) { r.User.ID = strings.Repeat("u", 64) }, 400, wire.CodeBadRequest, "user_id"},
		{"a name with a line break", func(r *wire.JoinRequest) { r.User.Name = "a\nb" }, 400, wire.CodeBadRequest, "user_name"},
		{"no chat key", func(r *wire.JoinRequest) { r.ChatKey = "" }, 400, wire.CodeBadRequest, "chat_key"},
		{"an unknown app", func(r *wire.JoinRequest) { r.AppID = "other" }, 403, wire.CodeUnknownApp, ""},
		{"nonsense for a token", func(r *wire.JoinRequest) { r.Credential.Token = "x.y.z" }, 403, wire.CodeTokenMalformed, ""},
		{"an expired token", func(r *wire.JoinRequest) {
			r.Credential.Token = sign(func(c *wire.TokenClaims) { c.Expires = time.Now().Add(-time.Minute).Unix() })
		}, 403, wire.CodeTokenExpired, ""},
		{"a token for later", func(r *wire.JoinRequest) {
			r.Credential.Token = sign(func(c *wire.TokenClaims) { c.NotBefore = time.Now().Add(time.Minute).Unix() })
		}, 403, wire.CodeTokenNotYet, ""},
		{"a token for another room", func(r *wire.JoinRequest) {
			r.Credential.Token = sign(func(c *wire.TokenClaims) { c.RoomID = "other" })
		}, 403, wire.CodeTokenRoom, ""},
		{"a token for another user", func(r *wire.JoinRequest) {
			r.Credential.Token = sign(func(c *wire.TokenClaims) { c.UserID = "bob" })
		}, 403, wire.CodeTokenUser, ""},
		{"a token without login", func(r *wire.JoinRequest) {
			r.Credential.Token = sign(func(c *wire.TokenClaims) { c.Privileges = nil })
		}, 403, wire.CodeNotAllowed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := request(t, "r", "ann")
			test.change(&r)
			response, status, e := join(t, r)
			if response != nil || status != test.status || e.Code != test.code || e.Field != test.field {
				t.Errorf("status %d, %+v", status, e)
			}
			if strings.Contains(e.Message, secret) || r.Credential.Token != "" && strings.Contains(e.Message, r.Credential.Token) {
				t.Error("the refusal repeats a secret")
			}
		})
	}
	t.Run("a huge body", func(t *testing.T) {
		if _, status, e := post(t, bytes.Repeat([]byte(" "), joinBodyMax+1)); status != 413 || e.Code != wire.CodeTooLarge {
			t.Errorf("status %d, %+v", status, e)
		}
	})
}

func TestTokenAlgorithms(t *testing.T) {
	// Both say the right things; one is not signed, one is signed by nobody we know.
	const none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJhcHAiOiJsb2NhbCIsInJvb20iOiJyIiwicHJpdmlsZWdlcyI6WyJsb2dpbiJdLCJleHAiOjQxMDI0NDQ4MDB9."
	other, err := SignToken(wire.TokenClaims{AppID: "local", RoomID: "r", Privileges: []wire.Privilege{wire.PrivilegeLogin}, Expires: 4102444800}, strings.Repeat("k", 40))
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{none, other, other[:len(other)-2], ""} {
		if _, err := VerifyToken(token, strings.Repeat("s", 40), "local", "r", "ann"); err == nil {
			t.Errorf("%q is taken", token)
		}
	}
	if _, err := VerifyToken(strings.Repeat("x", tokenMax+1), "s", "local", "r", "ann"); !errors.Is(err, ErrTokenTooLarge) {
		t.Error(err)
	}
}

func TestMediaThroughTheFront(t *testing.T) {
	secret, err := shared.Apps().Secret(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := request(t, "media", "ann")
	r.Credential.Token, err = SignToken(wire.TokenClaims{AppID: wire.LocalAppID, RoomID: "media", UserID: "ann",
		Privileges: []wire.Privilege{wire.PrivilegeLogin}, Expires: time.Now().Add(time.Hour).Unix()}, secret)
	if err != nil {
		t.Fatal(err)
	}
	response, status, e := join(t, r)
	if response == nil {
		t.Fatalf("status %d, %+v", status, e)
	}
	lksdk.SetLogger(logger.GetDiscardLogger())
	room := lksdk.NewRoom(&lksdk.RoomCallback{})
	if err := room.JoinWithToken(response.Media.URL, response.Media.Token, lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		t.Fatal(err)
	}
	defer room.Disconnect()
	if room.Name() != string(mediaRoom(wire.LocalAppID, "media")) || room.LocalParticipant.Identity() != "ann" {
		t.Errorf("in room %q as %q", room.Name(), room.LocalParticipant.Identity())
	}
	if p := room.LocalParticipant.Permissions(); p.GetCanPublish() {
		t.Error("a token without publish may publish")
	}
}

func chatAs(t *testing.T, room, user string) (*nats.Conn, jetstream.JetStream, *wire.JoinResponse, chan error) {
	t.Helper()
	return chatIn(t, wire.LocalAppID, room, user)
}

func chatIn(t *testing.T, app, room, user string) (*nats.Conn, jetstream.JetStream, *wire.JoinResponse, chan error) {
	t.Helper()
	r, pair := request(t, room, user)
	r.AppID = app
	response, status, e := join(t, r)
	if response == nil {
		t.Fatalf("status %d, %+v", status, e)
	}
	refused := make(chan error, 16)
	nc, err := nats.Connect(response.Chat.URL, nats.ProxyPath(response.Chat.Path), nats.CustomInboxPrefix(response.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return response.Chat.JWT, nil }, pair.Sign),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js, response, refused
}

func TestChatOpensOneRoom(t *testing.T) {
	ctx := t.Context()
	_, ann, inA, refused := chatAs(t, "A", "ann")
	bobConn, bob, _, bobRefused := chatAs(t, "B", "bob")
	first, err := ann.Publish(ctx, wire.ChatSubject("A", "ann"), []byte("one"), jetstream.WithMsgID("1"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := ann.Publish(ctx, wire.ChatSubject("A", "ann"), []byte("one"), jetstream.WithMsgID("1"))
	if err != nil || !again.Duplicate || again.Sequence != first.Sequence {
		t.Fatalf("%+v, %v", again, err)
	}
	stream, err := ann.Stream(ctx, inA.Chat.Stream)
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{wire.ChatSubjects("A")}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := consumer.Next(jetstream.FetchMaxWait(5 * time.Second))
	if err != nil || string(m.Data()) != "one" {
		t.Fatalf("%v", err)
	}
	if user, err := wire.SubjectUser(m.Subject()); err != nil || user != "ann" {
		t.Errorf("%q, %v", user, err)
	}

	for _, subject := range []string{wire.ChatSubject("A", "bob"), wire.ChatSubject("B", "ann"), wire.LiveSubject("A", "bob")} {
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		if _, err := ann.Publish(short, subject, []byte("forged")); err == nil {
			t.Errorf("ann publishes to %s", subject)
		}
		cancel()
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Error(err)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("publishing to %s is not refused", subject)
		}
	}
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if _, err := bob.Stream(short, inA.Chat.Stream); err == nil {
		t.Error("bob sees room A")
	}
	if _, err := bob.CreateOrUpdateConsumer(short, inA.Chat.Stream, jetstream.ConsumerConfig{}); err == nil {
		t.Error("bob reads room A")
	}
	if err := bob.DeleteStream(short, wire.ChatStream("B")); err == nil {
		t.Error("bob deletes his room")
	}
	for _, subject := range []string{wire.LiveSubjects("A"), "_INBOX.>", ">", "$JS.>", "$SYS.>"} {
		for len(bobRefused) > 0 {
			<-bobRefused
		}
		if _, err := bobConn.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-bobRefused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Error(err)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("bob listens to %s", subject)
		}
	}
}

func TestPortsThatAreTakenAreNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addr := l.Addr().String()
	_, err = Start(t.Context(), Config{Listen: addr, Data: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	var taken *PortError
	if !errors.As(err, &taken) || !errors.Is(err, ErrPortTaken) {
		t.Fatalf("%v", err)
	}
	_, port, _ := net.SplitHostPort(addr)
	if !strings.Contains(err.Error(), port) || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("%v", err)
	}
	c, err := net.ListenPacket("udp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, port, _ = net.SplitHostPort(c.LocalAddr().String())
	n, _ := strconv.Atoi(port)
	if _, err := Start(t.Context(), Config{Listen: "127.0.0.1:0", Data: t.TempDir(), UDPPort: n, Logger: slog.New(slog.DiscardHandler)}); !errors.As(err, &taken) || taken.Network != "udp" {
		t.Fatalf("%v", err)
	}
}

func TestOpenIsForLoopback(t *testing.T) {
	for _, listen := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:0"} {
		if _, err := Start(t.Context(), Config{Listen: listen, Data: t.TempDir(), Open: true, Logger: slog.New(slog.DiscardHandler)}); !errors.Is(err, ErrOpen) {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func TestSecretsAreTheUsersOwn(t *testing.T) {
	data := t.TempDir()
	first, err := LoadApps(data)
	if err != nil {
		t.Fatal(err)
	}
	k, err := loadKeys(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadApps(data)
	if err != nil {
		t.Fatal(err)
	}
	k2, err := loadKeys(data)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := first.Secret(wire.LocalAppID)
	b, _ := again.Secret(wire.LocalAppID)
	if a != b || len(a) < 32 || k.ID != k2.ID {
		t.Error("the secrets do not survive a restart")
	}
	for _, name := range []string{appsFile, keysFile} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if err := os.WriteFile(filepath.Join(data, keysFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadKeys(data); err == nil || !strings.Contains(err.Error(), keysFile) {
		t.Errorf("%v", err)
	}
}

func TestConfigurationFile(t *testing.T) {
	for _, test := range []struct{ text, says string }{
		{"", ""},
		{"listen: 127.0.0.1:7000\nopen: true\nudp_port: 0\n", ""},
		{"listne: 127.0.0.1:7000\n", "listne: line 1: there is no such key"},
		{"open: true\ntls:\n  acme:\n    # which\n    domain: a.example\n", "tls.acme.domain: line 5: there is no such key"},
		{"limits:\n  connections: many\n", "limits.connections: line 2: "},
		{"open: true\nopen: false\n", "open"},
		{"drain: 10\n", "drain: line 1: "},
		{"log: {level: loud}\n", "level"},
		{"log: {format: xml}\n", "log.format: "},
		{"udp_port: 70000\n", "udp_port: 70000 is no port"},
		{"open: [", "yaml"},
		{"[]", "line 1"},
	} {
		if _, err := parseFile([]byte(test.text)); (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v", test.text, err)
		}
	}
}

func TestHealthAndCORS(t *testing.T) {
	answer, err := http.Get("http://" + shared.Address() + wire.PathHealth)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Error(answer.Status)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+shared.Address()+wire.PathRTC+"/validate", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://elsewhere.example")
	answer, err = http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the pages of other sites are let in")
	}
}

func FuzzDecodeJoin(f *testing.F) {
	f.Add([]byte(`{"room_id":"r","user":{"id":"ann"},"chat_key":"U"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := decodeJoin(data); err == nil && (wire.CheckRoomID(r.RoomID) != nil || wire.CheckUserID(r.User.ID) != nil) {
			t.Errorf("%+v is taken", r)
		}
	})
}

func FuzzVerifyToken(f *testing.F) {
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.x")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := VerifyToken(token, strings.Repeat("s", 43), "local", "r", "ann"); err == nil {
			t.Errorf("%q is taken", token)
		}
	})
}

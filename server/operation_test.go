package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/nats-io/nats.go"

	"parley/session/wire"
)

// joinWith joins with a credential of any kind.
func (c *child) joinWith(r wire.JoinRequest, token string) (*wire.JoinResponse, answer) {
	c.t.Helper()
	r.Credential.Token = token
	body, err := json.Marshal(r)
	if err != nil {
		c.t.Fatal(err)
	}
	a, err := fetch(http.DefaultClient, http.MethodPost, c.url(wire.PathJoin), nil, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	response := new(wire.JoinResponse)
	if a.status != http.StatusOK || json.Unmarshal(a.body, response) != nil {
		return nil, a
	}
	return response, a
}

// enter is a participant of the call.
func (c *child) enter(room, user string) *lksdk.Room {
	c.t.Helper()
	in, a := c.join(room, user)
	if in == nil {
		c.t.Fatalf("status %d: %s", a.status, a.body)
	}
	lksdk.SetLogger(logger.GetDiscardLogger())
	r := lksdk.NewRoom(&lksdk.RoomCallback{})
	if err := r.JoinWithToken(in.Media.URL, in.Media.Token, lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(r.Disconnect)
	return r
}

func (c *child) signal(s os.Signal) {
	c.t.Helper()
	if runtime.GOOS == "windows" {
		c.t.Skip("Windows has no signals")
	}
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

func (c *child) running() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// awaitDrain waits until the server says that it lets nobody in.
func (c *child) awaitDrain() {
	c.t.Helper()
	for end := time.Now().Add(5 * time.Second); c.get(wire.PathReady).status == http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatal("it goes on")
		}
	}
}

func TestDrainLetsThoseFinishWhoAreIn(t *testing.T) {
	t.Parallel()
	c := startChild(t, "drain: 30s\nmetrics: public\n")
	if a := c.get(wire.PathReady); a.status != http.StatusOK {
		t.Fatalf("not ready: %s", a.body)
	}
	ann := c.enter("r", "ann")
	before, _ := c.join("r", "cleo")
	c.signal(syscall.SIGTERM)
	c.awaitDrain()
	in, a := c.join("r", "bob")
	if in != nil || a.status != http.StatusServiceUnavailable || a.code() != wire.CodeDraining || a.header.Get("Retry-After") == "" || !strings.Contains(string(a.body), "try again in a minute") {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	renewal, _ := request(t, "r", "cleo")
	renewal.Credential.Pass = before.Files.Token
	if again, a := c.joinWith(renewal, ""); again == nil {
		t.Errorf("who is in can't stay: status %d: %s", a.status, a.body)
	}
	if a := c.get(wire.PathHealth); a.status != http.StatusOK {
		t.Errorf("not alive: status %d", a.status)
	}
	if body := string(c.get(metricsPath).body); !strings.Contains(body, "\nparley_draining 1\n") || !strings.Contains(body, `parley_joins_total{result="draining"} 1`) {
		t.Error("the metrics do not tell")
	}
	time.Sleep(time.Second)
	if !c.running() || ann.ConnectionState() != lksdk.ConnectionStateConnected {
		t.Error("the call ended")
	}
	ann.Disconnect()
	began := time.Now()
	c.wait(10 * time.Second)
	t.Logf("ended %v after the last had left", time.Since(began).Round(time.Millisecond))
	if code := c.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("status %d", code)
	}
}

func TestDrainEnds(t *testing.T) {
	for _, test := range []struct {
		name, settings string
		signals        []os.Signal
		least, most    time.Duration
	}{
		{"when its time is over", "drain: 2s\n", []os.Signal{syscall.SIGTERM}, 2 * time.Second, 6 * time.Second},
		{"at a second signal", "drain: 1m\n", []os.Signal{syscall.SIGTERM, syscall.SIGTERM}, 0, 4 * time.Second},
		{"at Ctrl+C after the signal", "drain: 1m\n", []os.Signal{syscall.SIGTERM, os.Interrupt}, 0, 4 * time.Second},
		{"at once by default", "", []os.Signal{syscall.SIGTERM}, 0, 4 * time.Second},
		{"at once at Ctrl+C", "drain: 1m\n", []os.Signal{os.Interrupt}, 0, 4 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := startChild(t, test.settings)
			c.enter("r", "ann")
			began := time.Now()
			for i, s := range test.signals {
				if i > 0 {
					c.awaitDrain()
				}
				c.signal(s)
			}
			c.wait(10 * time.Second)
			if took := time.Since(began); took < test.least || took > test.most {
				t.Errorf("took %v", took)
			}
			if code := c.cmd.ProcessState.ExitCode(); code != 0 {
				t.Errorf("status %d", code)
			}
		})
	}
}

// secretsIn finds what is long enough for a secret in a file of JSON.
func secretsIn(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	var found []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) >= 32 {
				found = append(found, v)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
	return found
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// TestNoSecretGetsOut does everything that one can do, right and wrong, and
// looks for secrets in all that the server says, but for what it gives to whom
// it lets in.
func TestNoSecretGetsOut(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	c := startChild(t, fmt.Sprintf("metrics: ':%d'\nlimits: {uploads_per_minute: 3}\n", port))
	const room, user = "zebracrossing", "quagga-user"
	secrets := append(secretsIn(t, filepath.Join(c.data, appsFile)), secretsIn(t, filepath.Join(c.data, keysFile))...)
	if len(secrets) < 4 {
		t.Fatalf("%d secrets", len(secrets))
	}
	var said []string
	hear := func(a answer) answer {
		said = append(said, string(a.body), fmt.Sprint(a.header))
		return a
	}

	r, pair := request(t, room, user)
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	right := c.token(room, user)
	secrets = append(secrets, string(seed), right)
	other, err := SignToken(wire.TokenClaims{AppID: wire.LocalAppID, RoomID: room, Privileges: []wire.Privilege{wire.PrivilegeLogin}, Expires: time.Now().Add(time.Hour).Unix()}, strings.Repeat("k", 43))
	if err != nil {
		t.Fatal(err)
	}
	expired, err := SignToken(wire.TokenClaims{AppID: wire.LocalAppID, RoomID: room, Privileges: []wire.Privilege{wire.PrivilegeLogin}, Expires: 1}, c.secret())
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string]string{"": "token_required", other: "token_signature", right[:len(right)-3]: "token_signature", expired: "token_expired", c.token("elsewhere", user): "token_room"}
	for token, code := range wrong {
		in, a := c.joinWith(r, token)
		if hear(a); in != nil || string(a.code()) != code {
			t.Errorf("status %d: %s", a.status, a.body)
		}
		if token != "" {
			secrets = append(secrets, token)
		}
	}
	in, a := c.joinWith(r, right)
	if in == nil {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	secrets = append(secrets, in.Media.Token, in.Chat.JWT, in.Files.Token)

	// In, by all ways; and not in, by all ways.
	lksdk.SetLogger(logger.GetDiscardLogger())
	call := lksdk.NewRoom(&lksdk.RoomCallback{})
	if err := call.JoinWithToken(in.Media.URL, in.Media.Token, lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		t.Fatal(err)
	}
	defer call.Disconnect()
	chat, err := nats.Connect(in.Chat.URL, nats.ProxyPath(in.Chat.Path), nats.CustomInboxPrefix(in.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return in.Chat.JWT, nil }, pair.Sign), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	defer chat.Close()
	_ = chat.Publish(wire.ChatSubject(room, "somebody-else"), []byte("forged"))
	_ = chat.FlushTimeout(time.Second)
	stranger, _ := key(t)
	if stolen, err := nats.Connect(in.Chat.URL, nats.ProxyPath(in.Chat.Path), nats.UserJWT(func() (string, error) { return in.Chat.JWT, nil }, stranger.Sign)); err == nil {
		stolen.Close()
		t.Error("a stolen JWT opens the chat")
	}
	for _, token := range []string{other, right, in.Files.Token, in.Media.Token[:len(in.Media.Token)-3]} {
		bad, err := fetch(http.DefaultClient, http.MethodGet, c.url(wire.PathRTC+"/validate?access_token="+token), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if hear(bad); bad.status == http.StatusOK {
			t.Error("a wrong token opens the call")
		}
	}
	content := bytes.Repeat([]byte("content"), 1000)
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	put := func(token, hash string, content []byte) int {
		a, err := fetch(http.DefaultClient, http.MethodPut, in.Files.URL+wire.BlobPath(room, hash), http.Header{"Authorization": {"Bearer " + token}}, bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		return hear(a).status
	}
	for _, test := range []struct {
		token, hash string
		status      int
	}{
		{in.Files.Token, hash, 201}, {in.Files.Token, strings.Repeat("0", 64), 422}, {right, hash, 401}, {in.Media.Token, hash, 401},
		{in.Files.Token, strings.Repeat("1", 64), 422}, {in.Files.Token, strings.Repeat("2", 64), 429},
	} {
		if status := put(test.token, test.hash, content); status != test.status {
			t.Errorf("status %d instead of %d", status, test.status)
		}
	}
	for _, path := range []string{wire.PathReady, wire.PathHealth, "/", "/nothing?token=" + right, wire.PathChat, wire.PathRTC, metricsPath} {
		hear(c.get(path))
	}
	if c.get(metricsPath).status != http.StatusNotFound {
		t.Error("the metrics are on the public port")
	}

	metrics, err := fetch(http.DefaultClient, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", port, metricsPath), nil, nil)
	if err != nil || metrics.status != http.StatusOK {
		t.Fatalf("metrics: status %d, %v", metrics.status, err)
	}
	text := string(hear(metrics).body)
	for _, line := range []string{
		`parley_joins_total{result="ok"} 1`, `parley_joins_total{result="token_signature"} 2`, `parley_joins_total{result="token_room"} 1`, `parley_joins_total{result="token_expired"} 1`,
		`parley_joins_total{result="token_required"} 1`, "parley_joins_in_progress 0", "parley_rooms 1", "parley_websockets 2", "parley_draining 0",
		`parley_uploads_total{result="ok"} 1`, `parley_uploads_total{result="bad_hash"} 2`, `parley_uploads_total{result="too_many"} 1`,
		"parley_upload_bytes_total 7000", "livekit_room_total{", "livekit_participant_total{", "parley_chat_streams ", "parley_chat_connections ", "parley_build_info{", "go_goroutines ",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("the metrics do not have %s", line)
		}
	}
	for _, name := range []string{room, user, wire.SubjectToken(room), "somebody-else"} {
		if strings.Contains(text, name) {
			t.Errorf("the metrics name %s", name)
		}
	}

	pid := strconv.Itoa(c.cmd.Process.Pid)
	arguments, err := os.ReadFile("/proc/" + pid + "/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	environment, err := os.ReadFile("/proc/" + pid + "/environ")
	if err != nil {
		t.Fatal(err)
	}
	call.Disconnect()
	chat.Close()
	c.signal(os.Interrupt)
	c.wait(10 * time.Second)
	said = append(said, c.log(), string(arguments), string(environment))
	if len(c.log()) == 0 {
		t.Error("nothing is logged")
	}
	for _, text := range said {
		for _, secret := range secrets {
			// Half of one is no less of a secret; the heads of tokens say nothing.
			if at := strings.Index(text, secret[len(secret)/2:]); at >= 0 {
				t.Errorf("a secret of %d characters is in: %.200s", len(secret), text[max(0, at-100):])
			}
		}
	}
}

func TestReadyNeedsBothEngines(t *testing.T) {
	ok := newReadiness(shared)
	if err := ok.check(); err != nil {
		t.Fatal(err)
	}
	// One whose media engine is elsewhere, where nobody is.
	lost := *shared.media
	lost.address = "http://127.0.0.1:" + strconv.Itoa(freePort(t))
	broken := newReadiness(&Server{config: shared.config, media: &lost, chat: shared.chat})
	if err := broken.check(); err == nil || !strings.Contains(err.Error(), "media engine") {
		t.Errorf("%v", err)
	}
	if err := broken.check(); err == nil {
		t.Error("the answer was not kept")
	}
}

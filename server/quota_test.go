package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/session/wire"
)

// testRedis is a Redis that can be ended and begun again at the same address.
type testRedis struct {
	t       *testing.T
	address string
	cmd     *exec.Cmd
}

func startRedis(t *testing.T) *testRedis {
	t.Helper()
	r := &testRedis{t: t, address: freeAddresses(t, 1)[0]}
	r.start()
	t.Cleanup(r.stop)
	return r
}

func (r *testRedis) start() {
	r.t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		r.t.Skip("no redis-server: `make setup` installs it")
	}
	_, port, _ := net.SplitHostPort(r.address)
	r.cmd = exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--dir", r.t.TempDir(), "--save", "", "--appendonly", "no", "--daemonize", "no")
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", r.address); err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(end) {
			r.t.Fatal("Redis does not start")
		}
	}
}

func (r *testRedis) stop() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// node counts as one of several does.
func (r *testRedis) node(log *slog.Logger) *sharedQuotas {
	client := redis.NewClient(&redis.Options{Addr: r.address})
	r.t.Cleanup(func() { _ = client.Close() })
	return newSharedQuotas(client, "secret", log)
}

func TestQuotas(t *testing.T) {
	r := startRedis(t)
	now := time.Now()
	own := newOwnQuotas()
	own.now = func() time.Time { return now }
	for name, q := range map[string]quotas{"own": own, "shared": r.node(slog.New(slog.DiscardHandler))} {
		t.Run(name, func(t *testing.T) {
			few, many := quota{name: "few", take: 1, most: 3, over: time.Hour}, quota{name: "many", take: 400, most: 1000, over: 10 * time.Hour}
			for i := range 2 {
				if wait := q.take(t.Context(), few, many); wait != 0 {
					t.Errorf("%d: waits %v", i, wait)
				}
			}
			// 200 of many are missing, a fifth of the time; few are left as they were.
			if wait := q.take(t.Context(), few, many); wait < 119*time.Minute || wait > 121*time.Minute {
				t.Errorf("waits %v", wait)
			}
			if wait := q.take(t.Context(), few); wait != 0 {
				t.Errorf("what was refused was taken: %v", wait)
			}
			if wait := q.take(t.Context(), few); wait < 19*time.Minute || wait > 21*time.Minute {
				t.Errorf("waits %v", wait)
			}
			many.take = 1001
			if wait := q.take(t.Context(), many); wait != many.over {
				t.Errorf("more than there ever is waits %v", wait)
			}
		})
	}
	// What was taken comes back with time, here by the clock of Redis.
	quick := quota{name: "quick", take: 1, most: 1, over: 200 * time.Millisecond}
	shared := r.node(slog.New(slog.DiscardHandler))
	if shared.take(t.Context(), quick) != 0 || shared.take(t.Context(), quick) == 0 {
		t.Error("it is not counted")
	}
	time.Sleep(250 * time.Millisecond)
	if wait := shared.take(t.Context(), quick); wait != 0 {
		t.Errorf("later it waits %v", wait)
	}
}

func TestOwnQuotasAreBounded(t *testing.T) {
	now := time.Now()
	own := newOwnQuotas()
	own.now = func() time.Time { return now }
	one := func(i int) quota { return quota{name: fmt.Sprint(i), take: 1, most: 1, over: time.Minute} }
	for i := range quotasMost {
		if own.take(t.Context(), one(i)) != 0 {
			t.Fatal(i)
		}
	}
	if own.take(t.Context(), one(quotasMost)) == 0 {
		t.Error("there is no end to those who are counted")
	}
	now = now.Add(time.Minute)
	if wait := own.take(t.Context(), one(quotasMost)); wait != 0 || len(own.left) != 1 {
		t.Errorf("a minute later it waits %v, and %d are counted", wait, len(own.left))
	}
}

func TestGuessesOfAllNodes(t *testing.T) {
	r := startRedis(t)
	testGuesses(t, newPasscodes(r.node(slog.New(slog.DiscardHandler))), nil)
	// Nobody is named in Redis.
	client := redis.NewClient(&redis.Options{Addr: r.address})
	defer client.Close()
	names, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(names) == 0 || strings.Contains(fmt.Sprint(names), "192.0.2") {
		t.Errorf("%v, %v", names, err)
	}
}

// TestEachCountsWhileRedisIsAway takes at three nodes while Redis is there, ends, and
// comes back.
func TestEachCountsWhileRedisIsAway(t *testing.T) {
	r := startRedis(t)
	var said bytes.Buffer
	var nodes []*sharedQuotas
	for range 3 {
		nodes = append(nodes, r.node(slog.New(slog.NewTextHandler(&said, nil))))
	}
	q := quota{name: "ann", take: 1, most: 4, over: time.Hour}
	count := func(n *sharedQuotas) (taken int) {
		for n.take(t.Context(), q) == 0 {
			taken++
		}
		return taken
	}
	for i := range 4 {
		if wait := nodes[i%3].take(t.Context(), q); wait != 0 {
			t.Fatalf("%d: waits %v", i, wait)
		}
	}
	for i, n := range nodes {
		if n.take(t.Context(), q) == 0 {
			t.Errorf("node %d does not know what was taken at the others", i)
		}
	}
	r.stop()
	began := time.Now()
	// The first was asked twice, the others once.
	if got := fmt.Sprint(count(nodes[0]), count(nodes[1]), count(nodes[2])); got != "2 3 3" {
		t.Errorf("by themselves they give %s", got)
	}
	if took := time.Since(began); took > 3*quotaWithin+time.Second {
		t.Errorf("it took %v to find that Redis is away", took)
	}
	if n := strings.Count(said.String(), "Redis does not answer"); n != 3 {
		t.Errorf("it is said %d times", n)
	}
	r.start() // with nothing in it
	time.Sleep(quotaAgain + 100*time.Millisecond)
	if got := count(nodes[0]) + count(nodes[1]) + count(nodes[2]); got != 4 {
		t.Errorf("together again they give %d", got)
	}
	if !strings.Contains(said.String(), "for all nodes again") {
		t.Error("that Redis is back is not said")
	}
}

// TestTwoServersCountTogether guesses a passcode at two servers in turn.
func TestTwoServersCountTogether(t *testing.T) {
	r := startRedis(t)
	keys := t.TempDir()
	if err := Manage(keys, "list", "", new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	engine := startNATS(t, keys)
	settings := fmt.Sprintf("keys: %s\nredis: {address: %q}\nnats: {replicas: 1, url: [%q], websocket: [%q]}\n",
		keys, r.address, engine.ClientURL(), strings.Replace(engine.WebsocketURL(), "ws://", "http://", 1))
	servers := []*child{startChild(t, settings), startChild(t, settings)}
	const room = "kept"
	host, _ := request(t, room, "ann")
	apps, err := LoadApps(keys)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := apps.Secret(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	token, err := SignToken(wire.TokenClaims{AppID: wire.LocalAppID, RoomID: room, UserID: "ann", Role: wire.RoleHost,
		Privileges: []wire.Privilege{wire.PrivilegeLogin}, Expires: time.Now().Add(time.Hour).Unix()}, secret)
	if err != nil {
		t.Fatal(err)
	}
	in, a := servers[0].joinWith(host, token)
	if in == nil {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	bearer := http.Header{"Authorization": {"Bearer " + in.Files.Token}}
	a, err = fetch(http.DefaultClient, http.MethodPost, servers[0].url(wire.ActionsPath(room)), bearer, strings.NewReader(`{"action":"passcode","passcode":"swordfish"}`))
	if err != nil || a.status != http.StatusNoContent {
		t.Fatalf("status %d: %s, %v", a.status, a.body, err)
	}
	tried := 0
	for i := range 2 * guessesOfOne {
		guess, _ := request(t, room, "eve")
		guess.Credential.Passcode = "sword"
		_, a := servers[i%2].joinWith(guess, "")
		switch a.code() {
		case wire.CodePasscodeWrong:
			tried++
		case wire.CodeTooMany:
		default:
			t.Errorf("status %d: %s", a.status, a.body)
		}
	}
	// In the time that this takes one may come back.
	if n := tried; n < guessesOfOne || n > guessesOfOne+1 {
		t.Errorf("%d guesses at two servers", n)
	}
}

package nearby

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/session/wire"
)

// house is a door and the room that it is announced with.
func house(t *testing.T, admit func(context.Context, wire.User) bool) Room {
	t.Helper()
	key, id := newServer(t)
	d, err := OpenDoor(DoorParams{
		Room: "tea", Port: 7880, Sign: key.Sign, Admit: admit, Logger: slog.New(slog.DiscardHandler),
		Token: func(user string) (string, error) { return "token of " + user, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return Room{ServerID: id, RoomID: "tea", Address: "127.0.0.1:7880", Door: d.Port(), Entry: EntryAsk}
}

func TestDoor(t *testing.T) {
	var came []wire.User
	r := house(t, func(_ context.Context, u wire.User) bool {
		came = append(came, u)
		return u.ID == "bob"
	})
	if err := Prove(t.Context(), r); err != nil {
		t.Error(err)
	}
	if len(came) > 0 {
		t.Error("a proof bothers the host")
	}
	token, err := Ask(t.Context(), r, wire.User{ID: "bob", Name: "Bob \u202e!"})
	if err != nil || token != "token of bob" {
		t.Errorf("%q, %v", token, err)
	}
	if len(came) != 1 || came[0].Name != "Bob !" {
		t.Errorf("%q", came)
	}
	if token, err := Ask(t.Context(), r, wire.User{ID: "eve", Name: "Eve"}); !errors.Is(err, ErrRefused) || token != "" {
		t.Errorf("%q, %v", token, err)
	}
	other := r
	other.RoomID = "coffee"
	if token, err := Ask(t.Context(), other, wire.User{ID: "bob"}); err == nil {
		t.Errorf("a token for another room: %q", token)
	}
}

// TestDoorOfAnother has those who announce what is not theirs, and pass the
// question on to whose it is.
func TestDoorOfAnother(t *testing.T) {
	var asked atomic.Int32
	real := house(t, func(context.Context, wire.User) bool { asked.Add(1); return true })
	own := house(t, func(context.Context, wire.User) bool { asked.Add(1); return true })
	relay, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip(err) // macOS has one loopback address
	}
	thief := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer, err := http.Post("http://127.0.0.1:"+strconv.Itoa(real.Door)+r.URL.Path, "application/json", bytes.NewReader(body))
		if err != nil {
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	})}
	go thief.Serve(relay)
	t.Cleanup(func() { thief.Close() })
	_, number, _ := net.SplitHostPort(relay.Addr().String())
	door, _ := strconv.Atoi(number)
	for name, r := range map[string]Room{
		"a door with another key":  {ServerID: real.ServerID, RoomID: "tea", Address: own.Address, Door: own.Door},
		"one that passes it on":    {ServerID: real.ServerID, RoomID: "tea", Address: "127.0.0.2:7880", Door: door},
		"a server beside the door": {ServerID: real.ServerID, RoomID: "tea", Address: "127.0.0.1:7881", Door: real.Door},
	} {
		if err := Prove(t.Context(), r); !errors.Is(err, ErrNotProved) {
			t.Errorf("%s: %v", name, err)
		}
		if token, err := Ask(t.Context(), r, wire.User{ID: "bob"}); err == nil {
			t.Errorf("%s: %q", name, token)
		}
	}
	if asked.Load() > 0 {
		t.Error("the host was asked for somebody who was not sure of it")
	}
}

func TestDoorIsNotForCrowds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var waiting atomic.Int32
	gone := make(chan struct{}, asksMost)
	r := house(t, func(ctx context.Context, _ wire.User) bool {
		waiting.Add(1)
		<-ctx.Done()
		gone <- struct{}{}
		return true
	})
	results := make(chan error, 10*asksMost)
	for range asksMost {
		go func() {
			_, err := Ask(ctx, r, wire.User{ID: "bob"})
			results <- err
		}()
	}
	for end := time.Now().Add(5 * time.Second); waiting.Load() < asksMost; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody waits")
		}
	}
	if _, err := Ask(t.Context(), r, wire.User{ID: "eve"}); !errors.Is(err, ErrRefused) {
		t.Errorf("one too many: %v", err)
	}
	if err := Prove(t.Context(), r); err != nil {
		t.Errorf("a proof waits for others: %v", err)
	}
	cancel() // they give up, and the host is told
	for range asksMost {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		select {
		case <-gone:
		case <-time.After(5 * time.Second):
			t.Fatal("the host is still asked")
		}
	}
	address := "http://127.0.0.1:" + strconv.Itoa(r.Door) + pathDoor
	for _, body := range []string{"", "{}", `{"nonce":"short"}`, strings.Repeat("x", 2*doorBodyMax)} {
		answer, err := http.Post(address, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%.20q: %d", body, answer.StatusCode)
		}
	}
}

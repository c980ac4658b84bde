package server

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// enterChat joins a room and connects to its chat.
func enterChat(t *testing.T, room, user string) *nats.Conn {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	response, status, refusal := join(t, wire.JoinRequest{RoomID: room, User: wire.User{ID: user}, ChatKey: public})
	if response == nil {
		t.Fatal(status, refusal)
	}
	conn, err := nats.Connect(response.Chat.URL, nats.ProxyPath(response.Chat.Path), nats.CustomInboxPrefix(response.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return response.Chat.JWT, nil }, key.Sign))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func control(t *testing.T, conn *nats.Conn, subject string, what any) wire.ControlResponse {
	t.Helper()
	data, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	m, err := conn.Request(subject, data, 5*time.Second)
	if err != nil {
		t.Error(err)
		return wire.ControlResponse{}
	}
	var response wire.ControlResponse
	if err := json.Unmarshal(m.Data, &response); err != nil {
		t.Error(err)
	}
	return response
}

func TestOneOfManyGetsAStreamID(t *testing.T) {
	const clients = 100
	conns := make([]*nats.Conn, clients)
	for i := range conns {
		conns[i] = enterChat(t, fmt.Sprint("registry-", i%5), fmt.Sprint("u", i))
	}
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		won   []string
		holds = make(map[string]int)
	)
	for i, conn := range conns {
		all.Go(func() {
			user := fmt.Sprint("u", i)
			response := control(t, conn, wire.ClaimSubject(fmt.Sprint("registry-", i%5), user), wire.ClaimRequest{StreamID: "the-one", Session: user, Name: "N" + user})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case response.Error == nil:
				won = append(won, user)
			case response.Error.Code == wire.CodeStreamInUse && response.Holder != nil:
				holds[response.Holder.ID+response.Holder.Name]++
			default:
				t.Error(response.Error)
			}
		})
	}
	all.Wait()
	if len(won) != 1 || holds[won[0]+"N"+won[0]] != clients-1 {
		t.Errorf("%v won, %v is told", won, holds)
	}
}

func TestStreamIDsAreRenewedReleasedAndEnd(t *testing.T) {
	ann, bob := enterChat(t, "claims", "ann"), enterChat(t, "claims", "bob")
	claim := func(conn *nats.Conn, user, session string, release bool) wire.Code {
		r := control(t, conn, wire.ClaimSubject("claims", user), wire.ClaimRequest{StreamID: "s", Session: session, Release: release})
		if r.Error != nil {
			return r.Error.Code
		}
		return ""
	}
	for _, step := range []struct {
		conn          *nats.Conn
		user, session string
		release       bool
		want          wire.Code
	}{
		{ann, "ann", "1", false, ""},
		{ann, "ann", "1", false, ""}, // renewed
		{bob, "bob", "2", false, wire.CodeStreamInUse},
		{bob, "bob", "2", true, ""}, // not his: nothing happens
		{bob, "bob", "2", false, wire.CodeStreamInUse},
		{ann, "ann", "3", false, ""}, // logged in anew
		{ann, "ann", "1", true, ""},  // an earlier self releases nothing
		{bob, "bob", "2", false, wire.CodeStreamInUse},
		{ann, "ann", "3", true, ""},
		{bob, "bob", "2", false, ""},
		{ann, "ann", "", false, wire.CodeBadRequest},
	} {
		if got := claim(step.conn, step.user, step.session, step.release); got != step.want {
			t.Errorf("%s %s release %v: %q, want %q", step.user, step.session, step.release, got, step.want)
		}
	}
	// Bob is gone without a word.
	bob.Close()
	began := time.Now()
	for claim(ann, "ann", "4", false) != "" {
		if time.Since(began) > 15*time.Second {
			t.Fatal("a crash does not free the stream ID")
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Logf("free after %v", time.Since(began))
	// Nobody asks for others.
	if _, err := ann.Request(wire.ClaimSubject("claims", "bob"), []byte("{}"), time.Second); err == nil {
		t.Error("a claim in the name of another user is answered")
	}
}

func FuzzReadClaim(f *testing.F) {
	f.Add(wire.ClaimSubject("r", "u"), []byte(`{"stream_id":"s","session":"1","name":"A"}`))
	f.Add("room..claim.", []byte(`{`))
	f.Fuzz(func(t *testing.T, subject string, data []byte) {
		mine, request, err := readClaim(subject, data)
		if err == nil && (wire.CheckStreamID(request.StreamID) != nil || wire.CheckUserName(mine.User.Name) != nil || mine.Session == "" || len(mine.Session) > sessionMax) {
			t.Errorf("%+v %+v", mine, request)
		}
	})
}

package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

// local is the tenant that a server begins with.
func local(t *testing.T) *tenant {
	t.Helper()
	tenant, err := shared.tenants.get(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// manage changes the AppIDs as another process does, and waits until the server
// knows.
func manage(t *testing.T, action, id string) (secret string) {
	t.Helper()
	var out bytes.Buffer
	if err := Manage(shared.config.Data, action, id, &out); err != nil {
		t.Fatal(err)
	}
	_, secret, _ = strings.Cut(strings.TrimSpace(out.String()), "secret: ")
	for range 100 {
		now, err := shared.apps.Secret(id)
		_, open := shared.tenants.get(id)
		if action == "remove" && err != nil && open != nil || action != "remove" && now == secret && open == nil {
			return secret
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the server does not see that %q was changed: %s", id, action)
	return ""
}

func tokenFor(t *testing.T, app, secret, room, user string) string {
	t.Helper()
	token, err := SignToken(wire.TokenClaims{AppID: app, RoomID: room, UserID: user,
		Privileges: []wire.Privilege{wire.PrivilegeLogin, wire.PrivilegePublish}, Expires: time.Now().Add(time.Hour).Unix()}, secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// enterMedia joins the call of a room.
func enterMedia(t *testing.T, response *wire.JoinResponse, ended func()) *lksdk.Room {
	t.Helper()
	lksdk.SetLogger(logger.GetDiscardLogger())
	room := lksdk.NewRoom(&lksdk.RoomCallback{OnDisconnected: ended})
	if err := room.JoinWithToken(response.Media.URL, response.Media.Token, lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(room.Disconnect)
	return room
}

// TestAppsNeverMeet has somebody of the same name enter the room of the same name
// in two AppIDs, and tries what would reach the other.
func TestAppsNeverMeet(t *testing.T) {
	manage(t, "add", "acme")
	t.Cleanup(func() { manage(t, "remove", "acme") })
	const room = "standup"
	oursConn, ours, inOurs, _ := chatIn(t, wire.LocalAppID, room, "ann")
	theirsConn, theirs, inTheirs, _ := chatIn(t, "acme", room, "ann")

	// The call.
	_, _, bobs, _ := chatIn(t, "acme", room, "bob")
	first := enterMedia(t, inOurs, nil)
	enterMedia(t, bobs, nil)
	second := enterMedia(t, inTheirs, nil) // who has the same name displaces nobody
	for deadline := time.Now().Add(5 * time.Second); len(second.GetRemoteParticipants()) == 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if n := len(second.GetRemoteParticipants()); n != 1 {
		t.Errorf("ann sees %d in her own AppID's room", n)
	}
	if n := len(first.GetRemoteParticipants()); n != 0 || first.ConnectionState() != lksdk.ConnectionStateConnected {
		t.Errorf("ann of the other AppID sees %d, and is %v", n, first.ConnectionState())
	}

	// The chat, the passing signs, and the history.
	live, err := theirsConn.SubscribeSync(wire.LiveSubjects(room))
	if err != nil {
		t.Fatal(err)
	}
	if err := theirsConn.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := oursConn.Publish(wire.LiveSubject(room, "ann"), []byte("typing")); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Publish(t.Context(), wire.ChatSubject(room, "ann"), []byte("hello"), jetstream.WithMsgID("1")); err != nil {
		t.Fatal(err)
	}
	stream, err := theirs.Stream(t.Context(), inTheirs.Chat.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.Msgs; n != 0 {
		t.Errorf("%d messages came over", n)
	}
	if m, err := live.NextMsg(300 * time.Millisecond); err == nil {
		t.Errorf("%q came over", m.Data)
	}

	// The attachments.
	data, hash := content(1000)
	wantStatus(t, "put", ask(t, "PUT", room, hash, inOurs.Files.Token, bytes.NewReader(data)), http.StatusCreated)
	wantStatus(t, "get", ask(t, "GET", room, hash, inTheirs.Files.Token, nil), http.StatusNotFound)

	// The StreamIDs.
	for _, conn := range []*nats.Conn{oursConn, theirsConn} {
		if response := control(t, conn, wire.ClaimSubject(room, "ann"), wire.ClaimRequest{StreamID: "ann", Session: "s"}); response.Error != nil {
			t.Errorf("%+v", response.Error)
		}
	}

	// One's token at the other's door.
	ourSecret, err := shared.apps.Secret(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"for the other AppID":         tokenFor(t, wire.LocalAppID, ourSecret, room, "ann"),
		"by the other AppID's secret": tokenFor(t, "acme", ourSecret, room, "ann"),
	} {
		r, _ := request(t, room, "ann")
		r.AppID, r.Credential.Token = "acme", token
		if response, status, _ := join(t, r); response != nil || status != http.StatusForbidden {
			t.Errorf("a token %s: status %d", name, status)
		}
	}
}

// TestRotateEndsOldTokensAndNothingElse has somebody stay in a room meanwhile.
func TestRotateEndsOldTokensAndNothingElse(t *testing.T) {
	old := manage(t, "add", "rotated")
	t.Cleanup(func() { manage(t, "remove", "rotated") })
	const room = "r"
	conn, js, response, _ := chatIn(t, "rotated", room, "ann")
	call := enterMedia(t, response, nil)
	secret := manage(t, "rotate", "rotated")
	for token, want := range map[string]int{tokenFor(t, "rotated", old, room, "bob"): http.StatusForbidden, tokenFor(t, "rotated", secret, room, "bob"): http.StatusOK} {
		r, _ := request(t, room, "bob")
		r.AppID, r.Credential.Token = "rotated", token
		if _, status, e := join(t, r); status != want {
			t.Errorf("status %d instead of %d: %+v", status, want, e)
		}
	}
	if _, err := js.Publish(t.Context(), wire.ChatSubject(room, "ann"), []byte("on"), jetstream.WithMsgID("1")); err != nil {
		t.Error(err)
	}
	data, hash := content(1000)
	wantStatus(t, "put", ask(t, "PUT", room, hash, response.Files.Token, bytes.NewReader(data)), http.StatusCreated)
	if !conn.IsConnected() || call.ConnectionState() != lksdk.ConnectionStateConnected {
		t.Error("chat or call ended")
	}
}

// TestRemoveEndsAnApp has somebody be in its room.
func TestRemoveEndsAnApp(t *testing.T) {
	manage(t, "add", "gone")
	conn, _, response, _ := chatIn(t, "gone", "r", "ann")
	conn.Opts.AllowReconnect = false
	_, _, others, _ := chatIn(t, wire.LocalAppID, "gone", "bob")
	ended := make(chan struct{})
	enterMedia(t, response, func() { close(ended) })
	other := enterMedia(t, others, nil)
	manage(t, "remove", "gone")
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the call goes on")
	}
	for deadline := time.Now().Add(5 * time.Second); conn.IsConnected() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if conn.IsConnected() {
		t.Error("the chat goes on")
	}
	_, hash := content(1000)
	wantStatus(t, "get", ask(t, "GET", "r", hash, response.Files.Token, nil), http.StatusUnauthorized)
	r, _ := request(t, "r", "ann")
	r.AppID = "gone"
	if _, status, e := join(t, r); status != http.StatusForbidden || e.Code != wire.CodeUnknownApp {
		t.Errorf("status %d, %+v", status, e)
	}
	if other.ConnectionState() != lksdk.ConnectionStateConnected {
		t.Error("another AppID's call ended")
	}
	// The same name is another AppID.
	manage(t, "add", "gone")
	t.Cleanup(func() { manage(t, "remove", "gone") })
	chatIn(t, "gone", "r", "ann")
}

func TestAppsOfBeforeKeepTheirHistory(t *testing.T) {
	folder := t.TempDir()
	stored, err := makeKeys()
	if err != nil {
		t.Fatal(err)
	}
	if stored.Account, err = newAccount(); err != nil {
		t.Fatal(err)
	}
	stored.Media = ""
	secret := strings.Repeat("s", 43)
	if err := errors.Join(writeSecret(filepath.Join(folder, keysFile), stored), writeSecret(filepath.Join(folder, appsFile), map[string]string{wire.LocalAppID: secret})); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		apps, err := LoadApps(folder)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := apps.keys(wire.LocalAppID)
		if err != nil || keys.Secret != secret || keys.Account != stored.Account {
			t.Errorf("the AppID has other keys: %v", err)
		}
	}
	first, err := loadKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := loadKeys(folder); err != nil || again.media != first.media || len(first.media) < secretBytes {
		t.Errorf("the media engine's secret does not stay: %v", err)
	}
}

func TestManageRefuses(t *testing.T) {
	folder := t.TempDir()
	var out bytes.Buffer
	for _, test := range []struct {
		action, id string
		want       error
	}{
		{"add", "local", ErrAppExists}, {"add", "", wire.ErrEmpty}, {"add", "a/b", wire.ErrCharacters}, {"add", strings.Repeat("a", 64), wire.ErrTooLong},
		{"rotate", "none", ErrUnknownApp}, {"remove", "none", ErrUnknownApp},
	} {
		if err := Manage(folder, test.action, test.id, &out); !errors.Is(err, test.want) {
			t.Errorf("%s %q: %v", test.action, test.id, err)
		}
	}
	if err := Manage(folder, "remove", "local", &out); err == nil {
		t.Error("the last AppID is removed")
	}
	if out.Len() > 0 {
		t.Errorf("%s", out.String())
	}
	if err := Manage(folder, "list", "", &out); err != nil || out.String() != "local\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// FuzzApps reads damaged files of AppIDs.
func FuzzApps(f *testing.F) {
	account, err := newAccount()
	if err != nil {
		f.Fatal(err)
	}
	whole, err := json.Marshal(map[string]appKeys{"local": {Secret: newSecret(), Account: account}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"local":"secret"}`))
	f.Add([]byte(`{"a/b":{"secret":1}}`))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		byID, _, err := parseApps(data, folder)
		if err != nil {
			return
		}
		for id, keys := range byID {
			if wire.CheckAppID(id) != nil || len(keys.Secret) < secretBytes || keys.Account == "" {
				t.Errorf("%q is taken", id)
			}
		}
	})
}

// TestDamagedAppsCostNothing has the file be damaged while a server has it open.
func TestDamagedAppsCostNothing(t *testing.T) {
	folder := t.TempDir()
	apps, err := LoadApps(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, appsFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if changed, err := apps.Reload(); err == nil || changed {
		t.Errorf("%v, %v", changed, err)
	}
	if _, err := apps.Secret(wire.LocalAppID); err != nil {
		t.Error(err)
	}
}

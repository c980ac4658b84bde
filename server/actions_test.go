package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"parley/session/wire"
)

// guest is somebody who came into a room.
type guest struct {
	response *wire.JoinResponse
	chat     *nats.Conn
	js       jetstream.JetStream
	pair     nkeys.KeyPair
	call     *lksdk.Room
	ended    atomic.Value // lksdk.DisconnectionReason
}

// arrive comes into a room with call and chat; a host by a token.
func arrive(t *testing.T, room, user string, host bool) *guest {
	t.Helper()
	r, pair := request(t, room, user)
	if host {
		r.Credential.Token = hostToken(t, room, user)
	}
	g := &guest{pair: pair}
	var status int
	var e wire.ErrorResponse
	if g.response, status, e = join(t, r); g.response == nil {
		t.Fatalf("%s: status %d, %+v", user, status, e)
	}
	var err error
	if g.chat, err = g.connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.chat.Close)
	if g.js, err = jetstream.New(g.chat); err != nil {
		t.Fatal(err)
	}
	lksdk.SetLogger(logger.GetDiscardLogger())
	g.call = lksdk.NewRoom(&lksdk.RoomCallback{OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) { g.ended.Store(reason) }})
	if err := g.call.JoinWithToken(g.response.Media.URL, g.response.Media.Token, lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.call.Disconnect)
	return g
}

func (g *guest) connect() (*nats.Conn, error) {
	return nats.Connect(g.response.Chat.URL, nats.ProxyPath(g.response.Chat.Path), nats.CustomInboxPrefix(g.response.Chat.InboxPrefix), nats.NoReconnect(),
		nats.UserJWT(func() (string, error) { return g.response.Chat.JWT, nil }, g.pair.Sign))
}

func hostToken(t *testing.T, room, user string) string {
	t.Helper()
	secret, err := shared.apps.Secret(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	token, err := SignToken(wire.TokenClaims{AppID: wire.LocalAppID, RoomID: room, UserID: user, Role: wire.RoleHost,
		Privileges: []wire.Privilege{wire.PrivilegeLogin, wire.PrivilegePublish}, Expires: time.Now().Add(time.Hour).Unix()}, secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (g *guest) act(t *testing.T, want int, room string, a wire.ActionRequest) {
	t.Helper()
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if status, text := g.ask(t, http.MethodPost, room, body); status != want {
		t.Errorf("%s %s: status %d: %s", a.Action, a.User.ID, status, text)
	}
}

func (g *guest) ask(t *testing.T, method, room string, body []byte) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+shared.Address()+wire.ActionsPath(room), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+g.response.Files.Token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	_, _ = text.ReadFrom(answer.Body)
	return answer.StatusCode, text.String()
}

func (g *guest) info(t *testing.T, room string) (info wire.RoomInfo) {
	t.Helper()
	status, text := g.ask(t, http.MethodGet, room, nil)
	if err := json.Unmarshal([]byte(text), &info); status != http.StatusOK || err != nil {
		t.Fatalf("status %d: %s", status, text)
	}
	return info
}

// notices are what stands in the chat of what hosts did.
func notices(t *testing.T, room string) (list []string) {
	t.Helper()
	stream, err := local(t).js.Stream(t.Context(), wire.ChatStream(room))
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		var n notice
		if err := json.Unmarshal(m.Data, &n); err != nil {
			t.Fatal(err)
		}
		if n.Kind == "notice" {
			about := ""
			if n.About != nil {
				about = " " + n.About.ID
			}
			user, err := wire.SubjectUser(m.Subject)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, user+" "+n.Code+about)
		}
	}
	return list
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Errorf("not in 10 s: %s", what)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func knock(t *testing.T, room, user string, c wire.Credential) wire.Code {
	t.Helper()
	r, _ := request(t, room, user)
	r.Credential = c
	response, _, e := join(t, r)
	if response != nil {
		return ""
	}
	return e.Code
}

func TestOnlyHostsAct(t *testing.T) {
	const room = "only-hosts"
	ann, bob := arrive(t, room, "ann", true), arrive(t, room, "bob", false)
	if ann.response.Role != wire.RoleHost || bob.response.Role != wire.RoleMember {
		t.Errorf("roles %q and %q", ann.response.Role, bob.response.Role)
	}
	for _, a := range []wire.Action{wire.ActionMute, wire.ActionRemove, wire.ActionLock, wire.ActionPasscode, wire.ActionEnd} {
		bob.act(t, http.StatusForbidden, room, wire.ActionRequest{Action: a, User: wire.User{ID: "ann"}})
	}
	ann.act(t, http.StatusForbidden, "another-room", wire.ActionRequest{Action: wire.ActionLock})
	ann.act(t, http.StatusBadRequest, room, wire.ActionRequest{Action: "dance"})
	ann.act(t, http.StatusBadRequest, room, wire.ActionRequest{Action: wire.ActionMute})
	ann.act(t, http.StatusNotFound, room, wire.ActionRequest{Action: wire.ActionMute, User: wire.User{ID: "nobody"}})
	ann.act(t, http.StatusNotFound, room, wire.ActionRequest{Action: wire.ActionRemove, User: wire.User{ID: "nobody"}})
	ann.act(t, http.StatusBadRequest, room, wire.ActionRequest{Action: wire.ActionPasscode, Passcode: "abc"})
	if status, _ := ann.ask(t, http.MethodPost, room, []byte("{")); status != http.StatusBadRequest {
		t.Errorf("no JSON: status %d", status)
	}
	if status, _ := ann.ask(t, http.MethodPost, room, bytes.Repeat([]byte(" "), actionMax+1)); status != http.StatusBadRequest {
		t.Errorf("a huge body: status %d", status)
	}
	if list := notices(t, room); len(list) != 0 {
		t.Errorf("%q", list)
	}
}

func TestRemoveEndsCallChatAndAttachments(t *testing.T) {
	const room = "remove"
	ann, bob, eve := arrive(t, room, "ann", true), arrive(t, room, "bob", false), arrive(t, room, "eve", false)
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionRemove, User: wire.User{ID: "eve", Name: "Eve"}})
	eventually(t, "eve is out of the call", func() bool { return eve.ended.Load() == lksdk.ParticipantRemoved })
	eventually(t, "eve is out of the chat", func() bool { return !eve.chat.IsConnected() })
	if conn, err := eve.connect(); err == nil {
		conn.Close()
		t.Error("eve comes into the chat again with the token of before")
	}
	_, hash := content(100)
	wantStatus(t, "attachment", ask(t, "GET", room, hash, eve.response.Files.Token, nil), http.StatusUnauthorized)
	if code := knock(t, room, "eve", wire.Credential{Pass: eve.response.Files.Token}); code != wire.CodeTokenExpired {
		t.Errorf("the pass of before: %q", code)
	}
	if bob.ended.Load() != nil || !bob.chat.IsConnected() {
		t.Error("bob is out as well")
	}
	time.Sleep(time.Second) // tokens count in seconds
	again := arrive(t, room, "eve", false)
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionBan, User: wire.User{ID: "eve", Name: "Eve"}})
	eventually(t, "eve is out again", func() bool { return again.ended.Load() == lksdk.ParticipantRemoved && !again.chat.IsConnected() })
	if code := knock(t, room, "eve", wire.Credential{}); code != wire.CodeBanned {
		t.Errorf("eve comes in: %q", code)
	}
	if code := knock(t, room, "zoe", wire.Credential{}); code != "" {
		t.Errorf("zoe does not come in: %q", code)
	}
	if got, want := fmt.Sprint(notices(t, room)), "[ann remove eve ann ban eve]"; got != want {
		t.Errorf("the chat says %s", got)
	}
	// It ends with the call.
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionEnd})
	eventually(t, "everybody is out", func() bool {
		return ann.ended.Load() == lksdk.ParticipantRemoved && strings.Contains(ann.call.Metadata(), `"ended":true`) && bob.ended.Load() == lksdk.ParticipantRemoved
	})
	if code := knock(t, room, "eve", wire.Credential{}); code != "" {
		t.Errorf("after the call eve does not come in: %q", code)
	}
}

func TestLockAndLobby(t *testing.T) {
	const room = "lobby"
	ann, bob := arrive(t, room, "ann", true), arrive(t, room, "bob", false)
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionLock})
	eventually(t, "bob learns that the room is locked", func() bool { return strings.Contains(bob.call.Metadata(), `"locked":true`) })
	for user, want := range map[string]wire.Code{"bob": "", "carl": wire.CodeLocked} { // bob may come back
		if code := knock(t, room, user, wire.Credential{}); code != want {
			t.Errorf("%s at the locked room: %q", user, code)
		}
	}
	if code := knock(t, room, "hank", wire.Credential{Token: hostToken(t, room, "hank")}); code != "" {
		t.Errorf("a host at the locked room: %q", code)
	}
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionUnlock})
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionLobbyOn})
	for _, user := range []string{"carl", "dora", "carl"} {
		if code := knock(t, room, user, wire.Credential{}); code != wire.CodeLobby {
			t.Errorf("%s at the lobby: %q", user, code)
		}
	}
	eventually(t, "bob learns that two wait", func() bool { return strings.Contains(bob.call.Metadata(), `"count":2`) })
	if info := ann.info(t, room); !info.Lobby || info.Locked || len(info.Waiting) != 2 {
		t.Errorf("ann sees %+v", info)
	}
	if info := bob.info(t, room); info.Waiting != nil || info.Count != 2 {
		t.Errorf("bob sees %+v", info)
	}
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionAdmit, User: wire.User{ID: "carl"}})
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionDeny, User: wire.User{ID: "dora"}})
	ann.act(t, http.StatusNotFound, room, wire.ActionRequest{Action: wire.ActionAdmit, User: wire.User{ID: "nobody"}})
	for user, want := range map[string]wire.Code{"carl": "", "dora": wire.CodeDenied, "bob": ""} {
		if code := knock(t, room, user, wire.Credential{}); code != want {
			t.Errorf("%s after the answer: %q", user, code)
		}
	}
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionLobbyOff})
	if code := knock(t, room, "zoe", wire.Credential{}); code != "" {
		t.Errorf("zoe after the lobby: %q", code)
	}
	if got, want := fmt.Sprint(notices(t, room)), "[ann lock ann unlock ann lobby_on ann admit carl ann deny dora ann lobby_off]"; got != want {
		t.Errorf("the chat says %s", got)
	}
}

func TestMuteAndStopVideo(t *testing.T) {
	const room = "mute"
	ann, bob := arrive(t, room, "ann", true), arrive(t, room, "bob", false)
	sound, err := lksdk.NewLocalSampleTrack(opusCodec())
	if err != nil {
		t.Fatal(err)
	}
	pub, err := bob.call.LocalParticipant.PublishTrack(sound, &lksdk.TrackPublicationOptions{Source: livekit.TrackSource_MICROPHONE})
	if err != nil {
		t.Fatal(err)
	}
	speaking, stop := context.WithCancel(t.Context())
	var mouth sync.WaitGroup
	defer mouth.Wait()
	defer stop()
	mouth.Go(func() {
		for speaking.Err() == nil {
			_ = sound.WriteSample(media.Sample{Data: []byte{0xf8, 0xff, 0xfe}, Duration: 20 * time.Millisecond}, nil) // it is ending
			time.Sleep(20 * time.Millisecond)
		}
	})
	who := wire.User{ID: "bob", Name: "Bob"}
	eventually(t, "bob's sound is there", func() bool {
		people, err := local(t).door.people(t.Context(), room)
		for _, p := range people {
			if p.Identity == "bob" && len(p.Tracks) == 1 {
				return true
			}
		}
		return err != nil
	})
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionStopVideo, User: who}) // there is none
	if pub.IsMuted() {
		t.Error("the sound is muted with the video")
	}
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionMute, User: who})
	eventually(t, "bob is muted", pub.IsMuted)
	pub.SetMuted(false)
	eventually(t, "bob unmutes", func() bool {
		people, err := local(t).door.people(t.Context(), room)
		for _, p := range people {
			if p.Identity == "bob" && len(p.Tracks) == 1 && !p.Tracks[0].Muted {
				return true
			}
		}
		return err != nil
	})
	if got, want := fmt.Sprint(notices(t, room)), "[ann stop_video bob ann mute bob]"; got != want {
		t.Errorf("the chat says %s", got)
	}
}

func TestPasscodes(t *testing.T) {
	const room = "passcode"
	ann := arrive(t, room, "ann", true)
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionPasscode, Passcode: "swordfish"})
	for passcode, want := range map[string]wire.Code{"": wire.CodePasscodeRequired, "sword": wire.CodePasscodeWrong, "swordfish": "", strings.Repeat("x", 1000): wire.CodePasscodeWrong} {
		if code := knock(t, room, "bob", wire.Credential{Passcode: passcode}); code != want {
			t.Errorf("%.20q: %q", passcode, code)
		}
	}
	s, _, err := local(t).door.state(t.Context(), room)
	if err != nil || strings.Contains(s.Passcode, "swordfish") {
		t.Errorf("%q is stored, %v", s.Passcode, err)
	}
	if code := knock(t, room, "zoe", wire.Credential{Token: hostToken(t, room, "zoe")}); code != "" {
		t.Errorf("with a token: %q", code)
	}
	limited := false
	for range guessesOfOne {
		limited = limited || knock(t, room, "bob", wire.Credential{Passcode: "guess"}) == wire.CodeTooMany
	}
	if !limited {
		t.Error("guessing is not limited")
	}
	ann.act(t, http.StatusNoContent, room, wire.ActionRequest{Action: wire.ActionPasscode})
	if code := knock(t, room, "bob", wire.Credential{}); code != "" {
		t.Errorf("without a passcode: %q", code)
	}
	if got, want := fmt.Sprint(notices(t, room)), "[ann passcode ann passcode_off]"; got != want {
		t.Errorf("the chat says %s", got)
	}
}

func TestGuesses(t *testing.T) {
	now := time.Now()
	own := newOwnQuotas()
	own.now = func() time.Time { return now }
	testGuesses(t, newPasscodes(own), func() { now = now.Add(time.Minute) })
}

// testGuesses holds for whoever counts.
func testGuesses(t *testing.T, p *passcodes, minute func()) {
	t.Helper()
	ctx := t.Context()
	for i := range guessesOfOne {
		if err := p.guess(ctx, "a", "r", "192.0.2.1:1"); err != nil {
			t.Fatal(i, err)
		}
	}
	for address, ok := range map[string]bool{"192.0.2.1:2": false, "192.0.2.2:1": true, "[2001:db8::1]:1": true} {
		if err := p.guess(ctx, "a", "r", address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	for i := range guessesOfOne {
		_ = p.guess(ctx, "a", "v6", fmt.Sprintf("[2001:db8::%d]:1", i+1))
	}
	if p.guess(ctx, "a", "v6", "[2001:db8::ffff]:1") == nil {
		t.Error("a household's addresses count each")
	}
	if err := p.guess(ctx, "a", "r2", "192.0.2.1:1"); err != nil {
		t.Error("another room's tries count")
	}
	for i := range guessesOfAll {
		_ = p.guess(ctx, "a", "r", fmt.Sprintf("198.51.100.%d:1", i))
	}
	if p.guess(ctx, "a", "r", "203.0.113.1:1") == nil {
		t.Error("many addresses guess without a limit")
	}
	if minute == nil {
		return
	}
	minute()
	if err := p.guess(ctx, "a", "r", "203.0.113.1:1"); err != nil {
		t.Error(err)
	}
}

// TestStolenChatTokenIsUseless has somebody find a chat token without its key.
func TestStolenChatTokenIsUseless(t *testing.T) {
	ann := arrive(t, "stolen", "ann", false)
	thief, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	ann.pair = thief
	if conn, err := ann.connect(); err == nil {
		conn.Close()
		t.Error("it opens the chat")
	}
}

// TestPassLetsInAgain renews, as a program does whose invite has ended.
func TestPassLetsInAgain(t *testing.T) {
	ann := arrive(t, "pass", "ann", true)
	pass := ann.response.Files.Token
	r, _ := request(t, "pass", "ann")
	r.Credential = wire.Credential{Pass: pass}
	response, status, e := join(t, r)
	if response == nil || response.Role != wire.RoleHost || response.RenewAfter <= 0 {
		t.Fatalf("status %d, %+v, %+v", status, e, response)
	}
	for name, change := range map[string]func(*wire.JoinRequest){
		"user": func(r *wire.JoinRequest) { r.User.ID = "bob" }, "room": func(r *wire.JoinRequest) { r.RoomID = "other" },
		"token": func(r *wire.JoinRequest) { r.Credential.Pass = hostToken(t, "pass", "ann") },
	} {
		r, _ := request(t, "pass", "ann")
		r.Credential = wire.Credential{Pass: pass}
		change(&r)
		if response, _, _ := join(t, r); response != nil {
			t.Errorf("another %s is let in", name)
		}
	}
}

func opusCodec() webrtc.RTPCodecCapability {
	return webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
}

package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"github.com/nats-io/nkeys"

	"parley/app/nearby"
	"parley/session"
	"parley/session/wire"
	"parley/views/join"
)

// street is a local network with the rooms that are put there.
type street struct {
	mu    sync.Mutex
	rooms []nearby.Room
	told  []func([]nearby.Room)
	finds int
}

func (s *street) Watch(ctx context.Context, changed func([]nearby.Room)) {
	s.mu.Lock()
	s.told = append(s.told, changed)
	rooms := s.rooms
	s.mu.Unlock()
	changed(rooms)
	<-ctx.Done()
}

func (s *street) Find(_ context.Context, serverID string) (nearby.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finds++
	for _, r := range s.rooms {
		if r.ServerID == serverID {
			return r, nil
		}
	}
	return nearby.Room{}, nearby.ErrNotFound
}

// newDoor is a door of the room, and what is announced of it.
func newDoor(t *testing.T, room string, admit func(wire.User) bool) nearby.Room {
	t.Helper()
	key, err := nkeys.CreateOperator()
	if err != nil {
		t.Fatal(err)
	}
	id, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	d, err := nearby.OpenDoor(nearby.DoorParams{
		Room: room, Port: portOf(t, address), Sign: key.Sign, Logger: slog.New(slog.DiscardHandler),
		Admit: func(_ context.Context, u wire.User) bool { return admit(u) },
		Token: func(string) (string, error) { return "", nil }, // the server of the tests is open
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return nearby.Room{ServerID: id, RoomID: room, Host: "Ann", Entry: nearby.EntryAsk, Address: address, Door: d.Port()}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	u, err := wire.ServerURL(address)
	if err != nil {
		t.Fatal(err)
	}
	var port int
	if err := json.Unmarshal([]byte(u.Port()), &port); err != nil {
		t.Fatal(err)
	}
	return port
}

// enterNearby chooses a room that was found.
func (d *desk) enterNearby(room string) {
	d.t.Helper()
	for _, r := range d.c.near {
		if r.RoomID == room {
			d.c.enterNearby(join.Nearby{ID: r.ServerID, Room: room, Host: r.Host, Entry: entryOf(r.Entry)})
			return
		}
	}
	d.t.Fatalf("%s is not near", room)
}

// press taps the button of a dialog.
func (d *desk) press(label string) {
	d.t.Helper()
	for _, o := range test.LaidOutObjects(d.window.Canvas().Overlays().Top()) {
		if b, is := o.(*widget.Button); is && b.Text == label {
			test.Tap(b)
			return
		}
	}
	d.t.Fatalf("no button %q", label)
}

func TestNearbyRoomIsEnteredByAsking(t *testing.T) {
	var came []wire.User
	answer := false
	room := newDoor(t, "near", func(u wire.User) bool {
		came = append(came, u)
		return answer
	})
	s := &street{rooms: []nearby.Room{room, {ServerID: "O2", RoomID: "closed", Host: "Bob", Entry: nearby.EntryInvite, Address: "10.0.0.9:7880"}}}
	d := openNear(t, synthetic("elsewhere"), s)
	d.until("the rooms", func() bool { return strings.Contains(d.shown(), "near") && strings.Contains(d.shown(), "closed") })

	d.enterNearby("closed")
	if !strings.Contains(d.shown(), "needs an invite") || d.c.joining != nil {
		t.Error("it is not said what it takes")
	}
	if f := d.c.joinView.Form(); f.Room != "closed" || f.Server != "10.0.0.9:7880" || f.Host {
		t.Errorf("%+v", f)
	}

	d.enterNearby("near")
	d.until("the refusal", func() bool { return strings.Contains(d.shown(), "You were not let in") })
	answer = true
	d.enterNearby("near")
	d.until("the room", func() bool { return d.c.room != nil })
	if len(came) != 2 || came[1].ID != d.c.preferences.UserID || came[1].Name != "Ada" {
		t.Errorf("%+v", came)
	}
	if d.c.browsing != nil {
		t.Error("rooms are looked for during a call")
	}
	d.c.room.copyInvite()
	if invite, err := wire.ParseInvite(d.c.app.Clipboard().Content()); err != nil || invite.ServerID != room.ServerID {
		t.Errorf("%+v, %v", invite, err)
	}
	left := false
	d.c.leaveRoom(func() { left = true })
	d.until("the leaving", func() bool { return left && d.c.browsing != nil })
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.told) != 2 {
		t.Errorf("looked %d times", len(s.told))
	}
}

// TestNearbyRoomWithAPasscode has its card ask for the passcode.
func TestNearbyRoomWithAPasscode(t *testing.T) {
	room := newDoor(t, "locked", func(wire.User) bool { return false })
	room.Entry = nearby.EntryPasscode
	d := openNear(t, synthetic("elsewhere"), &street{rooms: []nearby.Room{room}})
	d.until("the room", func() bool { return strings.Contains(d.shown(), "Needs a passcode") })
	d.enterNearby("locked")
	if !strings.Contains(d.shown(), d.c.loc.T("join.passcode.title")) || d.c.joining != nil {
		t.Fatalf("the passcode is not asked for:\n%s", d.shown())
	}
	d.press(d.c.loc.T("join.cancel"))
	if d.c.joining != nil {
		t.Error("it joins without")
	}
	d.enterNearby("locked")
	d.press(d.c.loc.T("join.passcode.join")) // the server of the tests is open
	d.until("the room", func() bool { return d.c.room != nil })
	if d.c.room.server != address {
		t.Errorf("at %s", d.c.room.server)
	}
}

func TestAnnouncedEntry(t *testing.T) {
	for _, test := range []struct {
		chosen   nearby.Entry
		passcode bool
		want     nearby.Entry
	}{
		{nearby.EntryAsk, false, nearby.EntryAsk}, {nearby.EntryAsk, true, nearby.EntryPasscode},
		{nearby.EntryInvite, false, nearby.EntryInvite}, {nearby.EntryInvite, true, nearby.EntryPasscode},
		{nearby.EntryOpen, true, nearby.EntryOpen},
	} {
		if got := announcedEntry(test.chosen, test.passcode); got != test.want {
			t.Errorf("%s, %v: %s", test.chosen, test.passcode, got)
		}
	}
}

// TestLinkOfAServerThatMoved has a link's address answer no more, and its server
// found by its ID.
func TestLinkOfAServerThatMoved(t *testing.T) {
	room := newDoor(t, "moved", func(wire.User) bool { return false })
	form := synthetic("moved")
	form.Server, form.ServerID = "127.0.0.1:1", room.ServerID
	s := &street{}
	d := openNear(t, form, s)
	d.c.join(d.c.joinView.Form())
	d.until("the failure", func() bool { return strings.Contains(d.shown(), "can't be reached") })
	if s.finds != looksMost {
		t.Errorf("looked for %d times", s.finds)
	}
	s.mu.Lock()
	s.rooms = []nearby.Room{room}
	s.mu.Unlock()
	d.c.join(d.c.joinView.Form())
	d.until("the room", func() bool { return d.c.room != nil })
	if d.c.room.server != address {
		t.Errorf("at %s", d.c.room.server)
	}
}

func TestKnocking(t *testing.T) {
	d, r := enter(t, "knock")
	knock := func(entry nearby.Entry, u wire.User) chan bool {
		answer := make(chan bool, 1)
		r.knocked(t.Context(), entry, u, answer)
		return answer
	}
	bob := wire.User{ID: "bob", Name: "Bob"}
	if !<-knock(nearby.EntryOpen, bob) || <-knock(nearby.EntryInvite, bob) {
		t.Error("the choice of the host does not hold")
	}
	for _, entry := range []nearby.Entry{nearby.EntryOpen, nearby.EntryAsk} {
		if <-knock(entry, wire.User{ID: r.user.ID, Name: "Bob"}) {
			t.Error("somebody comes in as who is there")
		}
	}
	for _, press := range []struct {
		button string
		want   bool
	}{{"knock.admit", true}, {"knock.refuse", false}} {
		answer := knock(nearby.EntryAsk, bob)
		if !strings.Contains(d.shown(), "goes by the name of Bob") {
			t.Error("nobody is asked")
		}
		d.press(d.c.loc.T(press.button))
		if got := <-answer; got != press.want {
			t.Errorf("%s: %v", press.button, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	r.knocked(ctx, nearby.EntryAsk, bob, make(chan bool, 1))
	cancel()
	d.until("the question is gone", func() bool { return !strings.Contains(d.shown(), "goes by the name of Bob") })
}

func TestElsewhere(t *testing.T) {
	for _, err := range []error{nil, session.ErrTokenExpired, context.Canceled, errors.New("x")} {
		if elsewhere(err) {
			t.Errorf("%v has the network searched", err)
		}
	}
}

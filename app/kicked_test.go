package app

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/devices/system"
	"parley/session"
	"parley/session/chat"
)

// TestUseHere has the same user come in from elsewhere, and takes over again.
func TestUseHere(t *testing.T) {
	d, r := enter(t, "elsewhere")
	store, err := chat.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	hardware := system.New(system.Options{Logger: slog.New(slog.DiscardHandler)})
	defer hardware.Close()
	kicked := make(chan bool, 1)
	other, err := session.NewEngine(session.Profile{Server: address, Devices: hardware, Store: store, Logger: slog.New(slog.DiscardHandler)}, func(e session.Event) {
		if state, ok := e.(session.RoomStateChanged); ok && state.Reason == session.ReasonKickedOut {
			kicked <- true
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.LoginRoom(t.Context(), r.id, session.User{ID: r.user.ID}, session.Credential{}); err != nil {
		t.Fatal(err)
	}
	d.until("that it is said", func() bool { return d.c.room == nil && strings.Contains(d.shown(), "Use here") })
	if !strings.Contains(d.shown(), "from elsewhere") {
		t.Error("the reason is not shown")
	}
	d.c.join(d.c.joinView.Form())
	d.until("the room", func() bool { return d.c.room != nil && d.c.room.loaded })
	<-kicked
}

// TestJoinRightAfterLeaving comes back before the room is left.
func TestJoinRightAfterLeaving(t *testing.T) {
	d, _ := enter(t, "back")
	for range 5 {
		d.c.leaveRoom(func() {})
		d.c.join(d.c.joinView.Form())
		d.until("the room again", func() bool { return d.c.room != nil && d.c.room.loaded })
		d.pass(300 * time.Millisecond)
		if d.c.room == nil {
			t.Fatalf("the room before took this one along:\n%s", d.shown())
		}
	}
}

// TestJoinWaitsForLeaving enters nothing while something is still left.
func TestJoinWaitsForLeaving(t *testing.T) {
	d, _ := enter(t, "after")
	left := false
	d.c.leaveRoom(func() { left = true })
	d.until("the leaving", func() bool { return left })
	d.c.leaving.Add(1)
	end := sync.OnceFunc(d.c.leaving.Done)
	defer end()
	d.c.join(d.c.joinView.Form())
	d.pass(time.Second)
	if d.c.room != nil || d.c.joining == nil {
		t.Error("the room was entered before the last one was left")
	}
	end()
	d.until("the room", func() bool { return d.c.room != nil && d.c.room.loaded })
}

package app

import (
	"strings"
	"testing"

	"parley/app/instance"
	"parley/session/chat"
	chatview "parley/views/chat"
	"parley/views/join"
)

// recent finds a room that was visited before.
func (d *desk) recent(room string) (join.Recent, chat.RoomKey) {
	d.t.Helper()
	list, err := d.c.store.Recents(d.t.Context(), 5)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range list {
		if r.Key.RoomID == room {
			return join.Recent{Room: room, App: r.Key.AppID, Server: r.Address, ServerID: r.Key.Server}, r.Key
		}
	}
	d.t.Fatalf("%s was not visited", room)
	return join.Recent{}, chat.RoomKey{}
}

// TestRoomIsReadWithoutACall opens a room for its history, writes there, and has
// what was written go out with the next visit.
func TestRoomIsReadWithoutACall(t *testing.T) {
	form := synthetic("library")
	d := open(t, form)
	d.c.join(form)
	d.until("the room", func() bool { return d.c.room != nil && d.c.room.loaded })
	if err := d.c.room.send(chatview.Written{Text: "a book is here"}); err != nil {
		t.Fatal(err)
	}
	d.until("the message", func() bool { return strings.Contains(d.shown(), "a book is here") })
	d.c.leaveRoom(func() {})
	d.until("the join view", func() bool {
		return strings.Contains(d.shown(), "Join a room") && strings.Contains(d.shown(), "a book is here")
	})

	d.c.readRoom(d.recent("library"))
	d.until("the history", func() bool {
		return d.c.reading != nil && d.c.reading.loaded && strings.Contains(d.shown(), "You are not in the room")
	})
	if d.c.room != nil || d.c.engine.Conversation() != nil {
		t.Error("in a call")
	}
	r := d.c.reading
	if err := r.send(chatview.Written{Text: "written while away"}); err != nil {
		t.Fatal(err)
	}
	d.until("what was written", func() bool { return strings.Contains(d.shown(), "written while away") })
	list, err := d.c.store.Recents(t.Context(), 1)
	if err != nil || list[0].Last.Text != "written while away" || list[0].Last.Status != chat.StatusQueued {
		t.Fatalf("%+v, %v", list, err)
	}
	r.toggleNothing(t)
	d.c.stopReading(d.c.showJoin)
	if d.c.reading != nil || !strings.Contains(d.shown(), "Join a room") {
		t.Error("there is no way back")
	}
	recent, key := d.recent("library")
	d.c.readRoom(recent, key)
	d.until("the history again", func() bool { return d.c.reading != nil && d.c.reading.loaded })
	// An invite that is clicked meanwhile leaves it.
	d.c.arrived(instance.Request{Server: address, Room: "library", Join: true})
	d.until("the room again", func() bool { return d.c.room != nil && d.c.room.loaded })
	if d.c.reading != nil {
		t.Error("still reading")
	}
	d.until("that it was sent", func() bool {
		list, err := d.c.store.Recents(t.Context(), 1)
		return err == nil && list[0].Last.Text == "written while away" && list[0].Last.Status != chat.StatusQueued
	})
}

// toggleNothing has what needs a call do nothing, and break nothing.
func (r *room) toggleNothing(t *testing.T) {
	t.Helper()
	r.show()
	r.notice("a line")
	r.openLink("parley://somewhere/join?room=x")
	if got := r.c.app.Clipboard().Content(); got != "parley://somewhere/join?room=x" {
		t.Errorf("the clipboard has %q", got)
	}
}

// TestHostedRoomIsHostedAgain has one click host a room again that was hosted here,
// and not look for it where it was.
func TestHostedRoomIsHostedAgain(t *testing.T) {
	form := synthetic("kitchen")
	form.CameraOn, form.MicrophoneOn = false, false
	d := open(t, form)
	d.c.preferences.HostedID = "O" + strings.Repeat("A", 55)
	here := d.c.formOf(join.Recent{Room: "kitchen", Server: "127.0.0.1:7880", App: "local", ServerID: d.c.preferences.HostedID})
	if !here.Host || here.Room != "kitchen" || here.Server != "" || here.ServerID != "" {
		t.Errorf("%+v", here)
	}
	other := "O" + strings.Repeat("B", 55)
	if f := d.c.formOf(join.Recent{Room: "tea", Server: "10.0.0.2:7880", App: "local", ServerID: other}); f.Host || f.Server != "10.0.0.2:7880" || f.ServerID != other {
		t.Errorf("%+v", f)
	}
	if f := d.c.formOf(join.Recent{Room: "tea", Server: "10.0.0.2:7880", ServerID: "10.0.0.2:7880"}); f.Host || f.ServerID != "" {
		t.Errorf("an address is taken for an ID: %+v", f)
	}
}

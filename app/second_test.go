package app

import (
	"strings"
	"testing"

	"parley/app/instance"
)

// TestAnotherStart is what a window does with what later starts are asked for.
func TestAnotherStart(t *testing.T) {
	form := synthetic("first")
	form.CameraOn, form.MicrophoneOn = false, false
	d := open(t, form)
	link := func(room string) string { return "parley://" + address + "/join?app=local&room=" + room }
	d.c.arrived(instance.Request{})
	if got := d.c.joinView.Form(); got != form {
		t.Errorf("the form is %+v after a start that asks for nothing", got)
	}
	d.c.arrived(instance.Request{Link: link("second")})
	if got := d.c.joinView.Form(); got.Room != "second" || got.Name != form.Name || d.c.joining != nil {
		t.Errorf("the form is %+v after a link", got)
	}
	d.c.arrived(instance.Request{Server: address, Room: "third", Join: true})
	// One more comes before that is known to go well.
	d.c.arrived(instance.Request{Link: link("fourth")})
	d.until("the room that was asked for", func() bool { return d.c.room != nil && d.c.room.loaded && d.c.asking != nil })
	if d.c.room.id != "third" {
		t.Fatalf("in %s", d.c.room.id)
	}
	if !strings.Contains(d.shown(), "Join fourth?") || !strings.Contains(d.shown(), "You are in third") {
		t.Errorf("not asked:\n%s", d.shown())
	}
	d.press("Stay")
	if d.c.room == nil || d.c.room.id != "third" || d.c.asking != nil {
		t.Fatal("left without a wish")
	}
	d.c.arrived(instance.Request{Link: link("third")})
	if d.c.asking != nil {
		t.Error("asked about the room that one is in")
	}
	d.c.arrived(instance.Request{Link: link("fifth")})
	d.c.arrived(instance.Request{Link: link("sixth")})
	d.press("Leave and join")
	d.until("the newest room", func() bool { return d.c.room != nil && d.c.room.id == "sixth" && d.c.room.loaded })
	if len(d.window.Canvas().Overlays().List()) > 0 {
		t.Error("a question stays open")
	}
}

package e2e

import (
	"fmt"
	"image"
	"strings"
	"testing"
	"time"
)

// TestHandsAndReactions has a window and a peer raise hands and show reactions to
// each other, and a third see the hand that was up before it came.
func TestHandsAndReactions(t *testing.T) {
	d := newDesk(t)
	address, _ := serve(t, "--open")
	const room = "hands"
	bob := peer(t, address, room, "bob", "--video", "none", "--audio", "none")
	bob.wait("room_state", is("state", "connected"))
	ann := d.open("ann", "0,0", "--server", address, "--room", room, "--join", "--camera", "none", "--microphone", "none", "--speaker", "none")
	ann.sees("Invite")
	d.xdo("windowfocus", "--sync", ann.id)

	d.xdo("key", "ctrl+h")
	bob.wait("users", func(line map[string]any) bool { return at(line, "updated", 0, "hand") == true })
	carl := peer(t, address, room, "carl", "--video", "none", "--audio", "none")
	carl.wait("users", func(line map[string]any) bool {
		for _, u := range list(line["added"]) {
			if at(u, "name") == "ann" && at(u, "hand") == true {
				return true
			}
		}
		return false
	})
	rests := yellow(ann.screenshot())
	bob.say("/hand")
	ann.shows("bob's hand", func(img image.Image) bool { return yellow(img) > rests+200 })
	d.xdo("key", "ctrl+h")
	carl.wait("users", func(line map[string]any) bool { return at(line, "updated", 0, "hand") == false })

	d.xdo("key", "ctrl+r")
	time.Sleep(300 * time.Millisecond) // as long as a hand takes
	d.xdo("key", "Right")
	d.xdo("key", "Return")
	bob.wait("wave", is("emoji", "❤️"))

	// But for the mark of bob's hand nothing else is of that yellow.
	time.Sleep(4 * time.Second)
	before := yellow(ann.screenshot())
	bob.say("/wave 👍")
	ann.shows("bob's thumb", func(img image.Image) bool { return yellow(img) > before+200 })
	ann.shows("the stage without bob's thumb", func(img image.Image) bool { return yellow(img) < before+50 })
}

// shows waits until the window looks as it is to.
func (w *window) shows(what string, holds func(image.Image) bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(w.screenshot()); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			w.keep()
			w.t.Fatalf("%s does not show %s", w.name, what)
		}
	}
}

// yellow counts what has the colour of a thumb, or of the mark of a raised hand.
func yellow(img image.Image) (n int) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			if r>>8 > 230 && g>>8 > 160 && g>>8 < 220 && b>>8 < 110 {
				n++
			}
		}
	}
	return n
}

// TestPeopleStatisticsAndFullScreen opens each by its keys, from the field of the
// chat, which has the keyboard.
func TestPeopleStatisticsAndFullScreen(t *testing.T) {
	d := newDesk(t)
	address, _ := serve(t, "--open")
	const room = "tea"
	bob := peer(t, address, room, "Bartholomew", "--video", "none", "--audio", "synthetic:bob")
	bob.wait("publisher_state", is("state", "publishing"))
	ann := d.open("Ann", "0,0", "--server", address, "--room", room, "--join", "--camera", "none", "--microphone", "none", "--speaker", "none")
	ann.sees("Invite")
	ann.write("HELLO")
	d.xdo("key", "ctrl+p")
	ann.sees("Bartholomew")
	ann.sees("Ann (you)")
	d.xdo("key", "ctrl+shift+i")
	ann.sees("Statistics")
	ann.sees("Round trip")
	ann.sees("Jitter")
	d.xdo("key", "ctrl+shift+i")
	d.xdo("key", "ctrl+g")
	ann.write("AND BACK")

	size := func() string { return d.xdo("getwindowgeometry", ann.id) }
	windowed := size()
	d.xdo("key", "F11")
	ann.shows("all of the screen", func(image.Image) bool { return strings.Contains(size(), "1600x1200") })
	d.xdo("mousemove", "--window", ann.id, "300", "300")
	d.xdo("mousemove", "--window", ann.id, "320", "320")
	ann.sees("Invite")
	ann.shows("a full screen without controls", func(img image.Image) bool { return !reads(ann.reads(), "Invite") })
	x := 340
	ann.shows("the controls while the mouse moves", func(image.Image) bool {
		x++ // they hide again while the window is read
		d.xdo("mousemove", "--window", ann.id, fmt.Sprint(x), "340")
		time.Sleep(500 * time.Millisecond)
		return reads(ann.reads(), "Invite")
	})
	d.xdo("key", "Escape")
	ann.shows("its window", func(image.Image) bool { return size() == windowed })
	d.xdo("key", "ctrl+shift+f")
	ann.shows("all of the screen", func(image.Image) bool { return strings.Contains(size(), "1600x1200") })
}

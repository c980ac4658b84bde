package e2e

import (
	"path/filepath"
	"testing"
)

// TestSharing shares a screen beside a camera, and ends that.
func TestSharing(t *testing.T) {
	address, _ := serve(t, "--open")
	ann := peer(t, address, "sharing", "ann", "--audio", "none")
	ann.wait("publisher_state", is("state", "publishing"))
	record := t.TempDir()
	bob := peer(t, address, "sharing", "bob", "--video", "none", "--audio", "none", "--record", record)
	bob.wait("first_video", is("stream_id", "ann"))
	ann.say("/share nothing")
	ann.wait("error", is("command", "/share"))
	ann.say("/share synthetic")
	bob.wait("streams", func(line map[string]any) bool {
		return at(line, "added", 0, "stream_id") == "ann-screen" && at(line, "added", 0, "screen") == true
	})
	bob.wait("first_video", is("stream_id", "ann-screen"))
	bob.wait("stats", func(line map[string]any) bool {
		return number(line, "play", 1, "video", "width") == 1920 && number(line, "play", 1, "video", "frames") > 20 && number(line, "play", 0, "video", "fps") > 15
	})
	ann.say("/share synthetic") // one at a time
	ann.wait("error", is("command", "/share"))
	ann.say("/share off")
	bob.wait("streams", func(line map[string]any) bool { return at(line, "removed", 0, "stream_id") == "ann-screen" })
	ann.say("/share synthetic") // and again
	bob.wait("player_state", is("stream_id", "ann-screen"))
	if code := bob.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
	if numbers := frameNumbers(t, filepath.Join(record, "ann-screen.ivf")); len(numbers) < 10 {
		t.Errorf("%d pictures of the screen can be read", len(numbers))
	}
}

// TestSharingWindow shares the screen from the window of the app, by its keys.
func TestSharingWindow(t *testing.T) {
	d := newDesk(t)
	address, _ := serve(t, "--open")
	bob := peer(t, address, "sharing", "bob", "--video", "none", "--audio", "none")
	bob.wait("room_state", is("state", "connected"))
	ann := d.open("ann", "0,0", "--server", address, "--room", "sharing", "--join", "--camera", "none", "--microphone", "none", "--speaker", "none")
	ann.sees("Invite")
	d.xdo("windowfocus", "--sync", ann.id)
	d.xdo("key", "ctrl+shift+e")
	ann.sees("What do you want to share?")
	d.xdo("key", "Return") // the screen, which comes first
	ann.sees("You are sharing")
	bob.wait("stats", func(line map[string]any) bool {
		// 1600x1200, made smaller; the first is what ann publishes besides.
		return number(line, "play", 1, "video", "width") == 1440 && number(line, "play", 1, "video", "height") == 1080 && number(line, "play", 1, "video", "frames") > 5
	})
	if line := bob.wait("stats", always); number(line, "play", 1, "video", "frozen_ms") > 0 {
		t.Error("a screen that stands still counts as frozen")
	}
	d.xdo("key", "ctrl+shift+e")
	bob.wait("streams", func(line map[string]any) bool { return len(list(line["removed"])) == 1 })
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

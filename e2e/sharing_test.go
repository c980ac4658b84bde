package e2e

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
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

// TestSharingSound shares a screen with sound, which mute leaves alone, and which
// the recordings of both have.
func TestSharingSound(t *testing.T) {
	address, _ := serve(t, "--open")
	own, theirs := t.TempDir(), t.TempDir()
	ann := peer(t, address, "sharing", "ann", "--video", "none", "--record", own)
	ann.wait("publisher_state", is("state", "publishing"))
	bob := peer(t, address, "sharing", "bob", "--video", "none", "--record", theirs)
	ann.say("/mute")
	ann.say("/share synthetic sound")
	bob.wait("first_audio", is("stream_id", "ann-screen"))
	bob.wait("stats", func(line map[string]any) bool { return number(line, "play", 1, "audio", "played_ms") > 4000 })
	if line := ann.wait("stats", always); number(line, "publish", 1, "audio", "kbps") < 40 {
		t.Errorf("the sound of the screen is sent as %v", at(line, "publish", 1))
	}
	ann.say("/share off")
	bob.wait("streams", func(line map[string]any) bool { return at(line, "removed", 0, "stream_id") == "ann-screen" })
	for _, p := range []*process{ann, bob} {
		if code := p.stop(); code != 0 {
			t.Errorf("status %d", code)
		}
	}
	left, right := synthetic.Pilot(synthetic.LeftVoice), synthetic.Pilot(synthetic.RightVoice)
	for what, sound := range map[string][]float32{
		"bob's recording of the stream": oggSamples(t, filepath.Join(theirs, "ann-screen.ogg")),
		"bob's mix":                     wavSamples(t, filepath.Join(theirs, "mix.wav")),
		"bob's recording of the call":   oggSamples(t, filepath.Join(theirs, "recording.ogg")),
		"ann's recording of the call":   oggSamples(t, filepath.Join(own, "recording.ogg")),
	} {
		if !synthetic.HearsPilot(sound, left) || !synthetic.HearsPilot(sound, right) {
			t.Errorf("%s lacks the sound of the screen", what)
		}
	}
	if synthetic.HearsPilot(wavSamples(t, filepath.Join(own, "mix.wav")), left) {
		t.Error("ann hears her own screen")
	}
}

// TestSharingWindowSound turns the sound on in the picker of the app: bob hears
// what a program plays there, and not himself, whom the app plays.
func TestSharingWindowSound(t *testing.T) {
	d := newDesk(t)
	address, _ := serve(t, "--open")
	record := t.TempDir()
	bob := peer(t, address, "sharing", "bob", "--video", "none", "--audio", "synthetic:bob", "--record", record)
	bob.wait("room_state", is("state", "connected"))
	const hz = 2100
	tone := filepath.Join(t.TempDir(), "tone.raw")
	var raw []byte
	for i := range 120 * devices.SampleRate {
		v := uint16(int16(6000 * math.Sin(2*math.Pi*hz*float64(i)/devices.SampleRate)))
		raw = append(raw, byte(v), byte(v>>8))
	}
	if err := os.WriteFile(tone, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	ann := d.open("ann", "0,0", "--server", address, "--room", "sharing", "--join", "--camera", "none", "--microphone", "none", "--speaker", "Ear1")
	ann.sees("Invite")
	d.xdo("windowfocus", "--sync", ann.id)
	d.xdo("key", "ctrl+shift+e")
	ann.sees("Share sound too")
	for _, key := range []string{"shift+Tab", "shift+Tab", "space", "Tab", "Tab", "Return"} { // past Cancel, and back
		d.xdo("key", key)
		time.Sleep(300 * time.Millisecond)
	}
	ann.sees("You are sharing")
	d.run(d.command("pacat", "--playback", "--device=ear1", "--raw", "--format=s16le", "--rate=48000", "--channels=1", tone)) // begins after it is shared
	bob.wait("first_audio", always)                                                                                           // ann has no microphone
	bob.wait("stats", func(line map[string]any) bool {
		return number(line, "play", 1, "audio", "played_ms") > 5000 && number(line, "play", 1, "audio", "level") > 30
	})
	if !d.hears("ear1", "bob") {
		t.Error("the app does not play bob")
	}
	d.xdo("key", "ctrl+shift+e")
	bob.wait("streams", func(line map[string]any) bool { return len(list(line["removed"])) == 1 })
	if code := bob.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
	mix := wavSamples(t, filepath.Join(record, "mix.wav"))
	if !synthetic.HearsPilot(mix, hz) {
		t.Error("bob does not hear what ann's computer plays")
	}
	if synthetic.HearsPilot(mix, synthetic.Pilot("bob")) {
		t.Error("bob hears himself")
	}
	if kept, err := os.ReadFile(filepath.Join(ann.data, "preferences.json")); err != nil || !strings.Contains(string(kept), `"share_sound": true`) {
		t.Errorf("it is not remembered: %s, %v", kept, err)
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

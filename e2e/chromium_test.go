package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nkeys"

	"parley/devices/synthetic"
	"parley/session/wire"
)

// TestChromium has a browser with livekit-client as the other end: it decodes
// our picture and our sound, and we its.
func TestChromium(t *testing.T) {
	needsChromium(t)
	address, _ := serve(t, "--open")
	record := t.TempDir()
	ann := peer(t, address, "browser", "ann", "--record", record)
	ann.wait("publisher_state", is("state", "publishing"))
	browser := browse(t, address, "browser", nil)
	browser.wait("joined", always)
	ann.wait("first_video", is("user_id", "chromium"))
	ann.wait("first_audio", is("user_id", "chromium"))
	stream := func(line map[string]any, kind string) map[string]any {
		list, _ := line["streams"].([]any)
		for _, s := range list {
			if at(s, "user") == "ann" && at(s, "kind") == kind {
				return s.(map[string]any)
			}
		}
		return nil
	}
	browser.wait("stats", func(line map[string]any) bool {
		return number(stream(line, "video"), "frames") > 100 && number(stream(line, "video"), "width") == 640
	})
	browser.wait("stats", func(line map[string]any) bool { return number(stream(line, "audio"), "energy") > 0.001 })
	ann.wait("stats", func(line map[string]any) bool {
		return number(line, "play", 0, "video", "frames") > 60 && number(line, "play", 0, "audio", "played_ms") > 3000
	})
	if code := ann.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
	var energy float64
	for _, x := range wavSamples(t, filepath.Join(record, "mix.wav")) {
		energy += float64(x) * float64(x)
	}
	if energy < 0.5 {
		t.Errorf("the mix of Chromium's sound has an energy of %v", energy)
	}
}

// needsChromium skips a test where there is none.
func needsChromium(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/usr/bin/chromium"); err != nil && os.Getenv("CHROMIUM") == "" {
		t.Skip("there is no Chromium: make setup installs it")
	}
	if _, err := os.Stat("chromium/node_modules"); err != nil {
		if out, err := exec.Command("npm", "ci", "--prefix", "chromium", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
}

// browse lets a Chromium into a room.
func browse(t *testing.T, address, room string, env []string) *process {
	t.Helper()
	response := join(t, address, room, "chromium")
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(response.Media.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, "chromium", env, "node", "chromium/peer.mjs", response.Media.URL, token, "30")
}

// TestChromiumSharesSound has a browser share a tab with its sound, and receive a
// screen with sound.
func TestChromiumSharesSound(t *testing.T) {
	needsChromium(t)
	address, _ := serve(t, "--open")
	record := t.TempDir()
	ann := peer(t, address, "browser-sound", "ann", "--audio", "none", "--record", record)
	ann.wait("publisher_state", is("state", "publishing"))
	ann.say("/share synthetic sound")
	const hz = 2100
	browser := browse(t, address, "browser-sound", []string{"PEER_CAMERA=none", "PEER_MICROPHONE=none", "PEER_TAB=" + strconv.Itoa(hz)})
	browser.wait("joined", always)
	ann.wait("first_audio", is("stream_id", "chromium-screen"))
	ann.wait("stats", func(line map[string]any) bool { return number(line, "play", 0, "audio", "played_ms") > 3000 })
	browser.wait("stats", func(line map[string]any) bool {
		list, _ := line["streams"].([]any)
		for _, s := range list {
			if at(s, "user") == "ann" && at(s, "source") == "screen_share_audio" && number(s, "energy") > 0.001 {
				return true
			}
		}
		return false
	})
	if code := ann.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
	mix := wavSamples(t, filepath.Join(record, "mix.wav"))
	if !synthetic.HearsPilot(mix, hz) {
		t.Error("the sound of the browser's tab is not heard")
	}
	if synthetic.HearsPilot(mix, synthetic.Pilot(synthetic.LeftVoice)) {
		t.Error("ann hears her own screen")
	}
}

// join asks the server for a browser's way in.
func join(t *testing.T, address, room, user string) wire.JoinResponse {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	key, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(wire.JoinRequest{AppID: wire.LocalAppID, RoomID: room, User: wire.User{ID: user, Name: strings.ToUpper(user)}, ChatKey: key})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post("http://"+address+wire.PathJoin, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var response wire.JoinResponse
	if err := json.NewDecoder(answer.Body).Decode(&response); err != nil || response.Media.Token == "" {
		t.Fatalf("status %d, %v", answer.StatusCode, err)
	}
	return response
}

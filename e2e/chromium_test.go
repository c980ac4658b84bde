package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nkeys"

	"parley/session/wire"
)

// TestChromium has a browser with livekit-client as the other end: it decodes
// our picture and our sound, and we its.
func TestChromium(t *testing.T) {
	if _, err := os.Stat("/usr/bin/chromium"); err != nil && os.Getenv("CHROMIUM") == "" {
		t.Skip("there is no Chromium: make setup installs it")
	}
	if _, err := os.Stat("chromium/node_modules"); err != nil {
		if out, err := exec.Command("npm", "ci", "--prefix", "chromium", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	address, _ := serve(t, "--open")
	record := t.TempDir()
	ann := peer(t, address, "browser", "ann", "--record", record)
	ann.wait("publisher_state", is("state", "publishing"))
	response := join(t, address, "browser", "chromium")
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(response.Media.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	browser := start(t, "chromium", nil, "node", "chromium/peer.mjs", response.Media.URL, token, "30")
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

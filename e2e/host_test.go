package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tokenFile has the server of a folder sign a token.
func tokenFile(t *testing.T, data, room, user string, args ...string) string {
	t.Helper()
	token := start(t, "token", nil, binary, append([]string{"token", "--room", room, "--user", user, "--data", data}, args...)...)
	line, _ := token.wait("text", always)["text"].(string)
	file := filepath.Join(t.TempDir(), "token-"+user)
	if err := os.WriteFile(file, []byte(strings.TrimSpace(strings.TrimPrefix(line, "token:"))), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestHost has a host do to others all that a host can do.
func TestHost(t *testing.T) {
	data := t.TempDir()
	server := start(t, "server", nil, binary, "serve", "--hosted", "--open", "--listen", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0", "--data", data)
	address, _ := server.wait("ready", always)["address"].(string)
	const room = "hosted"
	ann := peer(t, address, room, "ann", "--token-file", tokenFile(t, data, room, "ann", "--host"))
	ann.wait("self", is("role", "host"))
	bob := peer(t, address, room, "bob")
	bob.wait("first_video", is("stream_id", "ann"))
	ann.wait("first_audio", is("stream_id", "bob"))

	bob.say("/host mute ann")
	bob.wait("error", is("command", "/host"))
	ann.say("/host mute bob")
	bob.wait("silenced", is("microphone", true))
	ann.wait("streams", func(line map[string]any) bool { return at(line, "updated", 0, "audio_muted") == true })
	now := time.Now()
	bob.say("/unmute")
	ann.after(now, 10*time.Second, "streams", func(line map[string]any) bool { return at(line, "updated", 0, "audio_muted") == false })
	ann.say("/host stop_video bob")
	bob.wait("silenced", is("camera", true))
	ann.wait("streams", func(line map[string]any) bool { return at(line, "updated", 0, "video_muted") == true })

	bob.say("/hand")
	bob.wait("self", is("hand", true))
	ann.wait("users", func(line map[string]any) bool { return at(line, "updated", 0, "hand") == true })
	now = time.Now()

	ann.say("/host lower_hand bob")
	bob.after(now, 10*time.Second, "self", is("hand", false))

	ann.say("/host lobby_on")
	bob.wait("room_info", is("lobby", true))
	carl := peer(t, address, room, "carl")
	carl.wait("lobby", always)
	ann.wait("room_info", func(line map[string]any) bool { return number(line, "waiting") == 1 })
	ann.say("/host admit carl")
	carl.wait("room_state", is("state", "connected"))

	bob.wait("first_video", is("stream_id", "carl")) // who is asked to go while publishing takes longer
	ann.say("/host ban carl")
	carl.wait("room_state", is("reason", "kicked_out"))
	carl.stop()
	again := peer(t, address, room, "carl")
	again.wait("room_state", is("reason", "login_failed"))
	<-again.ended
	if text := again.stderr.String(); !strings.Contains(text, "excluded") {
		t.Errorf("carl is told %s", text)
	}
	bob.wait("message", func(line map[string]any) bool {
		return at(line, "envelope", "notice") == "ban" && at(line, "envelope", "user_id") == "ann" && at(line, "envelope", "text") == "excluded carl until the call ends"
	})

	ann.say("/host end")
	bob.wait("room_state", is("reason", "kicked_out"))
	ann.wait("room_state", is("reason", "kicked_out"))
}

// TestRenewal has a server whose passes end soon: the chat goes on without a break.
func TestRenewal(t *testing.T) {
	config := filepath.Join(t.TempDir(), "server.yaml")
	if err := os.WriteFile(config, []byte("pass_life: 5s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t, "--open", "--config", config)
	ann := peer(t, address, "renewal", "ann", "--video", "none")
	bob := peer(t, address, "renewal", "bob", "--video", "none")
	ann.wait("room_state", is("state", "connected"))
	bob.wait("room_state", is("state", "connected"))
	for began, i := time.Now(), 0; time.Since(began) < 14*time.Second; i++ {
		text := "message " + string(rune('a'+i))
		sent := time.Now()
		ann.say("/text " + text)
		bob.wait("message", func(line map[string]any) bool { return at(line, "envelope", "text") == text })
		if took := time.Since(sent); took > 2*time.Second {
			t.Errorf("a message took %v", took)
		}
		time.Sleep(700 * time.Millisecond)
	}
	for _, p := range []*process{ann, bob} {
		if strings.Contains(p.story(), `"reason":"reconnecting"`) {
			t.Errorf("%s reconnected", p.name)
		}
	}
}

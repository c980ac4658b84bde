package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/session/media/vpx"
)

// browser has a Chromium publish numbered pictures in a room, as livekit-client's
// options say.
func browser(t *testing.T, address, room string, width, height int, options string) *process {
	t.Helper()
	needsChromium(t)
	folder := t.TempDir()
	clip, token := filepath.Join(folder, "clip.y4m"), filepath.Join(folder, "token")
	if err := writeY4M(clip, width, height, 30); err != nil {
		t.Fatal(err)
	}
	response := join(t, address, room, "chromium")
	if err := os.WriteFile(token, []byte(response.Media.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"PEER_CAMERA=none", "PEER_MICROPHONE=none", "PEER_CLIP=" + clip, "PEER_PUBLISH=" + options}
	const seconds = 90
	p := start(t, "chromium", env, "node", "chromium/peer.mjs", response.Media.URL, token, strconv.Itoa(seconds))
	p.wait("joined", always)
	return p
}

// shows is whether a stream is seen in a height, and moves.
func shows(height float64) func(map[string]any) bool {
	return func(line map[string]any) bool {
		return number(line, "play", 0, "video", "height") == height && number(line, "play", 0, "video", "fps") >= 5
	}
}

// encodes is whether the browser sends a codec.
func encodes(codec, mode string) func(map[string]any) bool {
	return func(line map[string]any) bool {
		list, _ := line["sent"].([]any)
		for _, sent := range list {
			if at(sent, "codec") == codec && (mode == "" || at(sent, "mode") == mode) && number(sent, "frames") > 10 {
				return true
			}
		}
		return false
	}
}

// TestVP9Layers has a Chromium publish VP9 in spatial layers, of which those are
// received in whose size the picture is seen. What is recorded can be decoded.
func TestVP9Layers(t *testing.T) {
	address, _ := serve(t, "--open")
	record := t.TempDir()
	ann := peer(t, address, "vp9", "ann", "--video", "none", "--audio", "none", "--view", "320x180", "--record", record)
	chromium := browser(t, address, "vp9", 1280, 720, `{"videoCodec":"vp9","videoEncoding":{"maxBitrate":1700000,"maxFramerate":20}}`)
	chromium.wait("stats", encodes("video/VP9", "L3T3_KEY"))
	for _, view := range []struct {
		size   string
		height float64
	}{{"320x180", 180}, {"1280x720", 720}, {"640x360", 360}, {"320x180", 180}, {"1280x720", 720}} {
		asked := time.Now()
		ann.say("/view " + view.size)
		ann.after(asked, 40*time.Second, "stats", shows(view.height)) // the browser takes its time to trust the line
	}
	if code := ann.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
	decoder, err := vpx.NewDecoder(vpx.VP9, new(devices.FramePool))
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	heights, numbered, all := make(map[int]int), 0, 0
	for _, data := range ivfFrames(t, filepath.Join(record, "chromium.ivf")) {
		f, err := decoder.Decode(data)
		if err != nil || f == nil {
			continue
		}
		all++
		heights[f.Height]++
		if _, ok := synthetic.DecodeFrame(f); ok {
			numbered++
		}
		f.Release()
	}
	if heights[180] < 10 || heights[360] < 10 || heights[720] < 10 || numbered < all*9/10 {
		t.Errorf("recorded, by height: %v; %d of %d have a number in them", heights, numbered, all)
	}
}

// TestBackupCodec has a Chromium publish AV1, which can't be shown here: it sends VP8
// as well, once somebody asks.
func TestBackupCodec(t *testing.T) {
	address, _ := serve(t, "--open")
	ann := peer(t, address, "av1", "ann", "--video", "none", "--audio", "none", "--view", "640x360")
	chromium := browser(t, address, "av1", 640, 360, `{"videoCodec":"av1"}`)
	chromium.wait("stats", encodes("video/VP8", ""))
	ann.wait("stats", shows(360))
}

// TestNoCodec has a Chromium publish what can't be shown here, and nothing else.
func TestNoCodec(t *testing.T) {
	address, _ := serve(t, "--open")
	ann := peer(t, address, "none", "ann", "--video", "none", "--audio", "none")
	_ = browser(t, address, "none", 640, 360, `{"videoCodec":"h264","backupCodec":false}`)
	ann.wait("player_state", is("error", "this kind of video can't be shown: video/H264"))
}

// TestBackupIsSeenOrMissed has a Chromium publish H.264 with a backup, which it sends
// or does not: the picture comes, or it is said why there is none.
func TestBackupIsSeenOrMissed(t *testing.T) {
	address, _ := serve(t, "--open")
	ann := peer(t, address, "backup", "ann", "--video", "none", "--audio", "none")
	_ = browser(t, address, "backup", 640, 360, `{"videoCodec":"h264"}`)
	shown, said := shows(360), is("error", "this kind of video can't be shown: video/H264")
	line := ann.waitAny("picture or sentence", func(line map[string]any) bool {
		return line["event"] == "stats" && shown(line) || line["event"] == "player_state" && said(line)
	})
	t.Log(line["event"])
}

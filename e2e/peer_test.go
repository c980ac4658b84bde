package e2e

import (
	le "encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/oggreader"
	"gopkg.in/hraban/opus.v2"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/session/media/vpx"
)

// TestTwoPeers is a call and a chat between two running programs: the numbers
// in the pictures that arrive rise, the voice that was sent is in the sound
// that was played, the text is stored on both sides.
func TestTwoPeers(t *testing.T) {
	address, _ := serve(t, "--open")
	ann := peer(t, address, "hello", "ann", "--video", "synthetic:ann", "--audio", "synthetic:ann")
	ann.wait("publisher_state", is("state", "publishing"))
	record := t.TempDir()
	bob := peer(t, address, "hello", "bob", "--video", "synthetic:bob", "--audio", "synthetic:bob", "--record", record, "--say", "Hello, 你好")
	picture := bob.wait("first_video", is("stream_id", "ann"))
	sound := bob.wait("first_audio", is("stream_id", "ann"))
	t.Logf("first picture %v ms, first sound %v ms after joining", picture["since_join_ms"], sound["since_join_ms"])
	ann.wait("first_video", is("stream_id", "bob"))
	ann.wait("first_audio", is("stream_id", "bob"))
	said := func(line map[string]any) bool {
		return at(line, "envelope", "text") == "Hello, 你好" && line["status"] == "stored"
	}
	ann.wait("message", func(line map[string]any) bool { return at(line, "envelope", "notice") == "recording_started" })
	bob.wait("message", said)
	ann.wait("message", said)
	ann.say("/text and back")
	bob.wait("message", func(line map[string]any) bool { return at(line, "envelope", "text") == "and back" })
	bob.wait("stats", func(line map[string]any) bool {
		return number(line, "play", 0, "video", "fps") > 20 && number(line, "play", 0, "audio", "played_ms") > 3000
	})
	ann.say("/mute")
	bob.wait("streams", func(line map[string]any) bool { return at(line, "updated", 0, "audio_muted") == true })
	if code := bob.stop(); code != 0 {
		t.Errorf("bob ends with status %d", code)
	}
	ann.wait("streams", func(line map[string]any) bool { return at(line, "removed", 0, "stream_id") == "bob" })

	numbers := frameNumbers(t, filepath.Join(record, "ann.ivf"))
	if len(numbers) < 60 {
		t.Errorf("%d frames can be read", len(numbers))
	}
	for i := 1; i < len(numbers); i++ {
		if numbers[i] <= numbers[i-1] {
			t.Fatalf("frame %d comes after %d", numbers[i], numbers[i-1])
		}
	}
	mix := wavSamples(t, filepath.Join(record, "mix.wav"))
	if !synthetic.HearsPilot(mix, synthetic.Pilot("ann")) {
		t.Error("ann is not heard")
	}
	if synthetic.HearsPilot(mix, synthetic.Pilot("bob")) {
		t.Error("bob hears himself")
	}
	call := oggSamples(t, filepath.Join(record, "recording.ogg"))
	if len(call) < 3*devices.SampleRate || !synthetic.HearsPilot(call, synthetic.Pilot("ann")) || !synthetic.HearsPilot(call, synthetic.Pilot("bob")) {
		t.Errorf("the recording of the call: %d samples, ann and bob in it: %v, %v", len(call),
			synthetic.HearsPilot(call, synthetic.Pilot("ann")), synthetic.HearsPilot(call, synthetic.Pilot("bob")))
	}
	if info, err := os.Stat(filepath.Join(record, "ann.ogg")); err != nil || info.Size() < 1000 {
		t.Errorf("ann.ogg: %v, %v", info, err)
	}
}

// oggSamples decodes a recording with one packet a page.
func oggSamples(t *testing.T, path string) []float32 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader, _, err := oggreader.NewWith(f)
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := opus.NewDecoder(devices.SampleRate, 1)
	if err != nil {
		t.Fatal(err)
	}
	var samples []float32
	buffer := make([]float32, devices.SampleRate/50*6)
	for {
		payload, _, err := reader.ParseNextPage()
		if err != nil {
			return samples
		}
		if n, err := decoder.DecodeFloat32(payload, buffer); err == nil {
			samples = append(samples, buffer[:n]...)
		}
	}
}

// frameNumbers decodes a recording and reads the number in each picture.
func frameNumbers(t *testing.T, path string) []uint32 {
	t.Helper()
	var numbers []uint32
	decodeFile(t, path, func(frame *devices.Frame) {
		if n, ok := synthetic.DecodeFrame(frame); ok {
			numbers = append(numbers, n)
		}
	})
	return numbers
}

// decodeFile hands out the pictures of a recording in VP8, each for as long as the
// call takes.
func decodeFile(t *testing.T, path string, each func(*devices.Frame)) {
	t.Helper()
	decoder, err := vpx.NewDecoder(vpx.VP8, new(devices.FramePool))
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	for _, data := range ivfFrames(t, path) {
		if frame, err := decoder.Decode(data); err == nil && frame != nil {
			each(frame)
			frame.Release()
		}
	}
}

// ivfFrames reads a recording up to where it ends.
func ivfFrames(t *testing.T, path string) (frames [][]byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var header [32]byte
	if _, err := io.ReadFull(f, header[:]); err != nil {
		t.Fatal(err)
	}
	for {
		var head [12]byte
		if _, err := io.ReadFull(f, head[:]); err != nil {
			return frames
		}
		data := make([]byte, le.LittleEndian.Uint32(head[:]))
		if _, err := io.ReadFull(f, data); err != nil {
			return frames
		}
		frames = append(frames, data)
	}
}

// wavSamples reads 16-bit mono.
func wavSamples(t *testing.T, path string) []float32 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || len(data) < 44 {
		t.Fatalf("%s: %v", path, err)
	}
	return pcm(data[44:])
}

func pcm(data []byte) []float32 {
	samples := make([]float32, len(data)/2)
	for i := range samples {
		samples[i] = float32(int16(le.LittleEndian.Uint16(data[2*i:]))) / (1 << 15)
	}
	return samples
}

// TestKilledPeerGoes kills one side without a goodbye: the other's tile ends
// within the engine's timeout, and a new start joins again.
func TestKilledPeerGoes(t *testing.T) {
	address, _ := serve(t, "--open")
	ann := peer(t, address, "gone", "ann")
	bob := peer(t, address, "gone", "bob")
	ann.wait("first_video", is("stream_id", "bob"))
	bob.kill()
	began := time.Now()
	ann.wait("streams", func(line map[string]any) bool { return at(line, "removed", 0, "stream_id") == "bob" })
	t.Logf("the tile ended %v after the kill", time.Since(began).Round(time.Millisecond))
	again := peer(t, address, "gone", "bob")
	again.wait("first_video", is("stream_id", "ann"))
}

// TestTokens shows who may come in where the server is not open.
func TestTokens(t *testing.T) {
	data := t.TempDir()
	server := start(t, "server", nil, binary, "serve", "--hosted", "--listen", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0", "--data", data)
	address, _ := server.wait("ready", always)["address"].(string)
	token := start(t, "token", nil, binary, "token", "--room", "closed", "--user", "ann", "--data", data)
	line, _ := token.wait("text", always)["text"].(string)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(line[len("token:  "):]), 0o600); err != nil {
		t.Fatal(err)
	}
	peer(t, address, "closed", "ann", "--token-file", file).wait("room_state", is("state", "connected"))
	for _, test := range []struct {
		room, name string
		args       []string
		says       string
	}{
		{"closed", "ann", nil, "needs an invite"},
		{"closed", "bob", []string{"--token-file", file}, "not valid"},
		{"other", "ann", []string{"--token-file", file}, "for another room"},
	} {
		p := peer(t, address, test.room, test.name, test.args...)
		p.wait("room_state", is("reason", "login_failed"))
		<-p.ended
		if code := p.cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("%+v: status %d", test, code)
		}
		if text := p.stderr.String(); !strings.Contains(text, test.says) || strings.Contains(text, line[len("token:  "):]) {
			t.Errorf("%+v: %s", test, text)
		}
	}
	if code := server.stop(); code != 0 {
		t.Errorf("the server ends with status %d", code)
	}
}

// TestWrongUsage has its own exit status.
func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{{"--bogus"}, {"peer"}, {"token"}, {"serve", "extra"}, {"--host", "--server", "x"}, {"a", "b"}} {
		p := start(t, "parley", nil, binary, args...)
		<-p.ended
		if code := p.cmd.ProcessState.ExitCode(); code != 2 {
			t.Errorf("%q: status %d", args, code)
		}
	}
}

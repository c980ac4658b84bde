package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/y4m"
)

// TestLayers sends a picture of 720p, and receives it in the size in which it is
// seen: the sender encodes what is taken, and nothing else.
func TestLayers(t *testing.T) {
	address, _ := serve(t, "--open")
	path := filepath.Join(t.TempDir(), "720p.y4m")
	if err := writeY4M(path, 1280, 720, 45); err != nil {
		t.Fatal(err)
	}
	ann := peer(t, address, "layers", "ann", "--video", "file:"+path, "--audio", "none")
	ann.wait("publisher_state", is("state", "publishing"))
	layers := func(n float64) func(map[string]any) bool {
		return func(line map[string]any) bool { return number(line, "publish", 0, "video", "layers") == n }
	}
	ann.wait("stats", layers(0)) // nobody is there
	bob := peer(t, address, "layers", "bob", "--video", "none", "--audio", "none", "--view", "300x170")
	seen := func(width, height float64) func(map[string]any) bool {
		return func(line map[string]any) bool {
			return number(line, "play", 0, "video", "width") == width && number(line, "play", 0, "video", "height") == height && number(line, "play", 0, "video", "fps") > 20
		}
	}
	bob.wait("stats", seen(320, 180))
	ann.wait("stats", layers(1))
	bob.say("/view 1280x720")
	bob.wait("stats", seen(1280, 720))
	bob.say("/view 600x340")
	bob.wait("stats", seen(640, 360))
	bob.say("/view 0x0")
	still := func(line map[string]any) bool { return number(line, "play", 0, "video", "fps") == 0 }
	bob.wait("stats", still)
	ann.wait("stats", layers(0))
	bob.say("/view 320x180")
	bob.wait("stats", seen(320, 180))
	line := bob.wait("stats", always)
	if frozen := number(line, "play", 0, "video", "frozen_ms"); frozen > 1500 {
		t.Errorf("%v ms count as frozen", frozen)
	}
}

// TestMinimisedWindow takes no pictures, and takes them again when it is back.
func TestMinimisedWindow(t *testing.T) {
	d := newDesk(t)
	address, _ := serve(t, "--open")
	ann := peer(t, address, "minimised", "ann", "--video", "synthetic:ann", "--audio", "synthetic:ann")
	bob := d.open("Bob", "0,0", "--server", address, "--room", "minimised", "--join", "--camera", "none", "--microphone", "none", "--speaker", "Ear1")
	layers := func(some bool) {
		t.Helper()
		ann.wait("stats", func(line map[string]any) bool { return (number(line, "publish", 0, "video", "layers") > 0) == some })
	}
	layers(true)
	d.xdo("windowunmap", bob.id)
	layers(false)
	d.xdo("windowmap", bob.id)
	layers(true)
}

// writeY4M writes a test picture.
func writeY4M(path string, width, height, frames int) error {
	camera, err := synthetic.NewCamera("layers", devices.VideoFormat{Width: width, Height: height, FrameRate: 30})
	if err != nil {
		return err
	}
	defer camera.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := y4m.NewWriter(f, width, height, 30)
	for range frames {
		frame, err := camera.ReadFrame(context.Background())
		if err != nil {
			return err
		}
		w.Write(frame)
		frame.Release()
	}
	return w.Flush()
}

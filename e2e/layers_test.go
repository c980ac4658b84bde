package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

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
	asked := time.Now()
	bob.say("/view 1280x720")
	bob.after(asked, time.Minute, "stats", seen(1280, 720)) // a sender on a busy machine leaves the largest out at first
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

// TestLayerSwitchIsNeverBlack has a window grow and shrink, for which the server
// sends another layer, and looks at the same place of the picture all the time.
func TestLayerSwitchIsNeverBlack(t *testing.T) {
	d := newDesk(t)
	address, _ := serve(t, "--open")
	path := filepath.Join(t.TempDir(), "720p.y4m")
	if err := writeY4M(path, 1280, 720, 45); err != nil {
		t.Fatal(err)
	}
	ann := peer(t, address, "switch", "ann", "--video", "file:"+path, "--audio", "none")
	bob := d.open("Bob", "0,0", "--server", address, "--room", "switch", "--join", "--camera", "none", "--microphone", "none", "--speaker", "Ear1")
	bob.seesFrames()
	d.xdo("windowfocus", "--sync", bob.id)
	d.xdo("key", "ctrl+g") // the chat lies over the picture in a narrow window
	// The server asks for the layer that is taken, and those below.
	sends := func(since time.Time, layers float64) {
		t.Helper()
		ann.after(since, 20*time.Second, "stats", func(line map[string]any) bool { return number(line, "publish", 0, "video", "layers") == layers })
	}
	for _, size := range []struct {
		width, height string
		layers        float64
	}{{"1600", "1150", 3}, {"640", "480", 2}, {"1600", "1150", 3}} {
		now := time.Now()
		d.xdo("windowsize", "--sync", bob.id, size.width, size.height)
		// What the toolkit had begun to draw for the old size comes to lie at another
		// place. Another layer takes longer: the server is asked for it first.
		time.Sleep(200 * time.Millisecond)
		looked := d.look(180, 180, 6*time.Second)
		sends(now, size.layers)
		seen := <-looked
		if len(seen) < 100 {
			t.Errorf("looked %d times only", len(seen))
		}
		for at, bright := range seen {
			if bright < 30 || bright > 205 { // the window behind is lighter
				t.Errorf("%s x %s: brightness %.0f after %v", size.width, size.height, bright, at)
			}
		}
	}
}

// look gives how bright a square of the display is, 0 to 255, and when, again and
// again for a while.
func (d *desk) look(x, y int16, long time.Duration) <-chan map[time.Duration]float64 {
	d.t.Helper()
	const side = 32
	x11, err := xgb.NewConnDisplay(d.display)
	if err != nil {
		d.t.Fatal(err)
	}
	root := xproto.Setup(x11).DefaultScreen(x11).Root
	all := make(chan map[time.Duration]float64, 1)
	go func() {
		defer x11.Close()
		seen := make(map[time.Duration]float64)
		for began := time.Now(); time.Since(began) < long; time.Sleep(8 * time.Millisecond) {
			picture, err := xproto.GetImage(x11, xproto.ImageFormatZPixmap, xproto.Drawable(root), x, y, side, side, ^uint32(0)).Reply()
			if err != nil {
				d.t.Errorf("look at the display: %v", err)
				break
			}
			sum := 0
			for i := 0; i+3 < len(picture.Data); i += 4 { // B G R and nothing
				sum += int(picture.Data[i]) + int(picture.Data[i+1]) + int(picture.Data[i+2])
			}
			seen[time.Since(began)] = float64(sum) / (3 * side * side)
		}
		all <- seen
	}()
	return all
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

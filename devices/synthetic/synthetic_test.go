package synthetic

import (
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"go.uber.org/goleak"

	"parley/devices"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func toImage(f *devices.Frame) *image.YCbCr {
	return &image.YCbCr{Y: f.Y, Cb: f.U, Cr: f.V, YStride: f.StrideY, CStride: f.StrideUV, SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, f.Width, f.Height)}
}

func frame(t testing.TB, name string, w, h int, n int64) *devices.Frame {
	t.Helper()
	c, err := NewCamera(name, devices.VideoFormat{Width: w, Height: h, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.pool.Get(w, h)
	if err != nil {
		t.Fatal(err)
	}
	c.Draw(f, n, time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC))
	return f
}

func TestNumberIsRead(t *testing.T) {
	for _, size := range [][2]int{{640, 360}, {1280, 720}, {320, 180}, {639, 359}, {640, 480}} {
		for _, n := range []int64{0, 1, 42, 12345, 65535, 65536 + 7} {
			f := frame(t, "ann", size[0], size[1], n)
			got, ok := DecodeFrame(f)
			if !ok || got != uint32(n%FrameNumbers) {
				t.Errorf("%v frame %d: %d %v", size, n, got, ok)
			}
			f.Release()
		}
	}
}

func TestNumberSurvivesAScreenshot(t *testing.T) {
	f := frame(t, "bob", 640, 360, 4321)
	defer f.Release()
	for _, scale := range []float64{0.5, 0.61, 0.8, 1, 1.37, 2} {
		w, h := int(640*scale), int(360*scale)
		// Somewhere in a larger, noisy picture, its sides cropped as a tile does.
		screen := image.NewRGBA(image.Rect(0, 0, w+200, h+120))
		random := rand.New(rand.NewPCG(1, 2))
		for i := range screen.Pix {
			screen.Pix[i] = byte(random.IntN(256))
		}
		crop := image.Rect(40, 0, 600, 360)
		draw.BiLinear.Scale(screen, image.Rect(90, 50, 90+w-int(80*scale), 50+h), toImage(f), crop, draw.Src, nil)
		if got, ok := DecodeImage(screen); !ok || got != 4321 {
			t.Errorf("scale %v: %d %v", scale, got, ok)
		}
	}
}

func TestNoiseIsNoNumber(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for range 20 {
		img := image.NewRGBA(image.Rect(0, 0, 400, 200))
		for i := range img.Pix {
			img.Pix[i] = byte(random.IntN(256))
		}
		if _, ok := DecodeImage(img); ok {
			found++
		}
	}
	if found > 0 {
		t.Errorf("%d of 20 pictures of noise have a number", found)
	}
}

func TestCameraKeepsTime(t *testing.T) {
	c, err := NewCamera("ann", devices.VideoFormat{Width: 64, Height: 36, FrameRate: 50})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 26 {
		f, err := c.ReadFrame(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.Release()
	}
	if took := time.Since(began); took < 480*time.Millisecond {
		t.Errorf("26 frames at 50 a second took %v", took)
	}
	go func() {
		time.Sleep(20 * time.Millisecond)
		_ = c.Close()
	}()
	for {
		f, err := c.ReadFrame(t.Context())
		if err != nil {
			return // ended by Close
		}
		f.Release()
	}
}

func TestVoicesAreKnownByTheirPilots(t *testing.T) {
	fill := func(name string) []float32 {
		s := make([]float32, 2*devices.SampleRate)
		NewVoice(name).Fill(s)
		return s
	}
	names := []string{"ann", "bob", "cem", "dora", "eve"}
	for _, name := range names {
		s := fill(name)
		if !HearsPilot(s, Pilot(name)) {
			t.Errorf("%s is not heard: %.1f", name, pilotStrength(s, Pilot(name)))
		}
		var peak float32
		for _, x := range s {
			peak = max(peak, x, -x)
		}
		if peak > 0.9 || peak < 0.1 {
			t.Errorf("%s peaks at %v", name, peak)
		}
		for _, other := range names {
			if Pilot(other) != Pilot(name) && HearsPilot(s, Pilot(other)) {
				t.Errorf("%s is taken for %s: %.1f against %.1f", name, other, pilotStrength(s, Pilot(other)), pilotStrength(s, Pilot(name)))
			}
		}
	}
	if HearsPilot(make([]float32, devices.SampleRate), 1040) {
		t.Error("silence has a pilot")
	}
}

func BenchmarkDraw(b *testing.B) {
	c, err := NewCamera("ann", devices.VideoFormat{Width: 640, Height: 360, FrameRate: 30})
	if err != nil {
		b.Fatal(err)
	}
	f, err := c.pool.Get(640, 360)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	now, n := time.Now(), int64(0)
	for b.Loop() {
		c.Draw(f, n, now)
		n++
	}
}

// TestPicture writes the picture where one can look at it.
func TestPicture(t *testing.T) {
	folder := os.Getenv("PARLEY_PICTURES")
	if folder == "" {
		t.Skip("PARLEY_PICTURES names no folder")
	}
	pictures := make(map[string]*devices.Frame)
	for _, name := range []string{"ann", "bob", "cem"} {
		pictures[name] = frame(t, name, 640, 360, 1234)
	}
	s, err := NewScreen("Plans of Ann", devices.ScreenFormat{})
	if err != nil {
		t.Fatal(err)
	}
	if pictures["screen"], err = s.ReadFrame(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, f := range pictures {
		out, err := os.Create(folder + "/" + name + ".png")
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(out, toImage(f)); err != nil {
			t.Fatal(err)
		}
		_ = out.Close()
	}
}

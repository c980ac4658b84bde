package e2e

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/devices/screen"
)

// portalSource is the ID of the only source on Wayland.
const portalSource = "portal"

// near reports whether the middle of a picture has a colour.
func near(f *devices.Frame, want color.RGBA) bool { return nearAt(f, f.Width/2, f.Height/2, want) }

func nearAt(f *devices.Frame, x, row int, want color.RGBA) bool {
	y, cb, cr := color.RGBToYCbCr(want.R, want.G, want.B)
	at := row/2*f.StrideUV + x/2
	// Black is 16 in a picture of video, white 235.
	luma := 16 + int(y)*219/255
	chroma := func(c byte) int { return 128 + (int(c)-128)*224/255 }
	return tolerable(int(f.Y[row*f.StrideY+x])-luma) && tolerable(int(f.U[at])-chroma(cb)) && tolerable(int(f.V[at])-chroma(cr))
}

// tolerable reports whether a difference is one of rounding and compression.
func tolerable(difference int) bool { return difference >= -4 && difference <= 4 }

// await reads pictures until one is right, and paints anew where none comes: the
// portal of wlroots may wait with a picture until something changes.
func await(t *testing.T, s devices.VideoSource, paint func(), right func(*devices.Frame) bool) bool {
	t.Helper()
	paint()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		f, err := s.ReadFrame(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			paint()
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		found := right(f)
		f.Release()
		if found {
			return true
		}
	}
	return false
}

// shows paints the output and waits for a picture of that size and colour.
func (d *waylandDesk) shows(s devices.VideoSource, width, height int, want color.RGBA) {
	d.t.Helper()
	var last [2]int
	if !await(d.t, s, func() { d.sway("output HEADLESS-1 bg #%02x%02x%02x solid_color", want.R, want.G, want.B) }, func(f *devices.Frame) bool {
		last = [2]int{f.Width, f.Height}
		return f.Width == width && f.Height == height && near(f, want)
	}) {
		d.t.Fatalf("no picture of %dx%d in %v, but of %v", width, height, want, last)
	}
}

// flagColours are those of the four quarters of flag, by rows.
func flagColours() [4]color.RGBA { return [4]color.RGBA{blue, red, green, {0xee, 0xdd, 0xcc, 0xff}} }

// flag is a picture that looks different however it is turned.
func (d *waylandDesk) flag() string {
	d.t.Helper()
	const side = 64
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i, c := range flagColours() {
		x, y := i%2*side/2, i/2*side/2
		draw.Draw(img, image.Rect(x, y, x+side/2, y+side/2), image.NewUniform(c), image.Point{}, draw.Src)
	}
	var data bytes.Buffer
	if err := png.Encode(&data, img); err != nil {
		d.t.Fatal(err)
	}
	d.write("sway/flag.png", data.String())
	if err := os.Chmod(d.path("sway/flag.png"), 0o644); err != nil {
		d.t.Fatal(err)
	}
	return d.path("sway/flag.png")
}

// showsFlag paints flag and waits for a picture of it, upright.
func (d *waylandDesk) showsFlag(s devices.VideoSource, width, height int) {
	d.t.Helper()
	var last [2]int
	var seen [4]bool
	var luma [4]byte
	flag := d.flag()
	if !await(d.t, s, func() { d.sway("output HEADLESS-1 bg %s stretch #000000", flag) }, func(f *devices.Frame) bool {
		last = [2]int{f.Width, f.Height}
		all := f.Width == width && f.Height == height
		for i, c := range flagColours() {
			x, y := f.Width*(1+i%2*2)/4, f.Height*(1+i/2*2)/4
			seen[i], luma[i] = nearAt(f, x, y, c), f.Y[y*f.StrideY+x]
			all = all && seen[i]
		}
		return all
	}) {
		d.t.Fatalf("no upright picture of %dx%d, but of %v, where the quarters are right: %v (luma %v)", width, height, last, seen, luma)
	}
}

// pipewireThreads counts the threads of the library in this process.
func pipewireThreads(t *testing.T) (n int) {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if comm, _ := os.ReadFile(name); strings.HasPrefix(string(comm), "screen") || strings.HasPrefix(string(comm), "data-loop") {
			n++
		}
	}
	return n
}

var (
	blue  = color.RGBA{0x33, 0x66, 0x99, 0xff}
	red   = color.RGBA{0xaa, 0x22, 0x11, 0xff}
	green = color.RGBA{0x11, 0x99, 0x44, 0xff}
)

// TestWaylandCapture takes pictures of a Wayland session through the desktop portal.
func TestWaylandCapture(t *testing.T) {
	d := newWaylandDesk(t, "normal")
	d.enter()
	ignore := goleak.IgnoreCurrent()
	sources, err := (screen.Finder{}).List(t.Context())
	if err != nil || len(sources) != 1 || sources[0].ID != portalSource || !sources[0].Asks {
		t.Fatalf("%+v: %v", sources, err)
	}
	open := func(format devices.ScreenFormat) devices.VideoSource {
		t.Helper()
		s, err := (screen.Finder{}).Open(t.Context(), portalSource, format)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	s := open(devices.ScreenFormat{FrameRate: 15})
	d.shows(s, 1280, 720, blue)
	if pipewireThreads(t) == 0 {
		t.Error("the library's threads have other names: the count below means nothing")
	}
	d.shows(s, 1280, 720, red)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := pipewireThreads(t); n > 0 {
		t.Errorf("%d threads of the library are left", n)
	}
	goleak.VerifyNone(t, ignore)

	// Again, and made smaller.
	s = open(devices.ScreenFormat{FrameRate: 5, MaxWidth: 513, MaxHeight: 400})
	d.shows(s, 512, 288, green)
	// The desktop ends it.
	d.end(d.backend)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for err = nil; err == nil; {
		var f *devices.Frame
		if f, err = s.ReadFrame(ctx); err == nil {
			f.Release()
		}
	}
	if !errors.Is(err, devices.ErrNotFound) {
		t.Errorf("the sharing ended by %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	d.end(d.portal)
	if _, err := (screen.Finder{}).List(t.Context()); !errors.Is(err, devices.ErrNoPortal) {
		t.Errorf("without a portal: %v", err)
	}
	goleak.VerifyNone(t, ignore)
}

// TestWaylandTurned shares displays that stand on their side, or hang mirrored: what is
// seen is upright nonetheless.
func TestWaylandTurned(t *testing.T) {
	for transform, size := range map[string]image.Point{
		"90": {720, 1280}, "270": {720, 1280}, "flipped-90": {720, 1280}, "flipped-270": {720, 1280}, "180": {1280, 720}, "flipped": {1280, 720},
	} {
		t.Run(transform, func(t *testing.T) {
			d := newWaylandDesk(t, transform)
			d.enter()
			s, err := (screen.Finder{}).Open(t.Context(), portalSource, devices.ScreenFormat{FrameRate: 15})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			d.showsFlag(s, size.X, size.Y)
		})
	}
}

// TestWaylandSharing shares a Wayland session's screen from the window of the app.
func TestWaylandSharing(t *testing.T) {
	wayland := newWaylandDesk(t, "normal")
	wayland.enter()
	d := newDesk(t)
	address, _ := serve(t, "--open")
	record := t.TempDir()
	bob := peer(t, address, "sharing", "bob", "--video", "none", "--audio", "none", "--record", record)
	bob.wait("room_state", is("state", "connected"))
	// The window itself is where it can be looked at.
	for _, variable := range wayland.env {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "XDG_SESSION") || name == "WAYLAND_DISPLAY" || name == "DBUS_SESSION_BUS_ADDRESS" {
			d.env = append(d.env, variable)
		}
	}
	d.env = append(d.env, "FYNE_PLATFORM=x11")
	ann := d.open("ann", "0,0", "--server", address, "--room", "sharing", "--join", "--camera", "none", "--microphone", "none", "--speaker", "none")
	ann.sees("Invite")
	d.xdo("windowfocus", "--sync", ann.id)
	d.xdo("key", "ctrl+shift+e")
	ann.sees("Screen or window")
	d.xdo("key", "Return") // the desktop would ask now
	ann.sees("You are sharing")
	bob.wait("stats", func(line map[string]any) bool {
		return number(line, "play", 1, "video", "width") == 1280 && number(line, "play", 1, "video", "height") == 720 && number(line, "play", 1, "video", "frames") > 3
	})
	wayland.sway("output HEADLESS-1 bg #aa2211 solid_color")
	time.Sleep(2 * time.Second)
	wayland.end(wayland.backend)
	// What the window says then goes away by itself, perhaps before it can be read.
	bob.wait("streams", func(line map[string]any) bool { return len(list(line["removed"])) == 1 })
	wayland.end(wayland.portal)
	d.xdo("key", "ctrl+shift+e")
	ann.sees("Install xdg-desktop-portal and its part")
	if code := bob.stop(); code != 0 {
		t.Errorf("status %d", code)
	}
	colours := map[string]int{}
	files, _ := filepath.Glob(filepath.Join(record, "*-screen.ivf"))
	if len(files) != 1 {
		t.Fatalf("recordings of the screen: %v", files)
	}
	decodeFile(t, files[0], func(f *devices.Frame) {
		switch {
		case near(f, blue):
			colours["blue"]++
		case near(f, red):
			colours["red"]++
		default:
			colours["other"]++
		}
	})
	// Others lie between: the encoder comes near a new colour step by step.
	if colours["blue"] == 0 || colours["red"] == 0 {
		t.Errorf("the pictures that came: %v", colours)
	}
}

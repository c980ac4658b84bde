//go:build linux

package screen

import (
	"context"
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"parley/devices"
)

var (
	red    = color.RGBA{R: 220, G: 20, B: 30, A: 255}
	green  = color.RGBA{R: 10, G: 190, B: 60, A: 255}
	blue   = color.RGBA{R: 30, G: 60, B: 230, A: 255}
	yellow = color.RGBA{R: 250, G: 240, B: 10, A: 255}
	fast   = devices.ScreenFormat{FrameRate: devices.MaxScreenRate}
)

func TestList(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	lower := d.window("Letters", image.Rect(100, 100, 500, 400), red)
	upper := d.window("Gr\xfc\xdfe", image.Rect(300, 200, 700, 600), green) // Latin-1, as WM_NAME is
	d.window("small", image.Rect(0, 0, 20, 20), blue)
	hidden := d.window("hidden", image.Rect(0, 0, 300, 300), blue)
	d.check(xproto.UnmapWindowChecked(d.conn, hidden).Check())
	list, err := Finder{}.List(t.Context())
	d.check(err)
	if len(list) != 3 {
		t.Fatalf("%+v", list)
	}
	if s := list[0]; s.Window || s.Width != deskWidth || s.Height != deskHeight || s.Name == "" || !strings.HasPrefix(s.ID, screenPrefix) {
		t.Errorf("%+v", s)
	}
	if s := list[1]; s.ID != windowID(upper) || s.Name != "Grüße" || !s.Window || s.Width != 400 || s.Height != 400 {
		t.Errorf("%+v", s)
	}
	if s := list[2]; s.ID != windowID(lower) || s.Name != "Letters" {
		t.Errorf("%+v", s)
	}
	if img := list[0].Thumbnail; img == nil || img.Rect.Dx() != 288 || img.Rect.Dy() != 180 || img.RGBAAt(30, 30) != red {
		t.Error("the screen's thumbnail")
	}
	// The lower window is whole, though the upper one covers a part.
	if img := list[2].Thumbnail; img == nil || img.Rect.Dx() != 240 || img.Rect.Dy() != 180 || img.RGBAAt(230, 170) != red {
		t.Error("the window's thumbnail")
	}
}

func TestListOfAWindowManager(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	intern := func(name string) xproto.Atom {
		reply, err := xproto.InternAtom(d.conn, false, uint16(len(name)), name).Reply()
		d.check(err)
		return reply.Atom
	}
	set := func(w xproto.Window, name string, kind xproto.Atom, format byte, count int, data []byte) {
		d.check(xproto.ChangePropertyChecked(d.conn, xproto.PropModeReplace, w, intern(name), kind, format, uint32(count), data).Check())
	}
	words := func(values ...uint32) (data []byte) {
		for _, v := range values {
			data = append(data, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
		}
		return data
	}
	panel := d.window("panel", image.Rect(0, 0, deskWidth, 60), blue)
	set(panel, "_NET_WM_WINDOW_TYPE", xproto.AtomAtom, 32, 1, words(uint32(intern("_NET_WM_WINDOW_TYPE_DOCK"))))
	letters := d.window("old", image.Rect(100, 100, 500, 400), red)
	title := "会议 \n notes"
	set(letters, "_NET_WM_NAME", intern("UTF8_STRING"), 8, len(title), []byte(title))
	d.window("not managed", image.Rect(100, 100, 500, 400), red)
	closed := uint32(0x7fffff)
	set(d.root, "_NET_CLIENT_LIST_STACKING", xproto.AtomWindow, 32, 3, words(uint32(panel), closed, uint32(letters)))
	list, err := Finder{}.List(t.Context())
	d.check(err)
	if len(list) != 2 || list[1].ID != windowID(letters) || list[1].Name != "会议   notes" {
		t.Errorf("%+v", list)
	}
}

func TestScreenShowsWhatIsDrawn(t *testing.T) {
	for name, format := range map[string]devices.ScreenFormat{"as it is": fast, "scaled": {MaxWidth: 640, MaxHeight: 360, FrameRate: 30}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, deskWidth, deskHeight)
			w := d.window("window", image.Rect(100, 100, 500, 400), red)
			s := d.open(d.screenID(), format)
			width, height := format.Fit(deskWidth, deskHeight)
			at := func(f *devices.Frame, x, y int, c color.RGBA) bool {
				return f.Width == width && f.Height == height && shows(f, x*width/deskWidth, y*height/deskHeight, c)
			}
			d.await(s, "the window", func(f *devices.Frame) bool {
				return at(f, 110, 110, red) && at(f, 480, 390, red) && at(f, 90, 110, color.RGBA{}) && at(f, 900, 700, color.RGBA{})
			})
			d.paint(w, image.Rect(40, 40, 200, 200), yellow)
			d.await(s, "what was painted", func(f *devices.Frame) bool { return at(f, 240, 240, yellow) && at(f, 110, 110, red) })
		})
	}
}

func TestWindowIsWholeWhileCovered(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	w := d.window("below", image.Rect(100, 100, 500, 400), red)
	s := d.open(windowID(w), fast)
	d.await(s, "the window", func(f *devices.Frame) bool { return f.Width == 400 && f.Height == 300 && shows(f, 200, 150, red) })
	d.window("above", image.Rect(0, 0, 800, 800), blue)
	d.paint(w, image.Rect(0, 0, 100, 100), green)
	d.await(s, "the covered window", func(f *devices.Frame) bool { return shows(f, 50, 50, green) && shows(f, 200, 150, red) })
}

func TestWindowOffTheScreenAndResized(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	w := d.window("window", image.Rect(-50, -50, 350, 250), red)
	s := d.open(windowID(w), fast)
	d.await(s, "the window", func(f *devices.Frame) bool { return f.Width == 400 && f.Height == 300 && shows(f, 10, 10, red) })
	d.check(xproto.ConfigureWindowChecked(d.conn, w, xproto.ConfigWindowWidth|xproto.ConfigWindowHeight, []uint32{701, 333}).Check())
	d.await(s, "the larger window", func(f *devices.Frame) bool {
		return f.Width == 700 && f.Height == 332 && shows(f, 690, 330, red)
	})
	d.check(xproto.UnmapWindowChecked(d.conn, w).Check())
	d.await(s, "the hidden window, as it was", func(f *devices.Frame) bool { return f.Width == 700 })
	d.check(xproto.ConfigureWindowChecked(d.conn, w, xproto.ConfigWindowWidth|xproto.ConfigWindowHeight, []uint32{200, 100}).Check())
	d.check(xproto.MapWindowChecked(d.conn, w).Check())
	d.await(s, "the window again", func(f *devices.Frame) bool { return f.Width == 200 && f.Height == 100 && shows(f, 190, 90, red) })
}

// ends reads until the source fails, and says with what.
func ends(t *testing.T, s devices.VideoSource) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		f, err := s.ReadFrame(ctx)
		if err != nil {
			return err
		}
		f.Release()
	}
}

func TestClosedWindow(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	w := d.window("window", image.Rect(100, 100, 500, 400), red)
	s := d.open(windowID(w), fast)
	d.await(s, "the window", func(f *devices.Frame) bool { return shows(f, 10, 10, red) })
	d.check(xproto.DestroyWindowChecked(d.conn, w).Check())
	for range 2 {
		if err := ends(t, s); !errors.Is(err, devices.ErrNotFound) || !strings.Contains(err.Error(), "the shared window was closed") {
			t.Error(err)
		}
	}
}

func TestServerThatEnds(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	screen := d.open(d.screenID(), fast)
	window := d.open(windowID(d.window("window", image.Rect(100, 100, 500, 400), red)), fast)
	d.stop()
	for _, s := range []*Source{screen, window} {
		if err := ends(t, s); !errors.Is(err, devices.ErrNotFound) {
			t.Error(err)
		}
	}
	if _, err := (Finder{}).List(t.Context()); !errors.Is(err, devices.ErrNotFound) {
		t.Error(err)
	}
}

func TestPointerIsDrawn(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	w := d.window("window", image.Rect(100, 100, 500, 400), red)
	d.point(w, 60, 80, yellow)
	d.await(d.open(d.screenID(), fast), "the pointer on the screen", func(f *devices.Frame) bool {
		return shows(f, 162, 182, yellow) && shows(f, 174, 194, yellow) && shows(f, 180, 190, red)
	})
	s := d.open(windowID(w), fast)
	d.await(s, "the pointer in the window", func(f *devices.Frame) bool { return shows(f, 62, 82, yellow) && shows(f, 40, 40, red) })
	d.point(w, 396, 296, yellow) // cut off by the window's corner
	d.await(s, "the pointer elsewhere", func(f *devices.Frame) bool { return shows(f, 62, 82, red) && shows(f, 398, 298, yellow) })
}

func TestFramesComeOnChangeOnly(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	w := d.window("window", image.Rect(100, 100, 500, 400), red)
	s := d.open(windowID(w), fast)
	d.await(s, "the window", func(f *devices.Frame) bool { return shows(f, 10, 10, red) })
	began, count := time.Now(), 0
	for time.Since(began) < 2500*time.Millisecond {
		f, err := s.ReadFrame(t.Context())
		d.check(err)
		f.Release()
		count++
	}
	if count < 2 || count > 4 {
		t.Errorf("%d frames in 2.5 s of nothing new", count)
	}
	began = time.Now()
	d.paint(w, image.Rect(0, 0, 30, 30), green)
	d.await(s, "a change", func(f *devices.Frame) bool { return shows(f, 10, 10, green) })
	t.Logf("a change was seen after %v", time.Since(began))
}

func TestWithoutSharedMemoryOrComposite(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	w := d.window("window", image.Rect(-100, 100, 300, 400), red)
	d.paint(w, image.Rect(100, 0, 140, 40), green)
	s, err := connect()
	d.check(err)
	defer s.close()
	if !s.shared || !s.redirect || !s.monitors || !s.cursor {
		t.Errorf("Xvfb has all extensions, but: %+v", s)
	}
	s.shared, s.redirect, s.monitors, s.cursor = false, false, false, false
	monitors, err := s.findMonitors()
	d.check(err)
	g, err := newScreenGrabber(s, screenPrefix+monitors[0].name)
	d.check(err)
	p, err := g.grab()
	d.check(err)
	if p.width != deskWidth || p.height != deskHeight || [3]byte(p.row(110)[pixelBytes*10:]) != [3]byte{green.B, green.G, green.R} {
		t.Error(p.width, p.height)
	}
	windows, err := newWindowGrabber(s, windowID(w))
	d.check(err)
	p, err = windows.grab()
	d.check(err)
	if p.width != 300 || p.height != 300 || [3]byte(p.row(5)[pixelBytes*5:]) != [3]byte{green.B, green.G, green.R} {
		t.Error("the visible part of the window", p.width, p.height)
	}
}

func TestManySourcesAtOnce(t *testing.T) {
	d := newDesk(t, deskWidth, deskHeight)
	w := d.window("window", image.Rect(100, 100, 500, 400), red)
	id := d.screenID()
	for range 3 {
		d.open(id, fast)
		d.open(windowID(w), fast)
	}
	for range 5 {
		_, err := Finder{}.List(t.Context())
		d.check(err)
		s, err := Finder{}.Open(t.Context(), windowID(w), fast)
		d.check(err)
		d.check(s.Close())
		d.check(s.Close())
		if _, err := s.ReadFrame(t.Context()); !errors.Is(err, devices.ErrClosed) {
			t.Error(err)
		}
	}
}

func TestWhatCannotBeOpened(t *testing.T) {
	newDesk(t, deskWidth, deskHeight)
	for _, id := range []string{"", "screen:nothing", "window:", "window:x", "window:0x7fffff", "window:0x7fffffffffffff", "camera"} {
		if _, err := (Finder{}).Open(t.Context(), id, fast); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Finder{}).List(cancelled); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	t.Setenv("DISPLAY", ":notthere")
	if _, err := (Finder{}).List(t.Context()); !errors.Is(err, devices.ErrNotFound) {
		t.Error(err)
	}
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	t.Setenv("XDG_SESSION_TYPE", "wayland")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	if _, err := (Finder{}).List(t.Context()); !errors.Is(err, devices.ErrWayland) {
		t.Error(err)
	}
	if _, err := (Finder{}).Open(t.Context(), portalID, fast); !errors.Is(err, devices.ErrWayland) {
		t.Error(err)
	}
	// What an X server shows there is black.
	if _, err := (Finder{}).Open(t.Context(), "screen:screen", fast); !errors.Is(err, devices.ErrNotFound) {
		t.Error(err)
	}
	s, err := Finder{}.Open(t.Context(), "synthetic:Plans", fast)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}

func BenchmarkCapture1080p(b *testing.B) {
	for name, shared := range map[string]bool{"shared memory": true, "socket": false} {
		for kind, changes := range map[string]bool{"all changes": true, "nothing changes": false} {
			b.Run(name+", "+kind, func(b *testing.B) {
				d := newDesk(b, 1920, 1080)
				w := d.window("window", image.Rect(0, 0, 1920, 1080), red)
				s, err := connect()
				d.check(err)
				s.shared = shared
				monitors, err := s.findMonitors()
				d.check(err)
				g, err := newScreenGrabber(s, screenPrefix+monitors[0].name)
				d.check(err)
				defer g.close()
				var p painter
				for i := 0; b.Loop(); i++ {
					if changes {
						b.StopTimer()
						d.paint(w, image.Rect(0, 0, 1920, 1080), []color.RGBA{red, green}[i%2])
						b.StartTimer()
					}
					now, err := g.grab()
					d.check(err)
					_, err = p.paint(now)
					d.check(err)
					f, err := p.newest(0)
					d.check(err)
					f.Release()
				}
			})
		}
	}
}

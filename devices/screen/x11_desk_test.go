//go:build linux

package screen

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"parley/devices"
)

const deskWidth, deskHeight = 1280, 800

// desk is an X server of the test's own, and a program that draws on it.
type desk struct {
	t    testing.TB
	conn *xgb.Conn
	root xproto.Window
	stop func()
}

func newDesk(t testing.TB, width, height int) *desk {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("Xvfb is missing: make setup installs it: %v", err)
		}
		t.Skip("Xvfb is missing: make setup installs it")
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{write}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	stopped := false
	d := &desk{t: t, stop: func() {
		if !stopped {
			stopped = true
			_ = x.Process.Signal(syscall.SIGTERM)
			_ = x.Wait()
		}
	}}
	t.Cleanup(d.stop)
	var number int
	if _, err := fmt.Fscanln(read, &number); err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	t.Setenv("DISPLAY", fmt.Sprintf(":%d", number))
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("XDG_SESSION_TYPE", "x11")
	if d.conn, err = xgb.NewConn(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { (&server{conn: d.conn}).close() })
	d.root = xproto.Setup(d.conn).DefaultScreen(d.conn).Root
	return d
}

func (d *desk) check(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func pixel(c color.RGBA) uint32 { return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B) }

// window shows a window of one colour.
func (d *desk) window(title string, r image.Rectangle, c color.RGBA) xproto.Window {
	d.t.Helper()
	w, err := xproto.NewWindowId(d.conn)
	d.check(err)
	d.check(xproto.CreateWindowChecked(d.conn, 0, w, d.root, int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()), 0,
		xproto.WindowClassInputOutput, 0, xproto.CwBackPixel, []uint32{pixel(c)}).Check())
	d.check(xproto.ChangePropertyChecked(d.conn, xproto.PropModeReplace, w, xproto.AtomWmName, xproto.AtomString, 8, uint32(len(title)), []byte(title)).Check())
	d.check(xproto.MapWindowChecked(d.conn, w).Check())
	return w
}

// paint fills a part of a window with a colour.
func (d *desk) paint(w xproto.Window, r image.Rectangle, c color.RGBA) {
	d.t.Helper()
	gc, err := xproto.NewGcontextId(d.conn)
	d.check(err)
	d.check(xproto.CreateGCChecked(d.conn, gc, xproto.Drawable(w), xproto.GcForeground, []uint32{pixel(c)}).Check())
	d.check(xproto.PolyFillRectangleChecked(d.conn, xproto.Drawable(w), gc, []xproto.Rectangle{
		{X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy())}}).Check())
	d.check(xproto.FreeGCChecked(d.conn, gc).Check())
}

// point makes the pointer over a window a square of 16 pixels, and puts it at
// x, y.
func (d *desk) point(w xproto.Window, x, y int, c color.RGBA) {
	d.t.Helper()
	const size = 16
	mask, err := xproto.NewPixmapId(d.conn)
	d.check(err)
	d.check(xproto.CreatePixmapChecked(d.conn, 1, mask, xproto.Drawable(d.root), size, size).Check())
	gc, err := xproto.NewGcontextId(d.conn)
	d.check(err)
	d.check(xproto.CreateGCChecked(d.conn, gc, xproto.Drawable(mask), xproto.GcForeground, []uint32{1}).Check())
	d.check(xproto.PolyFillRectangleChecked(d.conn, xproto.Drawable(mask), gc, []xproto.Rectangle{{Width: size, Height: size}}).Check())
	cursor, err := xproto.NewCursorId(d.conn)
	d.check(err)
	wide := func(v byte) uint16 { return uint16(v) * 257 }
	d.check(xproto.CreateCursorChecked(d.conn, cursor, mask, mask, wide(c.R), wide(c.G), wide(c.B), 0, 0, 0, 0, 0).Check())
	d.check(xproto.ChangeWindowAttributesChecked(d.conn, w, xproto.CwCursor, []uint32{uint32(cursor)}).Check())
	d.check(xproto.WarpPointerChecked(d.conn, 0, w, 0, 0, 0, 0, int16(x), int16(y)).Check())
}

// open shares a source, and ends that with the test.
func (d *desk) open(id string, format devices.ScreenFormat) *Source {
	d.t.Helper()
	source, err := Finder{}.Open(d.t.Context(), id, format)
	d.check(err)
	d.t.Cleanup(func() {
		if err := source.Close(); err != nil {
			d.t.Error(err)
		}
	})
	return source.(*Source)
}

// screenID is the ID of the only screen.
func (d *desk) screenID() string {
	d.t.Helper()
	list, err := Finder{}.List(d.t.Context())
	d.check(err)
	if len(list) == 0 || list[0].Window {
		d.t.Fatalf("no screen in %+v", list)
	}
	return list[0].ID
}

// await reads frames until one is as wanted.
func (d *desk) await(s devices.VideoSource, what string, wanted func(*devices.Frame) bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 20*time.Second)
	defer cancel()
	var last string
	for {
		f, err := s.ReadFrame(ctx)
		if err != nil {
			d.t.Fatalf("%s: %v; the last frame was %s", what, err, last)
		}
		ok := wanted(f)
		last = fmt.Sprintf("%dx%d, %d %d %d at its middle", f.Width, f.Height,
			f.Y[f.Height/2*f.StrideY+f.Width/2], f.U[f.Height/4*f.StrideUV+f.Width/4], f.V[f.Height/4*f.StrideUV+f.Width/4])
		f.Release()
		if ok {
			return
		}
	}
}

// shows reports whether the pixel of a frame has a colour, within 2 levels.
func shows(f *devices.Frame, x, y int, c color.RGBA) bool {
	if x >= f.Width || y >= f.Height {
		return false
	}
	luma, u, v := yuv(float64(c.R), float64(c.G), float64(c.B))
	near := func(got byte, want float64) bool { return math.Abs(float64(got)-want) <= 2 }
	at := y/2*f.StrideUV + x/2
	return near(f.Y[y*f.StrideY+x], luma) && near(f.U[at], u) && near(f.V[at], v)
}

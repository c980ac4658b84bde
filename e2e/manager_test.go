package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// newManagedDesk is a desk with a window manager: windows have frames, one of them is
// in front, and they can be minimised.
func newManagedDesk(t *testing.T) *desk {
	t.Helper()
	if _, err := exec.LookPath("openbox"); err != nil {
		t.Skip("openbox is missing: make setup installs it")
	}
	d := newDesk(t)
	d.run(d.command("openbox", "--sm-disable"))
	d.until("a window manager", func() bool {
		out, err := d.command("xprop", "-root", "_NET_SUPPORTING_WM_CHECK").Output()
		return err == nil && strings.Contains(string(out), "window id")
	})
	return d
}

// until waits for what is to happen on the display.
func (d *desk) until(what string, holds func() bool) {
	d.t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("%s: not after 10 s", what)
		}
	}
}

// stranger is a window of another program, as large as the display.
func (d *desk) stranger() (id string) {
	d.t.Helper()
	conn, err := xgb.NewConnDisplay(d.display)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(conn.Close)
	window, err := xproto.NewWindowId(conn)
	if err != nil {
		d.t.Fatal(err)
	}
	const grey = 0x505050
	screen := xproto.Setup(conn).DefaultScreen(conn)
	if err := xproto.CreateWindowChecked(conn, screen.RootDepth, window, screen.Root, 0, 0, screen.WidthInPixels, screen.HeightInPixels, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel, []uint32{grey}).Check(); err != nil {
		d.t.Fatal(err)
	}
	if err := xproto.MapWindowChecked(conn, window).Check(); err != nil {
		d.t.Fatal(err)
	}
	return fmt.Sprint(uint32(window))
}

// active is the window that has the keyboard.
func (d *desk) active() string {
	out, _ := d.command("xdotool", "getactivewindow").Output()
	return strings.TrimSpace(string(out))
}

// activate brings a window to the front, as a click into the task bar does.
func (d *desk) activate(id string) {
	d.t.Helper()
	d.xdo("windowactivate", id)
	d.until("another window in front", func() bool { return d.active() == id })
}

// small is the small window of a call, without an id while it isn't shown.
func (w *window) small() *window {
	out, _ := w.desk.command("xdotool", "search", "--onlyvisible", "--pid", fmt.Sprint(w.cmd.Process.Pid)).Output()
	for id := range strings.FieldsSeq(string(out)) {
		if id != w.id {
			return &window{process: w.process, desk: w.desk, id: id}
		}
	}
	return &window{}
}

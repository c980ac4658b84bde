package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"parley/e2e/bench/report"
	"parley/e2e/bench/screen"
)

const (
	startMost = 500 // ms
	starts    = 7
	lookEvery = 2 * time.Millisecond
	startWait = 20 * time.Second
)

// measureStart has the program start, from its first instruction to its first
// picture on the display.
func measureStart(ctx context.Context, path string) ([]report.Result, error) {
	d, err := screen.New()
	if err != nil {
		return nil, err
	}
	defer d.Close()
	x11, err := xgb.NewConnDisplay(d.Name)
	if err != nil {
		return nil, err
	}
	defer x11.Close()
	folder, err := os.MkdirTemp("", "parley-bench-app-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	var first, later []float64
	for n := range starts {
		data := filepath.Join(folder, fmt.Sprint(n))
		for _, times := range []*[]float64{&first, &later} {
			took, err := start(ctx, d, x11, path, data)
			if err != nil {
				return nil, err
			}
			*times = append(*times, float64(took.Microseconds())/1000)
		}
	}
	slices.Sort(first)
	slices.Sort(later)
	return []report.Result{
		report.AtMost("start to window, median", "ms", later[starts/2], startMost),
		report.Figure("start to window, slowest", "ms", later[starts-1]),
		report.AtMost("start to window, the first one of all, median", "ms", first[starts/2], startMost),
	}, nil
}

// start gives the time until the middle of the display is no longer black, which
// it is without a window.
func start(ctx context.Context, d *screen.Display, x11 *xgb.Conn, path, data string) (time.Duration, error) {
	c := exec.CommandContext(ctx, path, arguments(data)...)
	c.Env = environment(d)
	root := xproto.Setup(x11).DefaultScreen(x11)
	began := time.Now()
	if err := c.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	}()
	for time.Since(began) < startWait {
		reply, err := xproto.GetImage(x11, xproto.ImageFormatZPixmap, xproto.Drawable(root.Root), int16(root.WidthInPixels/2), int16(root.HeightInPixels/2), 8, 8, ^uint32(0)).Reply()
		if err != nil {
			return 0, err
		}
		if painted(reply.Data) {
			return time.Since(began), nil
		}
		time.Sleep(lookEvery)
	}
	return 0, errors.New("no window came")
}

// painted tells of pixels of blue, green, red and nothing.
func painted(pixels []byte) bool {
	for i, v := range pixels {
		if i%4 < 3 && v != 0 {
			return true
		}
	}
	return false
}

// arguments are for a machine without devices.
func arguments(data string, more ...string) []string {
	return append([]string{"--data", data, "--theme", "light", "--language", "en", "--camera", "none", "--microphone", "none", "--speaker", "none"}, more...)
}

func environment(d *screen.Display) []string {
	return append(os.Environ(), "DISPLAY="+d.Name, "WAYLAND_DISPLAY=", "LANG=en_US.UTF-8", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
}

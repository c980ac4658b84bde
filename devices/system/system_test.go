package system

import (
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMachineWithoutDevices(t *testing.T) {
	// No sound server, whatever the machine has.
	t.Setenv("PULSE_SERVER", "unix:/does/not/exist")
	s := New(Options{Logger: slog.New(slog.DiscardHandler)})
	defer s.Close()
	for _, kind := range []devices.Kind{devices.Camera, devices.Microphone, devices.Speaker} {
		if _, err := s.List(t.Context(), kind); err != nil {
			t.Errorf("%v: %v", kind, err)
		}
	}
	format := devices.VideoFormat{Width: 64, Height: 36, FrameRate: 30}
	for name, open := range map[string]func() error{
		"camera":          func() error { _, err := s.OpenCamera(t.Context(), "nothing", format); return err },
		"no camera":       func() error { _, err := s.OpenCamera(t.Context(), devices.None, format); return err },
		"microphone":      func() error { _, err := s.OpenMicrophone(t.Context(), "nothing"); return err },
		"no microphone":   func() error { _, err := s.OpenMicrophone(t.Context(), devices.None); return err },
		"a missing file":  func() error { _, err := s.OpenCamera(t.Context(), "file:/nowhere.y4m", format); return err },
		"a missing sound": func() error { _, err := s.OpenMicrophone(t.Context(), "file:/nowhere.wav"); return err },
	} {
		if err := open(); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSyntheticDevices(t *testing.T) {
	s := New(Options{Logger: slog.New(slog.DiscardHandler)})
	defer s.Close()
	c, err := s.OpenCamera(t.Context(), "synthetic:ann", devices.VideoFormat{Width: 64, Height: 36, FrameRate: 30})
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.ReadFrame(t.Context())
	if err != nil || f.Width != 64 {
		t.Fatal(err)
	}
	f.Release()
	_ = c.Close()
	m, err := s.OpenMicrophone(t.Context(), devices.Synthetic)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.ReadPeriod(t.Context(), make([]float32, devices.PeriodSamples)); err != nil {
		t.Fatal(err)
	}
	_ = m.Close()
	var samples atomic.Int64
	o, err := s.OpenSpeaker(t.Context(), devices.None, func(dst []float32) { samples.Add(int64(len(dst))) })
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	_ = o.Close()
	if n := samples.Load(); n < devices.SampleRate/5 || n > devices.SampleRate/2 {
		t.Errorf("%d samples in 0.3 s", n)
	}
}

func TestScreens(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	t.Setenv("XDG_SESSION_TYPE", "wayland")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	s := New(Options{Logger: slog.New(slog.DiscardHandler)})
	defer s.Close()
	if _, err := s.ListScreens(t.Context()); runtime.GOOS == "linux" && !errors.Is(err, devices.ErrWayland) {
		t.Error(err)
	}
	screen, err := s.OpenScreen(t.Context(), "synthetic:Plans", devices.ScreenFormat{MaxWidth: 640, MaxHeight: 360, FrameRate: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	f, err := screen.ReadFrame(t.Context())
	if err != nil || f.Width != 640 || f.Height != 360 {
		t.Fatal(err)
	}
	f.Release()
}

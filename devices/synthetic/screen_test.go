package synthetic

import (
	"errors"
	"testing"
	"time"

	"parley/devices"
)

func TestScreen(t *testing.T) {
	for _, c := range []struct{ maxWidth, maxHeight, width, height int }{
		{0, 0, 1920, 1080}, {1280, 720, 1280, 720}, {640, 1000, 640, 360}, {1001, 1000, 1000, 562},
	} {
		s, err := NewScreen("Plans of Ann", devices.ScreenFormat{MaxWidth: c.maxWidth, MaxHeight: c.maxHeight, FrameRate: 30})
		if err != nil {
			t.Fatal(err)
		}
		var last *devices.Frame
		for want := range uint32(3) {
			f, err := s.ReadFrame(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if f.Width != c.width || f.Height != c.height {
				t.Errorf("%dx%d, want %dx%d", f.Width, f.Height, c.width, c.height)
			}
			if n, ok := DecodeFrame(f); !ok || n < want {
				t.Errorf("frame %d is read as %d, %v", want, n, ok)
			}
			last = f
		}
		if last.Timestamp <= 0 {
			t.Error("no timestamp")
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.ReadFrame(t.Context()); !errors.Is(err, devices.ErrClosed) {
			t.Error(err)
		}
	}
}

func TestScreenScrolls(t *testing.T) {
	s, err := NewScreen("", devices.ScreenFormat{MaxWidth: 640, MaxHeight: 360, FrameRate: 10})
	if err != nil {
		t.Fatal(err)
	}
	at := func(n int64) *devices.Frame {
		f, err := s.pool.Get(s.width, s.height)
		if err != nil {
			t.Fatal(err)
		}
		s.draw(f, n, time.Unix(0, 0))
		return f
	}
	early, late := at(0), at(10) // a second and a line later
	line := s.height / visibleLines
	for y := s.height / 3; y < s.height/2; y++ {
		for x := range s.width {
			if early.Y[(y+line)*early.StrideY+x] != late.Y[y*late.StrideY+x] {
				t.Fatalf("the page did not move up by a line, at %d,%d", x, y)
			}
		}
	}
}

package devices

import (
	"testing"
	"time"
)

func TestScreenFormat(t *testing.T) {
	for _, c := range []struct {
		format        ScreenFormat
		width, height int
		wantW, wantH  int
	}{
		{ScreenFormat{}, 1920, 1080, 1920, 1080},
		{ScreenFormat{}, 1367, 769, 1366, 768},
		{ScreenFormat{}, 1, 1, 2, 2},
		{ScreenFormat{}, 16384, 100, MaxFrameSide, 50},
		{ScreenFormat{MaxWidth: 1920, MaxHeight: 1080}, 3840, 2160, 1920, 1080},
		{ScreenFormat{MaxWidth: 1920, MaxHeight: 1080}, 1080, 1920, 608, 1080},
		{ScreenFormat{MaxWidth: 1920, MaxHeight: 1080}, 5120, 1440, 1920, 540},
		{ScreenFormat{MaxWidth: 1920, MaxHeight: 1080}, 800, 600, 800, 600},
		{ScreenFormat{MaxWidth: 100, MaxHeight: 100}, 10000, 1, 100, 2},
	} {
		if w, h := c.format.Fit(c.width, c.height); w != c.wantW || h != c.wantH {
			t.Errorf("%+v of %dx%d is %dx%d, want %dx%d", c.format, c.width, c.height, w, h, c.wantW, c.wantH)
		}
	}
	for rate, want := range map[int]time.Duration{0: time.Second / 5, 10: time.Second / 10, 1000: time.Second / 30} {
		if got := (ScreenFormat{FrameRate: rate}).Interval(); got != want {
			t.Errorf("%d: %v, want %v", rate, got, want)
		}
	}
}

package session

import (
	"testing"
	"time"
)

func TestView(t *testing.T) {
	now := time.Unix(1000, 0)
	var v view
	for i, c := range []struct {
		after         time.Duration
		width, height int
		asked         bool
	}{
		{0, 640, 360, true},
		{0, 650, 365, false}, // alike
		{0, 1280, 720, true}, // at once
		{0, 320, 180, false}, // not at once
		{1500 * time.Millisecond, 320, 180, true},
		{0, 0, 0, false},
		{500 * time.Millisecond, 0, 0, false},
		{0, 320, 180, false}, // it came back
		{0, 0, 0, false},
		{2 * time.Second, 0, 0, true},
		{5 * time.Second, 0, 0, false},
		{0, 100, 60, true}, // at once, and smaller than before
	} {
		now = now.Add(c.after)
		if got := v.ask(c.width, c.height, now); got != c.asked {
			t.Errorf("%d: %+v: %v, with %+v", i, c, got, v)
		}
	}
}

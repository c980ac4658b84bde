package media

import (
	"slices"
	"testing"
	"time"
)

func TestFreezes(t *testing.T) {
	const usual = 40 * time.Millisecond
	for name, test := range map[string]struct {
		gaps []time.Duration
		want time.Duration
	}{
		"steady":                         {nil, 0},
		"a picture that is left out":     {[]time.Duration{2 * usual}, 0},
		"late, but within the margin":    {[]time.Duration{usual + 149*time.Millisecond}, 0},
		"late":                           {[]time.Duration{usual + 150*time.Millisecond}, usual + 150*time.Millisecond},
		"twice":                          {[]time.Duration{time.Second, usual, time.Second}, 2 * time.Second},
		"what is slow for long is usual": {slices.Repeat([]time.Duration{time.Second}, 20), 10 * time.Second},
	} {
		var f freezes
		now := time.Unix(100, 0)
		f.picture(now)
		steady := func() {
			for range 3 * freezesWindow {
				now = now.Add(usual)
				f.picture(now)
			}
		}
		steady()
		for _, gap := range test.gaps {
			now = now.Add(gap)
			f.picture(now)
		}
		steady()
		f.pause()
		now = now.Add(time.Minute)
		f.picture(now)
		if got := f.duration(); got != test.want {
			t.Errorf("%s: %v count, not %v", name, got, test.want)
		}
	}
}

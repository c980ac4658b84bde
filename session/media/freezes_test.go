package media

import (
	"slices"
	"testing"
	"time"

	"parley/devices"
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

// TestPauseIsNoFreeze: while nobody looks, nothing comes at all.
func TestPauseIsNoFreeze(t *testing.T) {
	r, err := NewVideoReceiver(VideoReceiverConfig{MimeType: "video/VP8", Sink: VideoSinkFunc(func(*devices.Frame) {}), Sync: NewLipSync(), RequestKeyFrame: func() {}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.decoder.Close()
	r.showing = startShowing(t.Context(), r.sink)
	defer r.showing.end()
	for i, data := range encodedPictures(t, 6) {
		if i == 5 {
			r.Paused(true)
			time.Sleep(400 * time.Millisecond)
			r.Paused(false)
		}
		r.show(data, uint32(i)*3000)
		time.Sleep(time.Millisecond)
	}
	if frozen := r.Stats().Freezes; frozen != 0 {
		t.Errorf("%v count as frozen", frozen)
	}
}

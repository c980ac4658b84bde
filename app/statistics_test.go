package app

import (
	"reflect"
	"testing"
	"time"

	"parley/session"
	"parley/session/media"
	"parley/views/call"
)

// TestStatisticsAreRates compares what was counted a second apart.
func TestStatisticsAreRates(t *testing.T) {
	at := time.Now()
	counts := func(n int64) session.Stats {
		return session.Stats{
			RTT: 12 * time.Millisecond, Quality: session.QualityGood,
			Publish: &session.PublishStats{StreamID: "me", AudioBytes: 4000 * n, AudioLoss: -1, VideoLoss: 0.01, AudioJitter: -1, VideoJitter: time.Millisecond,
				Camera: media.CameraStats{Each: []media.LayerStats{{Width: 320, Height: 180, Frames: 30 * n, Bytes: 20000 * n, Bits: 160000}, {}}}},
			Play: []session.PlayStats{
				{StreamID: "bob", UserID: "bob", Video: &media.VideoStats{Width: 640, Height: 360, Frames: 25 * n, Decoding: 50 * time.Millisecond * time.Duration(n)},
					VideoReceived: media.ReceptionStats{Packets: 90 * n, Expected: 100 * n, Bytes: 50000 * n, Jitter: 3 * time.Millisecond}, AskedWidth: 600, AskedHeight: 340,
					Audio: &media.PlayoutStats{Buffered: 60 * time.Millisecond}, AudioReceived: media.ReceptionStats{Packets: 50 * n, Expected: 50 * n, Bytes: 5000 * n}},
				{StreamID: session.ScreenStreamID("bob"), UserID: "bob", Video: &media.VideoStats{Width: 1920, Height: 1080, Frames: n}, VideoReceived: media.ReceptionStats{Packets: n, Expected: n, Bytes: 1000 * n}},
			},
		}
	}
	s := &statistics{}
	name := func(id string) string { return "the name of " + id }
	s.take(counts(1), at, name)
	if len(s.shown.Lines) != 0 {
		t.Errorf("%d lines after one look", len(s.shown.Lines))
	}
	s.take(counts(3), at.Add(2*time.Second), name)
	bob := "the name of bob"
	want := []call.StatsLine{
		{Own: true, Kind: call.StatsCamera, Layer: 1, Layers: 2, Width: 320, Height: 180, Rate: 30, Bits: 160000, Loss: 0.01, Jitter: time.Millisecond, Decoding: -1, Buffer: -1},
		{Own: true, Kind: call.StatsCamera, Layer: 2, Layers: 2, Loss: -1, Jitter: -1, Decoding: -1, Buffer: -1},
		{Own: true, Kind: call.StatsSound, Bits: 32000, Loss: -1, Jitter: -1, Decoding: -1, Buffer: -1},
		{Name: bob, Kind: call.StatsCamera, Width: 640, Height: 360, AskedWidth: 600, AskedHeight: 340, Rate: 25, Bits: 400000, Loss: 0.1, Jitter: 3 * time.Millisecond, Decoding: 2 * time.Millisecond, Buffer: -1},
		{Name: bob, Kind: call.StatsSound, Bits: 40000, Decoding: -1, Buffer: 60 * time.Millisecond},
		{Name: bob, Kind: call.StatsScreen, Width: 1920, Height: 1080, Rate: 1, Bits: 8000, Buffer: -1},
	}
	if s.shown.RTT != 12*time.Millisecond || s.shown.Quality != call.QualityGood || !reflect.DeepEqual(s.shown.Lines, want) {
		for i, l := range s.shown.Lines {
			t.Errorf("%d %+v", i, l)
		}
	}
	s.take(counts(1), at.Add(3*time.Second), name) // all began anew, but for what sends nothing
	if len(s.shown.Lines) != 1 || s.shown.Lines[0].Layer != 2 {
		t.Errorf("%+v", s.shown.Lines)
	}
}

package session

import (
	"slices"
	"testing"
	"time"
)

// TestSilencesAreToldApart plays a minute of hearing, a second at a time.
func TestSilencesAreToldApart(t *testing.T) {
	start := time.Unix(1000, 0)
	// moment is the sound after i seconds, when all is well.
	moment := func(i int) hearing {
		n := int64(i) * 1000
		return hearing{sounding: true, captured: n, sent: n, arrived: start.Add(time.Duration(i) * time.Second), played: n,
			streams: map[string]incoming{"a": {userID: "ann", bytes: n}, "b": {userID: "bob", muted: true}}}
	}
	for name, c := range map[string]struct {
		change func(i int, h *hearing)
		want   []SilenceChanged
	}{
		"all is well": {func(int, *hearing) {}, nil},
		"not sent": {func(i int, h *hearing) {
			if i > 10 && i <= 30 {
				h.sent = 10_000
			}
		}, []SilenceChanged{{Cause: SilenceNotSent, On: true}, {Cause: SilenceNotSent}}},
		"not arriving": {func(i int, h *hearing) {
			if i > 10 && i <= 30 {
				h.arrived = start.Add(10 * time.Second)
			}
		}, []SilenceChanged{{Cause: SilenceNotArriving, On: true}, {Cause: SilenceNotArriving}}},
		"never arrived": {func(_ int, h *hearing) { h.arrived = time.Time{} }, []SilenceChanged{{Cause: SilenceNotArriving, On: true}}},
		"not played": {func(i int, h *hearing) {
			if i > 10 {
				h.played = 10_000
			}
		}, []SilenceChanged{{Cause: SilenceNotPlayed, On: true}}},
		"nothing from ann": {func(i int, h *hearing) {
			if i > 10 && i <= 30 {
				h.streams["a"] = incoming{userID: "ann", bytes: 10_000}
			}
		}, []SilenceChanged{{Cause: SilenceFrom, StreamID: "a", UserID: "ann", On: true}, {Cause: SilenceFrom, StreamID: "a", UserID: "ann"}}},
		"ann is muted": {func(i int, h *hearing) {
			if i > 10 {
				h.streams["a"] = incoming{userID: "ann", bytes: 10_000, muted: true}
			}
		}, nil},
		"ann left in silence": {func(i int, h *hearing) {
			if i > 10 {
				h.streams["a"] = incoming{userID: "ann", bytes: 10_000}
			}
			if i > 30 {
				delete(h.streams, "a")
			}
		}, []SilenceChanged{{Cause: SilenceFrom, StreamID: "a", UserID: "ann", On: true}, {Cause: SilenceFrom, StreamID: "a", UserID: "ann"}}},
		"muted here": {func(i int, h *hearing) {
			if i > 10 {
				h.sounding, h.captured, h.sent, h.arrived = false, 10_000, 10_000, start.Add(10*time.Second)
			}
		}, nil},
		"late for a moment": {func(i int, h *hearing) {
			if i > 10 && i < 14 {
				h.sent, h.played, h.streams["a"] = 10_000, 10_000, incoming{userID: "ann", bytes: 10_000}
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newSilenceWatch()
			var got []SilenceChanged
			for i := range 60 {
				h := moment(i)
				c.change(i, &h)
				now := start.Add(time.Duration(i) * time.Second)
				for _, change := range w.observe(now, h) {
					if change.On && i > 10+7 {
						t.Errorf("told after %d s", i-10)
					}
					got = append(got, change)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

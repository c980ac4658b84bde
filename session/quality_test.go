package session

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func TestNetworkIsGraded(t *testing.T) {
	for _, c := range []struct {
		rtt    time.Duration
		loss   float64
		missed int
		want   Quality
	}{
		{20 * time.Millisecond, 0, 0, QualityExcellent},
		{0, 0, 0, QualityExcellent},
		{130 * time.Millisecond, 0, 0, QualityGood},
		{20 * time.Millisecond, 0.02, 0, QualityGood},
		{310 * time.Millisecond, 0, 0, QualityMedium},
		{20 * time.Millisecond, 0.06, 0, QualityMedium},
		{700 * time.Millisecond, 0, 0, QualityBad},
		{20 * time.Millisecond, 0.2, 0, QualityBad},
		{20 * time.Millisecond, 0, 1, QualityBad},
		{20 * time.Millisecond, 0, 2, QualityBad},
		{20 * time.Millisecond, 0, 3, QualityDie},
	} {
		if got := gradeNetwork(c.rtt, c.loss, c.missed); got != c.want {
			t.Errorf("%v, %v, %d lost: %v, want %v", c.rtt, c.loss, c.missed, got, c.want)
		}
	}
}

func TestTracksAreMeasured(t *testing.T) {
	m, at := newMeter(), time.Unix(100, 0)
	key := meterKey{"s", false, true}
	if q := m.track(key, counters{at: at, bytes: 1000, frames: 10, loss: -1}); q != nil {
		t.Errorf("%+v out of one moment", q)
	}
	q := m.track(key, counters{at: at.Add(2 * time.Second), bytes: 3000, frames: 70, expected: 100, lost: 5, loss: -1, width: 640, height: 360, jitter: time.Millisecond})
	if q == nil || *q != (TrackQuality{BitRate: 8000, FrameRate: 30, Width: 640, Height: 360, Loss: 0.05, Jitter: time.Millisecond}) {
		t.Errorf("%+v", q)
	}
	if q := m.track(key, counters{at: at.Add(3 * time.Second), bytes: 10, loss: -1}); q != nil {
		t.Errorf("%+v of a track that began anew", q)
	}
	q = m.track(key, counters{at: at.Add(4 * time.Second), bytes: 10, loss: 0.25})
	if q == nil || q.Loss != 0.25 || q.BitRate != 0 {
		t.Errorf("%+v", q)
	}
	m.forget(at.Add(5 * time.Second))
	if len(m.tracks) != 0 {
		t.Error("an ended track is kept")
	}
}

func TestFeedback(t *testing.T) {
	s := &sentTrack{clock: 48000}
	at := time.Unix(100, 0)
	report := func(sequence uint32, after time.Duration) {
		s.feedback(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{LastSequenceNumber: sequence, FractionLost: 64, Jitter: 480}}}, at.Add(after))
	}
	s.feedback(&rtcp.PictureLossIndication{}, at)
	if got := s.stats(); !got.since.IsZero() {
		t.Errorf("%+v", got)
	}
	report(10, time.Second)
	report(20, 2*time.Second)
	report(20, 3*time.Second) // nothing came since
	got := s.stats()
	if !got.since.Equal(at.Add(2*time.Second)) || math.Abs(got.loss-0.25) > 1e-9 || got.jitter != 10*time.Millisecond {
		t.Errorf("%+v", got)
	}
	report(math.MaxUint32, 4*time.Second) // an old one
	report(21, 5*time.Second)
	if got := s.stats(); !got.since.Equal(at.Add(5 * time.Second)) {
		t.Errorf("%+v", got)
	}
}

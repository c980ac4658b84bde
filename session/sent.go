package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"parley/session/media"
)

// sentTrack counts what leaves on a track, and keeps what the server says of
// what arrived there.
type sentTrack struct {
	lost    func(part float64) // is told of reported loss; may be nil
	clock   int64              // RTP ticks a second
	bytes   atomic.Int64
	samples atomic.Int64 // pictures, or 20 ms of sound

	mu      sync.Mutex
	ssrc    uint32    // of the last report
	arrived uint32    // the highest sequence number of it that the server had
	since   time.Time // when that last grew; zero before the first report
	loss    float64   // of the last report, 0 to 1
	jitter  time.Duration
}

// sentStats is what was counted.
type sentStats struct {
	bytes, samples int64
	since          time.Time
	loss           float64
	jitter         time.Duration
}

// feedback takes what the server reports (RFC 3550, section 6.4.1).
func (s *sentTrack) feedback(packet rtcp.Packet, now time.Time) {
	var reports []rtcp.ReceptionReport
	switch p := packet.(type) {
	case *rtcp.ReceiverReport:
		reports = p.Reports
	case *rtcp.SenderReport:
		reports = p.Reports
	}
	for _, r := range reports {
		s.report(r, now)
	}
}

// report takes what the server says of one track.
func (s *sentTrack) report(r rtcp.ReceptionReport, now time.Time) {
	s.mu.Lock()
	if s.since.IsZero() || r.SSRC != s.ssrc || int32(r.LastSequenceNumber-s.arrived) > 0 {
		s.ssrc, s.arrived, s.since = r.SSRC, r.LastSequenceNumber, now
	}
	s.loss = float64(r.FractionLost) / 256
	s.jitter = time.Duration(int64(r.Jitter) * int64(time.Second) / s.clock)
	s.mu.Unlock()
	if s.lost != nil {
		s.lost(float64(r.FractionLost) / 256)
	}
}

func (s *sentTrack) stats() sentStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sentStats{bytes: s.bytes.Load(), samples: s.samples.Load(), since: s.since, loss: s.loss, jitter: s.jitter}
}

// counted counts what is written.
func (s *sentTrack) counted(write media.SampleWriter) media.SampleWriter {
	return func(sample media.Sample) error {
		err := write(sample)
		if err == nil {
			s.bytes.Add(int64(len(sample.Data)))
			s.samples.Add(1)
		}
		return err
	}
}

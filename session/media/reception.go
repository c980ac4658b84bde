package media

import (
	"sync"
	"time"

	"github.com/pion/rtp"
)

// Reception counts the packets of one track as they arrive: how many were
// lost, by sequence numbers (RFC 3550, appendix A.3), and how unevenly they
// came (section 6.4.1). It may be used from any goroutine.
type Reception struct {
	clock float64 // RTP ticks a second

	mu       sync.Mutex
	started  bool
	base     uint64 // the extended sequence number of the first packet
	highest  uint64
	packets  int64
	bytes    int64
	last     time.Time
	transit  float64 // arrival less timestamp of the last packet, in ticks
	jitter   float64 // in ticks
	lastTime uint32
}

// NewReception makes a counter for a track of a clock rate in Hz.
func NewReception(clock uint32) *Reception { return &Reception{clock: float64(max(clock, 1))} }

// ReceptionStats is what was counted.
type ReceptionStats struct {
	Packets  int64
	Bytes    int64 // of the payloads
	Expected int64 // packets that were sent, as far as their numbers tell
	Jitter   time.Duration
	Last     time.Time // when the last packet came
}

// Lost is how many packets did not come.
func (s ReceptionStats) Lost() int64 { return max(s.Expected-s.Packets, 0) }

// Count takes a packet.
func (r *Reception) Count(p *rtp.Packet, arrival time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	sequence := uint64(p.SequenceNumber)
	if !r.started {
		r.started = true
		r.base, r.highest = sequence, sequence
	} else if ahead := p.SequenceNumber - uint16(r.highest); ahead < 1<<15 {
		r.highest += uint64(ahead)
	}
	r.packets++
	r.bytes += int64(len(p.Payload))
	// Packets of one picture share a timestamp: only the first tells of jitter.
	if r.packets == 1 || p.Timestamp != r.lastTime {
		transit := float64(arrival.UnixNano())/1e9*r.clock - float64(p.Timestamp)
		if r.packets > 1 {
			d := transit - r.transit
			// The timestamp wraps, and jumps where the sender paused.
			if d = max(d, -d); d < r.clock {
				r.jitter += (d - r.jitter) / 16
			}
		}
		r.transit, r.lastTime = transit, p.Timestamp
	}
	r.last = arrival
}

// Stats reads the counters.
func (r *Reception) Stats() ReceptionStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := ReceptionStats{Packets: r.packets, Bytes: r.bytes, Jitter: time.Duration(r.jitter / r.clock * 1e9), Last: r.last}
	if r.started {
		s.Expected = int64(r.highest-r.base) + 1
	}
	return s
}

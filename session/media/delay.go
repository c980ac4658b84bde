package media

import (
	"time"

	"parley/devices"
)

// Bounds of the jitter buffer.
const (
	delayLeast = 20 * time.Millisecond
	delayMost  = 500 * time.Millisecond
)

const (
	delayBin  = 5 * time.Millisecond
	delayBins = int(delayMost / delayBin)
	// delayAhead is for how long before it is heard a packet has to be there: a
	// speaker asks for that much at once.
	delayAhead   = devices.Period
	delayForget  = 0.99  // per packet: half of it is forgotten after 1.4 s
	delayCovered = 0.985 // of the packets are to come in time
	// The earliest of the last floors*floorPackets packets, 2 s of them, is the
	// one that the others are late against.
	floors       = 4
	floorPackets = 25
	// delayJump is a step of the sender's timestamps that is none of a network.
	delayJump = 10 * time.Second
	// delayShrink is by how much of what is too much a target falls in a second.
	delayShrink = 0.3
	// delayLossy is the part of packets whose loss makes it worth waiting for
	// the copy that the next one carries, delayVeryLossy that for the copy in the
	// one after it, lossForget how slowly it is measured.
	delayLossy     = 0.01
	delayVeryLossy = 0.07
	lossForget     = 0.99
)

// delayEstimator measures how late packets come against the earliest of them,
// and says how long to hold them so that nearly all are there when they are to
// be played. It grows at once and shrinks slowly.
type delayEstimator struct {
	started bool
	ts      uint32
	ticks   int64 // ts without its wraps

	floor  [floors]int64 // the least transit of floorPackets packets each, in ns
	filled int           // of the newest floor

	bins    [delayBins]float64
	weight  float64
	target  time.Duration
	shrunk  time.Time
	stalled bool          // what comes was held up by a stall
	missing float64       // part of the packets that did not come
	hold    time.Duration // asked for, whatever the network does
}

// transit is by how much arrival is after the timestamp, in ns of no epoch.
func (d *delayEstimator) transit(ticks int64, at time.Time) int64 {
	return at.UnixNano() - samplesDuration64(ticks)
}

func samplesDuration64(n int64) int64 {
	// Split so that a call of any length does not overflow.
	return n/devices.SampleRate*int64(time.Second) + n%devices.SampleRate*int64(time.Second)/devices.SampleRate
}

// unwrap gives a timestamp without its wraps.
func (d *delayEstimator) unwrap(ts uint32) int64 { return d.ticks + int64(int32(ts-d.ts)) }

// packet takes the arrival of a packet.
func (d *delayEstimator) packet(ts uint32, at time.Time) {
	if !d.started {
		*d = delayEstimator{started: true, ts: ts, target: delayLeast, shrunk: at, hold: d.hold}
		first := d.transit(0, at)
		for i := range d.floor {
			d.floor[i] = first
		}
	}
	ticks := d.unwrap(ts)
	transit := d.transit(ticks, at)
	if late := time.Duration(transit - d.earliest()); late > delayJump || late < -delayJump {
		target := d.target
		d.started = false
		d.packet(ts, at)
		d.target = target
		return
	}
	if ticks > d.ticks {
		d.ticks, d.ts = ticks, ts
	}
	if d.filled++; d.filled > floorPackets {
		copy(d.floor[1:], d.floor[:floors-1])
		d.floor[0], d.filled = transit, 1
	}
	d.floor[0] = min(d.floor[0], transit)
	d.late(time.Duration(transit-d.earliest()), at)
}

// late takes how late a packet was. One beyond delayMost tells of a stall, and
// so do those that come with it: for that nobody wants to wait each time.
func (d *delayEstimator) late(by time.Duration, at time.Time) {
	if d.stalled = by >= delayMost || d.stalled && by >= delayLeast; d.stalled {
		return
	}
	bin := int(by / delayBin)
	for i := range d.bins {
		d.bins[i] *= delayForget
	}
	d.bins[bin]++
	d.weight = d.weight*delayForget + 1
	// A copy comes with the next packet, and that is as late as any.
	ahead := delayAhead
	if d.missing > delayLossy {
		ahead += 20 * time.Millisecond
	}
	if d.missing > delayVeryLossy {
		ahead += 20 * time.Millisecond
	}
	least := max(ahead+delayLeast-delayAhead, d.hold)
	d.target = max(d.target, time.Duration(bin+1)*delayBin+ahead, least)
	if since := at.Sub(d.shrunk); since > time.Second {
		d.shrunk = at
		enough := max(d.quantile()+ahead, least)
		if over := d.target - enough; over > 0 {
			d.target -= min(over, max(time.Duration(float64(over)*delayShrink), 2*time.Millisecond))
		}
	}
}

// quantile is how late delayCovered of the packets are at most.
func (d *delayEstimator) quantile() time.Duration {
	rest := d.weight * (1 - delayCovered)
	for i := delayBins - 1; i >= 0; i-- {
		if rest -= d.bins[i]; rest < 0 {
			return time.Duration(i+1) * delayBin
		}
	}
	return 0
}

func (d *delayEstimator) earliest() int64 {
	least := d.floor[0]
	for _, f := range d.floor[1:] {
		least = min(least, f)
	}
	return least
}

// held is for how long something of a timestamp was held, or would be: the time
// since the earliest packet of that timestamp would have come.
func (d *delayEstimator) held(ts uint32, now time.Time) time.Duration {
	return time.Duration(d.transit(d.unwrap(ts), now) - d.earliest())
}

// played takes whether a packet was there when it was to be played.
func (d *delayEstimator) played(there bool) {
	d.missing *= lossForget
	if !there {
		d.missing += 1 - lossForget
	}
}

// came takes back that a packet was not there: it was late, which no waiting for
// copies would mend.
func (d *delayEstimator) came() { d.missing = max(d.missing-(1-lossForget), 0) }

package media

import "time"

const (
	// Encoding takes too long where it takes busy of the time between two
	// pictures, and is light below idle.
	pressureBusy, pressureIdle = 0.6, 0.25
	pressureMost               = 4
	// It rises after being busy for a while, and falls after more of being idle.
	pressureRise, pressureFall = 2 * time.Second, 10 * time.Second
	pressureMemory             = 0.9 // of the load, a picture
)

// pressure says how much a slow machine has to leave out so that its pictures
// come in time: first some quality, then pictures, then the largest layer.
type pressure struct {
	level int
	load  float64
	since time.Time // when the load left what it was between
	last  int       // the side of that on which it is: -1 idle, 1 busy
}

// note takes how long a picture took, of the time until the next one.
func (p *pressure) note(took, interval time.Duration, now time.Time) {
	p.load = p.load*pressureMemory + took.Seconds()/max(interval.Seconds(), 0.001)*(1-pressureMemory)
	side := 0
	switch {
	case p.load > pressureBusy:
		side = 1
	case p.load < pressureIdle:
		side = -1
	}
	if side != p.last {
		p.last, p.since = side, now
	}
	switch {
	case side > 0 && now.Sub(p.since) > pressureRise && p.level < pressureMost:
		p.level, p.since = p.level+1, now
	case side < 0 && now.Sub(p.since) > pressureFall && p.level > 0:
		p.level, p.since = p.level-1, now
	}
}

// speed is that of libvpx.
func (p *pressure) speed() int {
	if p.level > 0 {
		return 14
	}
	return 8
}

// every is that every how-manieth picture is encoded.
func (p *pressure) every() int {
	if p.level > 1 {
		return 2
	}
	return 1
}

// dropped is how many of the largest layers are left out.
func (p *pressure) dropped() int { return max(p.level-2, 0) }

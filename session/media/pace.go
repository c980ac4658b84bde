package media

import (
	"math"
	"sync/atomic"
	"time"
)

const (
	// paceWindow is over how many packets the least hold is looked for: half a
	// second, which is longer than any device takes its samples at once.
	paceWindow = 25
	// Sound that is held longer than its target by more than paceShorten is
	// shortened by a period at a time, and lengthened below it by paceLengthen;
	// beyond paceForce also where that can be heard.
	paceShorten  = 15 * time.Millisecond
	paceLengthen = 5 * time.Millisecond
	paceForce    = 60 * time.Millisecond
	// The resampling follows what is left: paceGain is the change of speed for
	// each second off the target, paceDrift how much of that stays with each
	// packet, for a clock that is off for ever.
	paceGain  = 0.2
	paceDrift = 0.0006
	paceMost  = 0.012
)

// pace keeps packets held as long as their target says, by playing faster or
// slower. It belongs to the reader, but for shown.
type pace struct {
	holds  [paceWindow]time.Duration
	filled int
	at     int
	drift  float64
	speed  float64
	told   atomic.Uint64 // float64 bits of speed
}

func (p *pace) reset() { p.filled, p.at = 0, 0 }

// ratio is how many samples to take for each that is played.
func (p *pace) ratio() float64 { return 1 + p.speed }

func (p *pace) shown() float64 { return math.Float64frombits(p.told.Load()) }

// adjust takes for how long a packet was held, and gives its sound, shortened or
// lengthened where that is due.
func (p *pace) adjust(sound []float32, held, target time.Duration) []float32 {
	p.holds[p.at] = held
	p.at = (p.at + 1) % paceWindow
	p.filled = min(p.filled+1, paceWindow)
	least := p.holds[0]
	for _, h := range p.holds[1:p.filled] {
		least = min(least, h)
	}
	off := least - target
	before := len(sound)
	switch {
	case off > paceShorten && p.filled > paceWindow/3:
		sound = shorten(sound, off > paceForce)
	case held-target < -paceLengthen:
		sound = lengthen(sound, held-target < -paceForce)
	}
	if by := time.Duration(samplesDuration(len(sound) - before)); by != 0 {
		for i := range p.holds[:p.filled] {
			p.holds[i] += by
		}
		off += by
	}
	if p.filled == paceWindow {
		bounded := min(max(off.Seconds(), -paceShorten.Seconds()), paceShorten.Seconds())
		p.drift = min(max(p.drift+bounded*paceDrift, -paceMost), paceMost)
		p.speed = min(max(p.drift+bounded*paceGain, -paceMost), paceMost)
		p.told.Store(math.Float64bits(p.speed))
	}
	return sound
}

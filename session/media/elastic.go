package media

import (
	"sync"
	"time"

	"parley/devices"
)

const (
	// elasticPull is how much faster or slower a sound is played where twice or none
	// of the cushion waits, and elasticStep how much of a change of what waits is
	// believed at once, so that nobody hears the speed change.
	elasticPull = 0.005
	elasticStep = 1.0 / 64
	// elasticBlock is how much comes at once at most, as far as can be known.
	elasticBlock = 40 * time.Millisecond
)

// elastic carries sound from one clock to another: a cushion of it waits, which a
// slightly other speed keeps, as those clocks need. It is safe for one writer and
// one reader.
type elastic struct {
	channels int
	cushion  int // samples of a channel
	most     int // that may wait; what comes beyond it is left out

	mu      sync.Mutex
	waiting []float32 // grows to at most most
	pushed  time.Time
	ended   bool

	// Of the reader, channel by channel.
	taken      [][]float32
	resamplers []resampler
	flowing    bool    // the cushion is there
	target     float64 // of what waits: the cushion, and what came with the last of it
	off        float64 // how much more waits, smoothed, of the cushion
}

func newElastic(channels, cushion, most int) *elastic {
	e := &elastic{channels: channels, cushion: cushion, most: most}
	for range channels {
		e.taken, e.resamplers = append(e.taken, nil), append(e.resamplers, newResampler())
	}
	return e
}

// push takes samples, those of all channels in turn. It copies.
func (e *elastic) push(samples []float32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.waiting)+len(samples) <= e.most*e.channels {
		e.waiting = append(e.waiting, samples...)
	}
	e.pushed = time.Now()
}

// end says that nothing more is pushed: what waits is played to its end.
func (e *elastic) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
}

// mix adds what is next to dst, which is opusFrame long at most for each channel.
// It reports whether nothing is left of a sound that ended.
func (e *elastic) mix(dst []float32) (over bool) {
	e.mu.Lock()
	ended := e.ended
	// What comes in blocks is taken to come evenly.
	due := min(time.Since(e.pushed), elasticBlock)
	for i, v := range e.waiting {
		c := i % e.channels
		e.taken[c] = append(e.taken[c], v)
	}
	e.waiting = e.waiting[:0]
	e.mu.Unlock()
	held := len(e.taken[0])
	if !e.flowing && !ended && held < e.cushion {
		return false
	}
	dueSamples := due.Seconds() * devices.SampleRate
	if !e.flowing {
		e.flowing, e.off, e.target = true, 0, float64(min(max(held, e.cushion), 2*e.cushion))+dueSamples
	}
	if held > e.most {
		for c, taken := range e.taken {
			e.taken[c] = taken[:copy(taken, taken[held-e.cushion:])]
		}
		held = e.cushion
	}
	off := (float64(held) + dueSamples - e.target) / float64(e.cushion)
	e.off += (min(max(off, -1), 1) - e.off) * elasticStep
	ratio := 1 + e.off*elasticPull
	samples := len(dst) / e.channels
	for c, taken := range e.taken {
		var block [opusFrame]float32
		made, n := e.resamplers[c].run(block[:samples], taken, ratio)
		for i, v := range block[:made] {
			dst[i*e.channels+c] += v
		}
		e.flowing = made == samples
		e.taken[c] = taken[:copy(taken, taken[n:])]
	}
	return ended && !e.flowing
}

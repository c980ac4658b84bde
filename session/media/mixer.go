package media

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Source is something that can be heard: Mix adds its next samples to dst, on
// the speaker's thread.
type Source interface{ Mix(dst []float32) }

// Mixer adds up any number of sources for the speaker.
type Mixer struct {
	mu      sync.Mutex
	sources atomic.Pointer[[]Source]
	gain    float32 // of the limiter; owned by the reader
	tap     atomic.Pointer[func([]float32)]
}

// NewMixer makes a mixer without sources.
func NewMixer() *Mixer {
	m := &Mixer{gain: 1}
	m.sources.Store(&[]Source{})
	return m
}

// Add lets a source be heard.
func (m *Mixer) Add(p Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := append(slices.Clone(*m.sources.Load()), p)
	m.sources.Store(&next)
}

// Remove ends what Add began.
func (m *Mixer) Remove(p Source) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := slices.DeleteFunc(slices.Clone(*m.sources.Load()), func(q Source) bool { return q == p })
	m.sources.Store(&next)
}

// Tap gives every mixed block to f, on the speaker's thread, or nil to end.
func (m *Mixer) Tap(f func(mix []float32)) {
	if f == nil {
		m.tap.Store(nil)
		return
	}
	m.tap.Store(&f)
}

// limiterRelease is by how much of the way to 1 the limiter's gain returns
// with each block of 10 ms.
const limiterRelease = 0.05

// Render fills dst with the mix. It is a devices.Render.
func (m *Mixer) Render(dst []float32) {
	clear(dst)
	for _, p := range *m.sources.Load() {
		p.Mix(dst)
	}
	m.limit(dst)
	if tap := m.tap.Load(); tap != nil {
		(*tap)(dst)
	}
}

// limit keeps the mix within full scale by lowering it as a whole: a fast
// attack, a slow release, and a ramp over the block so that it does not click.
func (m *Mixer) limit(dst []float32) {
	if len(dst) == 0 {
		return
	}
	var peak float32
	for _, s := range dst {
		peak = max(peak, s, -s)
	}
	target := m.gain + (1-m.gain)*limiterRelease
	if peak*target > 1 {
		target = 1 / peak
	}
	if m.gain == 1 && target == 1 {
		return
	}
	step := (target - m.gain) / float32(len(dst))
	gain := m.gain
	for i, s := range dst {
		gain += step
		dst[i] = min(max(s*gain, -1), 1)
	}
	if m.gain = target; m.gain > 0.9999 {
		m.gain = 1
	}
}

package media

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Source is something that can be heard: Mix adds its next samples to dst, on
// the speaker's thread.
type Source interface{ Mix(dst []float32) }

// Mixer adds up any number of sources for the speaker: those of a call, and
// asides, which are for whoever sits there alone.
type Mixer struct {
	mu      sync.Mutex
	sources atomic.Pointer[[]Source]
	asides  atomic.Pointer[[]Source]
	limiter limiter // of the reader
	tap     atomic.Pointer[func([]float32)]
	call    atomic.Pointer[func([]float32)]
}

// NewMixer makes a mixer without sources.
func NewMixer() *Mixer {
	m := &Mixer{limiter: limiter{gain: 1}}
	m.sources.Store(&[]Source{})
	m.asides.Store(&[]Source{})
	return m
}

// Add lets a source of the call be heard.
func (m *Mixer) Add(p Source) { m.change(&m.sources, p, true) }

// Remove ends what Add began.
func (m *Mixer) Remove(p Source) { m.change(&m.sources, p, false) }

// AddAside lets a source be heard that is no part of the call.
func (m *Mixer) AddAside(p Source) { m.change(&m.asides, p, true) }

// RemoveAside ends what AddAside began.
func (m *Mixer) RemoveAside(p Source) { m.change(&m.asides, p, false) }

func (m *Mixer) change(list *atomic.Pointer[[]Source], p Source, add bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	next := slices.Clone(*list.Load())
	if add {
		next = append(next, p)
	} else {
		next = slices.DeleteFunc(next, func(q Source) bool { return q == p })
	}
	list.Store(&next)
}

// Tap gives every mixed block to f, on the speaker's thread, or nil to end.
func (m *Mixer) Tap(f func(mix []float32)) { tapWith(&m.tap, f) }

// TapCall gives every mixed block of the call to f, asides left out and before
// the limiter, on the speaker's thread, or nil to end. f must not keep it.
func (m *Mixer) TapCall(f func(mix []float32)) { tapWith(&m.call, f) }

func tapWith(tap *atomic.Pointer[func([]float32)], f func([]float32)) {
	if f == nil {
		tap.Store(nil)
		return
	}
	tap.Store(&f)
}

// Render fills dst with the mix. It is a devices.Render.
func (m *Mixer) Render(dst []float32) {
	clear(dst)
	for _, p := range *m.sources.Load() {
		p.Mix(dst)
	}
	if tap := m.call.Load(); tap != nil {
		(*tap)(dst)
	}
	for _, p := range *m.asides.Load() {
		p.Mix(dst)
	}
	m.limiter.apply(dst)
	if tap := m.tap.Load(); tap != nil {
		(*tap)(dst)
	}
}

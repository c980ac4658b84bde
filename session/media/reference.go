package media

import (
	"sync"
	"time"

	"parley/devices"
)

// VoiceProcessor takes out of a microphone's sound what comes from the speaker,
// and noise. Its methods are called on one goroutine, with periods of 10 ms.
type VoiceProcessor interface {
	// Render is told what the speaker plays.
	Render(period []float32)
	// Capture changes what the microphone gave. delay is the time from when the
	// newest of what was rendered went to the speaker until this was captured.
	Capture(period []float32, delay time.Duration)
}

// referencePeriods is how much of what was played is kept for a microphone
// that comes to it late.
const referencePeriods = 32

// Reference carries what the speaker plays to the goroutine of the microphone.
// The speaker's thread only copies.
type Reference struct {
	mu      sync.Mutex
	ring    [referencePeriods * devices.PeriodSamples]float32
	read    int // of the oldest sample
	filled  int
	written time.Time // when the newest one was
}

// Write takes what is about to be played.
func (r *Reference) Write(samples []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if over := len(samples) - len(r.ring); over > 0 {
		samples = samples[over:]
	}
	if over := r.filled + len(samples) - len(r.ring); over > 0 {
		r.read = (r.read + over) % len(r.ring)
		r.filled -= over
	}
	at := (r.read + r.filled) % len(r.ring)
	n := copy(r.ring[at:], samples)
	copy(r.ring[:], samples[n:])
	r.filled += len(samples)
	r.written = time.Now()
}

// next gives the oldest 10 ms, if there are that many.
func (r *Reference) next(period []float32) (written time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.filled < len(period) {
		return r.written, false
	}
	n := copy(period, r.ring[r.read:])
	copy(period[n:], r.ring[:])
	r.read = (r.read + len(period)) % len(r.ring)
	r.filled -= len(period)
	return r.written, true
}

// voiceStage is the processing of one microphone.
type voiceStage struct {
	processor VoiceProcessor
	reference *Reference
	played    [devices.PeriodSamples]float32
}

// process changes 10 ms in place: first all that was played since is told, also
// while nothing is to be changed.
func (v *voiceStage) process(period []float32, untouched bool) {
	if v.processor == nil {
		return
	}
	delay := time.Duration(0)
	for {
		written, ok := v.reference.next(v.played[:])
		if !written.IsZero() {
			delay = time.Since(written)
		}
		if !ok {
			break
		}
		v.processor.Render(v.played[:])
	}
	if untouched {
		return
	}
	v.processor.Capture(period, min(delay, 500*time.Millisecond))
}

// Package voice cleans what a microphone gives: it takes out what comes from
// the own speaker, lowers noise and evens out loudness. The work is done by
// WebRTC's audio processing, where the program was built with it.
package voice

import (
	"errors"
	"sync"
	"time"

	"parley/devices"
)

// ErrMissing means that this program was built without voice processing.
var ErrMissing = errors.New("this build has no voice processing")

// Settings say what is done. A filter against rumble is always on.
type Settings struct {
	Echo, Noise, Gain bool
}

// engine is one implementation. Its methods are called one at a time, with
// periods of 10 ms.
type engine interface {
	set(s Settings) error
	render(samples []float32) error
	capture(samples []float32, delay time.Duration) error
	close()
}

// Processor processes one microphone against one speaker. Capture and Render
// may be called from two threads; neither waits for the other for longer than
// a period takes to process.
type Processor struct {
	mu       sync.Mutex
	engine   engine
	settings Settings
	failed   error // the first error of the engine
	rumble   rumble
	residue  residue
	heard    [devices.PeriodSamples]float32
}

// New makes a processor, or gives ErrMissing.
func New(s Settings) (*Processor, error) {
	e, err := open()
	if err != nil {
		return nil, err
	}
	if err := e.set(s); err != nil {
		e.close()
		return nil, err
	}
	return &Processor{engine: e, settings: s, residue: residue{target: 1, gain: 1}}, nil
}

// Set changes what is done, during a call as well.
func (p *Processor) Set(s Settings) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine == nil {
		return devices.ErrClosed
	}
	p.settings = s
	return p.engine.set(s)
}

// Render takes 10 ms that the speaker is about to play.
func (p *Processor) Render(period []float32) {
	if len(period) != devices.PeriodSamples {
		return
	}
	p.do(func(e engine) error {
		if !p.settings.Echo {
			return nil // nobody asks what is played
		}
		copy(p.heard[:], period)
		devices.Mend(p.heard[:])
		p.residue.rendered(p.heard[:])
		return e.render(p.heard[:])
	})
}

// Capture processes 10 ms of the microphone in place. delay is the time from
// Render of a sound to its Capture, over the loudspeaker.
func (p *Processor) Capture(period []float32, delay time.Duration) {
	if len(period) != devices.PeriodSamples {
		return
	}
	devices.Mend(period)
	p.do(func(e engine) error {
		if p.settings == (Settings{}) {
			p.rumble.filter(period) // the engine would take its time for it
			return nil
		}
		if !p.settings.Echo {
			return e.capture(period, delay)
		}
		before := meanPower(period)
		err := e.capture(period, delay)
		p.residue.lower(period, before)
		return err
	})
}

func (p *Processor) do(f func(engine) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine == nil {
		return
	}
	if err := f(p.engine); err != nil && p.failed == nil {
		p.failed = err
	}
}

// Err is the first error of the processing, if there was one; the sound goes
// on as it is.
func (p *Processor) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// Close frees the processor.
func (p *Processor) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine != nil {
		p.engine.close()
		p.engine = nil
	}
}

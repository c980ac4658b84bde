// Package pace keeps made-up devices to the beat of real ones.
package pace

import (
	"context"
	"sync"
	"time"

	"parley/devices"
)

// Pacer waits for the moments of a device that delivers every so often. The
// moments lie on a grid from the first wait on, so that nothing drifts.
type Pacer struct {
	every  time.Duration
	closed chan struct{}
	once   sync.Once
	start  time.Time // of the grid; owned by the one who waits
	n      int64
}

// New makes a pacer.
func New(every time.Duration) *Pacer { return &Pacer{every: every, closed: make(chan struct{})} }

// Wait waits for the next moment and returns its number, from 0. Moments that
// a late caller missed are passed over where skip is set.
func (p *Pacer) Wait(ctx context.Context, skip bool) (int64, error) {
	if p.start.IsZero() {
		p.start = time.Now()
	}
	late := time.Since(p.start.Add(time.Duration(p.n) * p.every))
	switch {
	case late > time.Second:
		// The machine slept: begin the grid anew, not run after it.
		p.start = p.start.Add(late)
	case skip && late > p.every:
		p.n += int64(late / p.every)
	}
	timer := time.NewTimer(time.Until(p.start.Add(time.Duration(p.n) * p.every)))
	defer timer.Stop()
	select {
	case <-p.closed:
		return 0, devices.ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-timer.C:
	}
	select {
	case <-p.closed:
		return 0, devices.ErrClosed
	default:
	}
	n := p.n
	p.n++
	return n, nil
}

// Close ends every wait with devices.ErrClosed.
func (p *Pacer) Close() { p.once.Do(func() { close(p.closed) }) }

// Output is a speaker that nobody hears: it asks for sound in real time.
type Output struct {
	pacer *Pacer
	done  chan struct{}
}

// NewOutput starts asking render for a period of sound every 10 ms.
func NewOutput(render devices.Render) *Output {
	o := &Output{pacer: New(devices.Period), done: make(chan struct{})}
	go func() {
		defer close(o.done)
		samples := make([]float32, devices.PeriodSamples)
		for {
			if _, err := o.pacer.Wait(context.Background(), false); err != nil {
				return
			}
			render(samples)
		}
	}()
	return o
}

// Close ends the asking; render is not called after it.
func (o *Output) Close() error {
	o.pacer.Close()
	<-o.done
	return nil
}

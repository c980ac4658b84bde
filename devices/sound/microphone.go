package sound

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"parley/devices"
)

// ringPeriods is how far a reader may fall behind, in periods; what is older
// is dropped.
const ringPeriods = 20

// errStopped means that the device ended by itself: it was pulled out, or its
// sound server went.
var errStopped = errors.New("the microphone stopped")

// Microphone is an open microphone. The callback copies into a ring and does
// nothing else.
type Microphone struct {
	sound  *Sound
	device *device
	closed chan struct{}
	once   sync.Once
	wake   chan struct{}

	mu      sync.Mutex
	ring    [ringPeriods * devices.PeriodSamples]float32
	read    int // of the oldest sample
	filled  int
	stopped bool
}

// OpenMicrophone opens a microphone by name, or the system's default.
func (s *Sound) OpenMicrophone(ctx context.Context, name string) (*Microphone, error) {
	m := &Microphone{sound: s, closed: make(chan struct{}), wake: make(chan struct{}, 1)}
	var err error
	m.device, err = s.open(ctx, devices.Microphone, name, func(_, in []byte, _ uint32) { m.push(floats(in)) }, m.stop)
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Microphone) push(samples []float32) {
	m.mu.Lock()
	if over := len(samples) - len(m.ring); over > 0 {
		samples = samples[over:]
	}
	if over := m.filled + len(samples) - len(m.ring); over > 0 {
		m.read = (m.read + over) % len(m.ring)
		m.filled -= over
	}
	at := (m.read + m.filled) % len(m.ring)
	n := copy(m.ring[at:], samples)
	copy(m.ring[:], samples[n:])
	m.filled += len(samples)
	m.mu.Unlock()
	m.signal()
}

func (m *Microphone) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *Microphone) stop() {
	m.mu.Lock()
	m.stopped = true
	m.mu.Unlock()
	m.signal()
}

// ReadPeriod waits for the next 10 ms.
func (m *Microphone) ReadPeriod(ctx context.Context, dst []float32) error {
	for {
		m.mu.Lock()
		if m.filled >= len(dst) {
			n := copy(dst, m.ring[m.read:])
			copy(dst[n:], m.ring[:])
			m.read = (m.read + len(dst)) % len(m.ring)
			m.filled -= len(dst)
			m.mu.Unlock()
			return nil
		}
		stopped := m.stopped
		m.mu.Unlock()
		select {
		case <-m.closed:
			return devices.ErrClosed
		default:
		}
		if stopped {
			return errStopped
		}
		select {
		case <-m.wake:
		case <-m.closed:
			return devices.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Close frees the microphone.
func (m *Microphone) Close() error {
	m.once.Do(func() {
		close(m.closed)
		m.sound.shut(m.device)
	})
	return nil
}

// Speaker is an open speaker.
type Speaker struct {
	sound  *Sound
	device *device
	once   sync.Once
	closed atomic.Bool
}

// OpenSpeaker opens a speaker by name, or the system's default. render is
// called on the device's thread.
func (s *Sound) OpenSpeaker(ctx context.Context, name string, render devices.Render) (*Speaker, error) {
	speaker := &Speaker{sound: s}
	var err error
	speaker.device, err = s.open(ctx, devices.Speaker, name, func(out, _ []byte, _ uint32) {
		if !speaker.closed.Load() { // a device that could not be closed may still ask
			for rest := floats(out); len(rest) > 0; {
				n := min(len(rest), devices.PeriodSamples)
				render(rest[:n])
				rest = rest[n:]
			}
		}
	}, func() {})
	if err != nil {
		return nil, err
	}
	return speaker, nil
}

// Close frees the speaker; render is not called after it.
func (s *Speaker) Close() error {
	s.once.Do(func() {
		s.closed.Store(true)
		s.sound.shut(s.device)
	})
	return nil
}

// Package sound opens real microphones and speakers, by miniaudio.
package sound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"

	"parley/devices"
)

// Sound is a connection to the system's sound. Close it after its devices.
type Sound struct {
	log *slog.Logger
	mu  sync.Mutex  // miniaudio lists, opens and closes one at a time
	now *connection // nil after Close
}

// backends in the order of preference. miniaudio's own order ends with one
// that plays to nobody: a machine without sound is to be told as one.
func backends() []malgo.Backend {
	switch runtime.GOOS {
	case "windows":
		return []malgo.Backend{malgo.BackendWasapi, malgo.BackendDsound}
	case "darwin":
		return []malgo.Backend{malgo.BackendCoreaudio}
	default:
		return []malgo.Backend{malgo.BackendPulseaudio, malgo.BackendAlsa, malgo.BackendJack}
	}
}

// New connects to the system's sound. Where there is none, the error wraps
// devices.ErrNotFound.
func New(log *slog.Logger) (*Sound, error) {
	c, err := connect()
	if err != nil {
		return nil, err
	}
	return &Sound{log: log, now: c}, nil
}

// Close disconnects.
func (s *Sound) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		return nil
	}
	err := s.now.leave()
	s.now = nil
	return err
}

// closeWithin is how long a device has to close. PulseAudio never answers for
// one whose sound card was pulled out, and the library waits for it for ever.
const closeWithin = 300 * time.Millisecond

// shut closes a device, or leaves it to itself.
func (s *Sound) shut(d *device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Uninit()
	}()
	timeout := time.NewTimer(closeWithin)
	defer timeout.Stop()
	select {
	case <-done:
		if err := d.of.closed(); err != nil {
			s.log.Debug("the system's sound was not left in order", "error", err)
		}
	case <-timeout.C: // the connection is not freed under it
		s.log.Warn("a sound device that is gone could not be closed")
	}
}

func deviceType(kind devices.Kind) malgo.DeviceType {
	if kind == devices.Speaker {
		return malgo.Playback
	}
	return malgo.Capture
}

// listWithin is how long a list may take: miniaudio can wait for a sound
// server that does not answer.
const listWithin = 3 * time.Second

// List tells which microphones or speakers are there.
func (s *Sound) List(ctx context.Context, kind devices.Kind) ([]devices.Info, error) {
	found, err := s.find(ctx, kind)
	if err != nil {
		return nil, err
	}
	return describe(kind, found), nil
}

func describe(kind devices.Kind, found []malgo.DeviceInfo) []devices.Info {
	list := make([]devices.Info, 0, len(found))
	for i := range found {
		list = append(list, devices.Info{Kind: kind, ID: found[i].ID.String(), Name: found[i].Name(), Default: found[i].IsDefault != 0})
	}
	return devices.Unique(list)
}

func (s *Sound) find(ctx context.Context, kind devices.Kind) ([]malgo.DeviceInfo, error) {
	type result struct {
		found []malgo.DeviceInfo
		err   error
	}
	done := make(chan result, 1)
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		found, err := s.enumerate(kind)
		done <- result{found, err}
	}()
	timeout := time.NewTimer(listWithin)
	defer timeout.Stop()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("list every %v: %w", kind, r.err)
		}
		return r.found, nil
	case <-timeout.C:
		return nil, fmt.Errorf("list every %v: the system's sound does not answer", kind)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// enumerate lists devices. A sound server may have been started again meanwhile, and the
// library goes on with its connection to the one before: what fails is tried in a new
// one.
func (s *Sound) enumerate(kind devices.Kind) ([]malgo.DeviceInfo, error) {
	if s.now == nil {
		return nil, devices.ErrClosed
	}
	found, err := s.now.ctx.Devices(deviceType(kind))
	if err == nil {
		return found, nil
	}
	again, otherwise := connect()
	if otherwise != nil {
		return nil, err
	}
	if err := s.now.leave(); err != nil {
		s.log.Debug("the system's sound was not left in order", "error", err)
	}
	s.now = again
	return s.now.ctx.Devices(deviceType(kind))
}

// open opens and starts a device of a name.
func (s *Sound) open(ctx context.Context, kind devices.Kind, name string, data malgo.DataProc, stopped func()) (*device, error) {
	config := malgo.DefaultDeviceConfig(deviceType(kind))
	config.SampleRate = devices.SampleRate
	config.PeriodSizeInFrames = devices.PeriodSamples
	config.Periods = 3
	config.PerformanceProfile = malgo.LowLatency
	config.Playback.Format, config.Playback.Channels = malgo.FormatF32, 1
	config.Capture.Format, config.Capture.Channels = malgo.FormatF32, 1
	config.Alsa.NoMMap = 1
	found, err := s.find(ctx, kind)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%v: %w", kind, devices.ErrNotFound)
	}
	if name != devices.Default {
		var id unsafe.Pointer
		for i, info := range describe(kind, found) {
			if info.Name == name {
				id = found[i].ID.Pointer() // 256 bytes that the library never frees
			}
		}
		if id == nil {
			return nil, fmt.Errorf("%v %q: %w", kind, name, devices.ErrNotFound)
		}
		config.Playback.DeviceID, config.Capture.DeviceID = id, id
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		return nil, devices.ErrClosed
	}
	if kind == devices.Speaker {
		s.now.buffer(&config)
	}
	var once sync.Once
	opened, err := malgo.InitDevice(s.now.ctx.Context, config, malgo.DeviceCallbacks{Data: func(out, in []byte, frames uint32) {
		once.Do(func() { urgent(s.hurried) })
		data(out, in, frames)
	}, Stop: stopped})
	if err == nil {
		if err = opened.Start(); err != nil {
			opened.Uninit()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the %v %q: %w", kind, name, explain(err))
	}
	s.now.used++
	return &device{opened, s.now}, nil
}

// hurried takes whether a device's thread was made urgent.
func (s *Sound) hurried(err error) {
	if err != nil {
		s.log.Debug("the sound is as urgent as anything else", "error", err)
	}
}

func explain(err error) error {
	switch {
	case errors.Is(err, malgo.ErrAccessDenied):
		return fmt.Errorf("%w: %w", devices.ErrDenied, err)
	case errors.Is(err, malgo.ErrBusy), errors.Is(err, malgo.ErrDeviceAlreadyInitialized):
		return fmt.Errorf("%w: %w", devices.ErrBusy, err)
	case errors.Is(err, malgo.ErrNoDevice), errors.Is(err, malgo.ErrDoesNotExist):
		return fmt.Errorf("%w: %w", devices.ErrNotFound, err)
	case errors.Is(err, malgo.ErrFormatNotSupported):
		return fmt.Errorf("%w: %w", devices.ErrFormat, err)
	default:
		return err
	}
}

// floats reads a callback's bytes as what they are.
func floats(b []byte) []float32 {
	if len(b) < 4 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

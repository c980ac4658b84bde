// Package system opens every kind of device by name.
package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"parley/devices"
	"parley/devices/camera"
	"parley/devices/file"
	"parley/devices/internal/pace"
	"parley/devices/loopback"
	"parley/devices/screen"
	"parley/devices/sound"
	"parley/devices/synthetic"
)

// Options of a System.
type Options struct {
	Logger *slog.Logger
	// VideoDecoder is for IVF files; nil refuses them.
	VideoDecoder file.VideoDecoder
}

// System is a devices.Opener and devices.ScreenOpener over this machine's
// devices, synthetic ones and files. "synthetic:NAME" is a synthetic device with the look or voice of NAME.
type System struct {
	o Options

	cameras camera.Finder
	screens screen.Finder

	mu     sync.Mutex
	sound  *sound.Sound
	closed bool
}

var (
	_ devices.Opener       = (*System)(nil)
	_ devices.ScreenOpener = (*System)(nil)

	_ devices.ScreenSoundOpener = (*System)(nil)
)

// New makes a System. It opens nothing.
func New(o Options) *System { return &System{o: o} }

// Close disconnects from the system's sound. Devices are closed before it.
func (s *System) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.sound == nil {
		return nil
	}
	err := s.sound.Close()
	s.sound = nil
	return err
}

// hardware connects to the system's sound when it is first needed.
func (s *System) hardware() (*sound.Sound, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, devices.ErrClosed
	}
	if s.sound == nil {
		var err error
		if s.sound, err = sound.New(s.o.Logger); err != nil {
			return nil, err
		}
	}
	return s.sound, nil
}

// List tells which real devices of a kind are there. No sound system at all
// is an empty list.
func (s *System) List(ctx context.Context, kind devices.Kind) ([]devices.Info, error) {
	if kind == devices.Camera {
		return s.cameras.List(), nil
	}
	hardware, err := s.hardware()
	if errors.Is(err, devices.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return hardware.List(ctx, kind)
}

// synthesized splits "synthetic" and "synthetic:NAME".
func synthesized(name string) (who string, ok bool) {
	if name == devices.Synthetic {
		return "", true
	}
	return strings.CutPrefix(name, devices.Synthetic+":")
}

// OpenCamera opens a camera.
func (s *System) OpenCamera(ctx context.Context, name string, format devices.VideoFormat) (devices.VideoSource, error) {
	if name == devices.None {
		return nil, fmt.Errorf("no camera is chosen: %w", devices.ErrNotFound)
	}
	if who, ok := synthesized(name); ok {
		// There is no more to see in a larger one, and several run on one machine.
		format.Width, format.Height = min(format.Width, 640), min(format.Height, 360)
		return synthetic.NewCamera(who, format)
	}
	if path, ok := strings.CutPrefix(name, devices.FilePrefix); ok {
		return file.OpenCamera(path, s.o.VideoDecoder)
	}
	return s.cameras.Open(ctx, name, format)
}

// OpenMicrophone opens a microphone.
func (s *System) OpenMicrophone(ctx context.Context, name string) (devices.AudioSource, error) {
	if name == devices.None {
		return nil, fmt.Errorf("no microphone is chosen: %w", devices.ErrNotFound)
	}
	if who, ok := synthesized(name); ok {
		return synthetic.NewMicrophone(who), nil
	}
	if path, ok := strings.CutPrefix(name, devices.FilePrefix); ok {
		return file.OpenMicrophone(path)
	}
	hardware, err := s.hardware()
	if err != nil {
		return nil, err
	}
	return hardware.OpenMicrophone(ctx, name)
}

// OpenSpeaker opens a speaker. devices.None, and devices.Synthetic, keep time
// and play to nobody.
func (s *System) OpenSpeaker(ctx context.Context, name string, render devices.Render) (devices.AudioOutput, error) {
	if name == devices.None || name == devices.Synthetic {
		return pace.NewOutput(render), nil
	}
	hardware, err := s.hardware()
	if err != nil {
		return nil, err
	}
	return hardware.OpenSpeaker(ctx, name, render)
}

// ListScreens tells which screens and windows could be shared.
func (s *System) ListScreens(ctx context.Context) ([]devices.ScreenSource, error) {
	return s.screens.List(ctx)
}

// OpenScreen opens a screen or window by its ID.
func (s *System) OpenScreen(ctx context.Context, id string, format devices.ScreenFormat) (devices.VideoSource, error) {
	return s.screens.Open(ctx, id, format)
}

// CheckScreenSound tells whether what the computer plays can be heard.
func (s *System) CheckScreenSound(ctx context.Context) error { return loopback.Check(ctx) }

// OpenScreenSound gives what the computer plays to programs.
func (s *System) OpenScreenSound(ctx context.Context, id string, programs devices.Programs, lost func(error)) (io.Closer, error) {
	if id == devices.Synthetic {
		return synthetic.NewScreenSound(programs), nil
	}
	return loopback.Open(ctx, s.o.Logger, programs, lost)
}

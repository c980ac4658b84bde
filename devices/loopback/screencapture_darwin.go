package loopback

import (
	"context"
	"errors"
	"fmt"

	"parley/devices"
	"parley/devices/internal/screencapture"
)

// screenCapture is the mix of all programs but this one.
type screenCapture struct{ sound *screencapture.Sound }

func check(context.Context) error { return screencapture.SoundAvailable() }

func connect(context.Context) (source, error) {
	sound, err := screencapture.OpenSound()
	if err != nil {
		return nil, err
	}
	return screenCapture{sound}, nil
}

func (s screenCapture) close() { s.sound.Close() }

func (s screenCapture) listen(ctx context.Context, l *Loopback) error {
	program := l.begin()
	defer l.programs.Ended(program)
	defer s.close()
	s.sound.Play(func(samples []float32) {
		devices.Mend(samples)
		l.programs.Play(program, samples)
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-s.sound.Ended():
		if errors.Is(err, screencapture.ErrStopped) {
			err = fmt.Errorf("%w: %w", errStopped, err)
		}
		return err
	}
}

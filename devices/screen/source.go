package screen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/devices"
	"parley/devices/internal/pace"
)

const (
	// closeWithin is how long a source has to stop. A display server that
	// hangs would hold up whoever closes it.
	closeWithin = 2 * time.Second
	// repeatAfter is when a picture that does not change is delivered again.
	// Encoders and people who come late wait for one.
	repeatAfter = time.Second
)

// grabber takes pictures of one screen or window. It is used on one goroutine.
type grabber interface {
	// grab takes a picture, which is the caller's until the next call. It is
	// nil where nothing is shown at the moment, as of a minimised window.
	grab() (*picture, error)
	close()
}

// Source is a screen or window that is being shared.
type Source struct {
	pacer  *pace.Pacer
	frames chan *devices.Frame // holds the newest
	done   chan struct{}
	err    error // why the source ended; read after done
}

// start opens a grabber on the goroutine that uses it from then on.
func start(ctx context.Context, open func() (grabber, error), format devices.ScreenFormat) (*Source, error) {
	s := &Source{pacer: pace.New(format.Interval()), frames: make(chan *devices.Frame, 1), done: make(chan struct{})}
	opened := make(chan error, 1)
	go func() {
		defer close(s.done)
		g, err := open()
		opened <- err
		if err != nil {
			return
		}
		defer g.close()
		s.err = s.run(g, format)
	}()
	select {
	case err := <-opened:
		if err != nil {
			return nil, err
		}
		return s, nil
	case <-ctx.Done():
		s.pacer.Close()
		return nil, fmt.Errorf("the screen did not open in time: %w", ctx.Err())
	}
}

func (s *Source) run(g grabber, format devices.ScreenFormat) error {
	p := &painter{format: format}
	defer p.close()
	began := time.Now()
	var delivered time.Time
	for {
		if _, err := s.pacer.Wait(context.Background(), true); err != nil {
			return err
		}
		now, err := g.grab()
		if err != nil {
			return err
		}
		changed := false
		if now != nil {
			if changed, err = p.paint(now); err != nil {
				return err
			}
		}
		if !changed && time.Since(delivered) < repeatAfter {
			continue
		}
		f, err := p.newest(time.Since(began))
		if err != nil {
			return err
		}
		if f == nil {
			continue
		}
		select {
		case old := <-s.frames:
			old.Release()
		default:
		}
		s.frames <- f
		delivered = time.Now()
	}
}

// ReadFrame waits for the next picture.
func (s *Source) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	select {
	case f := <-s.frames:
		return f, nil
	case <-s.done:
		return nil, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the sharing.
func (s *Source) Close() error {
	s.pacer.Close()
	select {
	case <-s.done:
	case <-time.After(closeWithin):
		return errors.New("the display server does not answer: the screen can't be closed")
	}
	select {
	case f := <-s.frames:
		f.Release()
	default:
	}
	return nil
}

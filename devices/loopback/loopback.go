// Package loopback hears what the programs of this computer play, itself left out.
//
// On Linux each stream that a program plays is recorded by itself, as it goes into
// the mix of its speaker: with the program's volume, before the speaker's. Windows and
// macOS mix all programs but one, and count as one program here.
package loopback

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"parley/devices"
)

const (
	// retryEvery is the wait before a sound system that went is tried again, and
	// patience for how long that is done.
	retryEvery = 500 * time.Millisecond
	patience   = 10 * time.Second
)

// errStopped means that the user told the system that nothing shall be heard any more.
var errStopped = errors.New("stopped in the system")

// source hears what programs play.
type source interface {
	// listen gives it to the Loopback until the context or the source ends; the source
	// can't be used after that.
	listen(ctx context.Context, l *Loopback) error
	// close frees one that did not listen.
	close()
}

// Loopback gives what programs play, until it is closed.
type Loopback struct {
	log      *slog.Logger
	programs devices.Programs
	lost     func(error)
	patience time.Duration
	last     uint32 // number given to a program
	cancel   context.CancelFunc
	done     sync.WaitGroup
}

// Check tells whether what programs play can be heard here; the error wraps
// devices.ErrNotFound where the system has no way.
func Check(ctx context.Context) error { return check(ctx) }

// Open begins to give what programs play to programs. A sound system that goes is
// waited for; lost is told when it does not come back.
func Open(ctx context.Context, log *slog.Logger, programs devices.Programs, lost func(error)) (*Loopback, error) {
	return open(ctx, log, programs, lost, patience)
}

func open(ctx context.Context, log *slog.Logger, programs devices.Programs, lost func(error), patience time.Duration) (*Loopback, error) {
	s, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	l := &Loopback{log: log, programs: programs, lost: lost, patience: patience}
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.done.Go(func() { l.run(ctx, s) })
	return l, nil
}

// Close ends it, and waits for that.
func (l *Loopback) Close() error {
	l.cancel()
	l.done.Wait()
	return nil
}

// run listens to a source, and to those that come after it.
func (l *Loopback) run(ctx context.Context, s source) {
	for {
		err := s.listen(ctx, l)
		if ctx.Err() != nil {
			return
		}
		l.log.Warn("the sound of other programs ended", "error", err)
		if !errors.Is(err, errStopped) {
			s, err = l.again(ctx)
		}
		if err != nil {
			if ctx.Err() == nil {
				l.lost(err)
			}
			return
		}
	}
}

// again connects to a sound system that comes back.
func (l *Loopback) again(ctx context.Context) (source, error) {
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	tick := time.NewTicker(retryEvery)
	defer tick.Stop()
	failed := ctx.Err()
	for {
		select {
		case <-ctx.Done():
			if failed == nil {
				failed = ctx.Err()
			}
			return nil, failed
		case <-tick.C:
		}
		s, err := connect(ctx)
		if err == nil {
			return s, nil
		}
		failed = err
	}
}

// begin gives the number of a program that was not heard before.
func (l *Loopback) begin() uint32 {
	l.last++
	return l.last
}

// Package loopback hears what the programs of this computer play, itself left
// out, from a sound server that speaks PulseAudio's native protocol, as PipeWire's
// does. Of each stream that a program plays, the sound as it goes into the mix of
// its speaker is recorded: with the program's volume, before the speaker's.
package loopback

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"parley/devices"
)

const (
	// retryEvery is the wait before a sound server that went is tried again, and
	// patience for how long that is done.
	retryEvery = 500 * time.Millisecond
	patience   = 10 * time.Second
)

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

// Check tells whether what programs play can be heard here.
func Check(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		// What else offers it mixes this process's own sound in: the others of a
		// call would hear themselves.
		return fmt.Errorf("hear what programs play: %w", devices.ErrNotFound)
	}
	c, err := dial(ctx)
	if err != nil {
		return err
	}
	return c.socket.Close()
}

// Open begins to give what programs play to programs. A sound server that goes is
// waited for; lost is told when it does not come back.
func Open(ctx context.Context, log *slog.Logger, programs devices.Programs, lost func(error)) (*Loopback, error) {
	return open(ctx, log, programs, lost, patience)
}

func open(ctx context.Context, log *slog.Logger, programs devices.Programs, lost func(error), patience time.Duration) (*Loopback, error) {
	if err := Check(ctx); err != nil {
		return nil, err
	}
	c, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	l := &Loopback{log: log, programs: programs, lost: lost, patience: patience}
	ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.done.Go(func() { l.run(ctx, c) })
	return l, nil
}

// Close ends it, and waits for that.
func (l *Loopback) Close() error {
	l.cancel()
	l.done.Wait()
	return nil
}

// run listens over a connection, and over those that come after it.
func (l *Loopback) run(ctx context.Context, c *connection) {
	for {
		err := l.listen(ctx, c)
		if ctx.Err() != nil {
			return
		}
		l.log.Warn("the sound server went", "error", err)
		if c, err = l.again(ctx); err != nil {
			if ctx.Err() == nil {
				l.lost(err)
			}
			return
		}
	}
}

// again connects to a sound server that comes back.
func (l *Loopback) again(ctx context.Context) (*connection, error) {
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
		c, err := dial(ctx)
		if err == nil {
			return c, nil
		}
		failed = err
	}
}

// listen hears what programs play until the connection ends.
func (l *Loopback) listen(ctx context.Context, c *connection) error {
	stop := context.AfterFunc(ctx, func() { _ = c.socket.Close() })
	defer func() {
		stop()
		_ = c.socket.Close()
	}()
	s := newListener(l, c)
	defer s.end()
	return s.run()
}

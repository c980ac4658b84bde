package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"parley/session/wire"
)

const (
	// Retry delays of a lost room. That the server answers again begins a try
	// before its time.
	reconnectFirst, reconnectMost = 500 * time.Millisecond, 10 * time.Second
	// probeEvery is how often a server that does not answer is asked.
	probeEvery = time.Second
	// probeTimeout leaves time for slow lines; the probes overlap.
	probeTimeout = 4 * time.Second
	// settleTime is how long others, who may have lost the server too, have to
	// come back before they are said to be gone.
	settleTime = 3 * time.Second
)

// try tells, on the loop, that the room is tried again at next.
func (e *Engine) try(l *login, cause error, next time.Time) {
	l.attempts++
	e.step(l, RoomStateChanged{Reason: ReasonReconnecting, Err: cause, Attempt: l.attempts, NextTry: next})
}

// lost is told, on the loop, that the connection v is gone for good, and with it
// the login where end is set.
func (e *Engine) lost(v *visit, cause, end error) {
	l := e.login
	if l == nil || l.visit != v {
		return
	}
	l.visit = nil
	l.publisher.connect(nil)
	l.sharing.connect(nil)
	e.spawn(v.close)
	if end != nil {
		e.login = nil
		l.cancel()
		e.retire(l)
		e.step(l, RoomStateChanged{Reason: ReasonKickedOut, Err: fmt.Errorf("%w: %w", end, cause)})
		return
	}
	e.try(l, cause, time.Now())
	e.pausePlayers(l)
	l.work.Go(func() { e.reconnect(l) })
}

// pausePlayers ends the tracks of a connection that is gone. The players wait
// for those of the next.
func (e *Engine) pausePlayers(l *login) {
	for _, p := range l.players {
		for sid := range p.tracks {
			e.endTrack(p, sid)
		}
		clear(p.asked)
		e.stepPlayer(p, PlayRequesting, nil)
	}
}

// Retry tries once more to enter a room that ended with ReasonReconnectFailed,
// for as long as the first time, with the same user and with everything that
// was published and played. Otherwise it is ErrState. How it goes comes as
// RoomStateChanged. LogoutRoom gives the room up, and so does LoginRoom.
func (e *Engine) Retry() error {
	return e.call(func() error {
		l := e.login
		if l == nil || l.state != RoomDisconnected {
			return fmt.Errorf("retry: no room was lost: %w", ErrState)
		}
		l.attempts = 0
		e.try(l, nil, time.Now())
		l.work.Go(func() {
			e.speaker.want(true)
			e.reconnect(l)
		})
		return nil
	})
}

// reconnect enters the room again, as often as it takes. The first try was told.
func (e *Engine) reconnect(l *login) {
	expired := time.NewTimer(e.profile.ReconnectFor)
	defer expired.Stop()
	found, stop := e.moved(l)
	defer stop()
	wait, early := time.Duration(0), true
	for {
		err := l.reachable(wait, early, expired.C, found)
		early = true
		if err == nil {
			var v *visit
			if v, err = e.enter(l); err == nil {
				e.post(func() {
					if e.login != l {
						e.spawn(v.close)
						return
					}
					e.install(l, v, ReasonReconnected)
				})
				return
			}
			early = false // it answers, but can't let anybody in yet
		}
		if l.ctx.Err() != nil {
			return
		}
		if refused(err) || errors.Is(err, errExpired) {
			e.post(func() { e.giveUp(l, err) })
			return
		}
		wait = min(max(2*wait, reconnectFirst), reconnectMost)
		next := time.Now().Add(wait)
		e.post(func() {
			if e.login == l {
				e.try(l, err, next)
			}
		})
	}
}

// giveUp ends the tries, on the loop. The login stays, for Retry.
func (e *Engine) giveUp(l *login, cause error) {
	if e.login != l {
		return
	}
	l.work.Go(func() { e.speaker.want(false) })
	e.step(l, RoomStateChanged{Reason: ReasonReconnectFailed, Err: cause})
}

// errExpired ends a reconnection.
var errExpired = errors.New("the time for reconnecting is over")

// reachable waits until the time of a try has come and the server answers. With
// early set, or once it was seen not to answer, an answer is enough; one that was
// found elsewhere answers. The error is that of the server when the time has come.
func (l *login) reachable(wait time.Duration, early bool, expired <-chan time.Time, found <-chan *url.URL) error {
	answers, stop := probe(l.ctx, l.server.Load())
	defer stop()
	due := time.NewTimer(wait)
	defer due.Stop()
	now, answered := false, false
	last := ErrServerTimeout
	for {
		select {
		case <-l.ctx.Done():
			return l.ctx.Err()
		case <-expired:
			return fmt.Errorf("%w: %w", errExpired, last)
		case server := <-found:
			if answered { // where it was
				continue
			}
			l.server.Store(server)
			return nil
		case <-due.C:
			now = true
		case err := <-answers:
			if answered = err == nil; !answered {
				if last = err; now {
					return err
				}
				early = true
			}
		}
		if answered && (now || early) {
			return nil
		}
	}
}

// probe asks a server every second whether it is there, until stop. The probes
// overlap: one whose packets were swallowed would not notice soon that the
// network is back.
func probe(ctx context.Context, server *url.URL) (answers <-chan error, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan error)
	var work sync.WaitGroup
	ask := func() {
		err := healthy(ctx, server)
		select {
		case results <- err:
		case <-ctx.Done():
		}
	}
	work.Go(func() {
		tick := time.NewTicker(probeEvery)
		defer tick.Stop()
		for {
			work.Go(ask)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return results, func() {
		cancel()
		work.Wait()
	}
}

// healthy asks a server whether it is there.
func healthy(ctx context.Context, server *url.URL) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.JoinPath(wire.PathHealth).String(), nil)
	if err != nil {
		return fmt.Errorf("probe: %w", ErrServerAddress)
	}
	answer, err := unshared().Do(r)
	if err != nil {
		return joinFailure(ctx, server, err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("probe %s: status %d: %w", server.Host, answer.StatusCode, ErrServerUnreachable)
	}
	return nil
}

// refused reports whether trying again would get the same answer. Somebody
// else who answers is not final: it may be a hotel's network that wants a login
// first.
func refused(err error) bool {
	for _, final := range []error{ErrTokenExpired, ErrTokenNotYet, ErrTokenRoom, ErrTokenInvalid, ErrTokenRequired, ErrNotAllowed} {
		if errors.Is(err, final) {
			return true
		}
	}
	return false
}

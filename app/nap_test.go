package app

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// loop is a UI thread of a toolkit that takes one function after the other.
type loop struct {
	ui     *dispatcher
	napper *napper
	events chan struct{} // of the window system
	busy   bool
	soon   time.Duration // until it wants to tend again
	tended atomic.Int32

	mu    sync.Mutex
	waits []time.Duration
}

// napped gives the waits that are over, when nothing more happens at this time.
func (l *loop) napped() []time.Duration {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.waits)
}

func newLoop() (l *loop, end func()) {
	queue := make(chan func(), 100)
	woken := make(chan struct{}, 1)
	l = &loop{ui: &dispatcher{run: func(f func()) { queue <- f }}, events: make(chan struct{})}
	l.napper = &napper{
		ui:   l.ui,
		busy: func() bool { return l.busy },
		tend: func() time.Duration { l.tended.Add(1); return l.soon },
		wake: func() {
			select {
			case woken <- struct{}{}:
			default:
			}
		},
		wait: func(d time.Duration) {
			began := time.Now()
			select {
			case <-l.events:
			case <-woken:
			case <-time.After(d):
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.waits = append(l.waits, time.Since(began))
		},
	}
	l.napper.stir()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for f := range queue {
			f()
		}
	}()
	return l, func() {
		l.ui.close()
		time.Sleep(2 * awakeFor) // what is to come still finds it closed
		close(queue)
		<-done
	}
}

func TestNapsWhereNothingHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := newLoop()
		l.ui.letNap(l.napper)
		time.Sleep(awakeFor - time.Millisecond)
		if n := l.napped(); len(n) != 0 {
			t.Errorf("napped %v at once", n)
		}
		time.Sleep(10 * napTime)
		if n := l.napped(); len(n) < 9 || n[3] != napTime {
			t.Errorf("napped %v", n)
		}
		end()
	})
}

func TestWorkEndsANapAndKeepsAwake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := newLoop()
		l.ui.letNap(l.napper)
		time.Sleep(awakeFor + napTime/2)
		asked := time.Now()
		var took time.Duration
		l.ui.do(func() { took = time.Since(asked) })
		if n := l.napped(); took != 0 || len(n) != 1 || n[0] != napTime/2 {
			t.Errorf("came after %v, napped %v", took, n)
		}
		time.Sleep(awakeFor - time.Millisecond)
		if n := l.napped(); len(n) != 1 {
			t.Errorf("napped again too soon: %v", n)
		}
		end()
	})
}

// TestTends has something looked after while awake, and right after each nap, which
// does not end for it.
func TestTends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := newLoop()
		l.soon = awakeFor / 10
		l.ui.letNap(l.napper)
		time.Sleep(awakeFor - time.Millisecond)
		synctest.Wait()
		if n := l.tended.Load(); n != 10 {
			t.Errorf("%d times while awake", n)
		}
		time.Sleep(napTime)
		before := l.tended.Load()
		time.Sleep(2 * time.Millisecond)
		if n := l.napped(); len(n) != 1 || n[0] != napTime || l.tended.Load() != before+1 {
			t.Errorf("%d times after %v", l.tended.Load()-before, n)
		}
		end()
	})
}

func TestAnEventKeepsAwake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := newLoop()
		l.ui.letNap(l.napper)
		time.Sleep(awakeFor + napTime/2)
		l.events <- struct{}{}
		time.Sleep(awakeFor - time.Millisecond)
		if n := l.napped(); len(n) != 1 {
			t.Errorf("napped %v", n)
		}
		end()
	})
}

func TestNoNapWhileSomethingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, end := newLoop()
		l.busy = true
		l.ui.letNap(l.napper)
		time.Sleep(10 * awakeFor)
		if n := l.napped(); len(n) != 0 {
			t.Errorf("napped %v", n)
		}
		end()
	})
}

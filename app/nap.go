package app

import (
	"sync/atomic"
	"time"

	"github.com/go-gl/glfw/v3.4/glfw"
)

const (
	// awakeFor is longer than anything moves in the window by itself: a notice that
	// fades takes four seconds.
	awakeFor = 5 * time.Second
	// napTime is how late the toolkit's own work may be while nothing happens.
	napTime = time.Second
	// betweenNaps has the toolkit look after its windows once or twice: it does so
	// every 16 ms.
	betweenNaps = 34 * time.Millisecond
)

// napper has the UI thread wait for the window system while nothing happens. The
// toolkit's loop looks for events 60 times a second, on a thread of its own that Go
// hands over to each time: that is most of what a window costs in which nothing
// moves. A call in the loop's queue waits instead, until there is an event, or
// something is dispatched.
type napper struct {
	ui   *dispatcher
	wait func(d time.Duration) // for an event, which it handles, or for d
	wake func()                // ends a wait; on any goroutine
	busy func() bool           // something moves for long; on the UI thread
	// tend looks after what is to be looked after between naps, and right after one,
	// on the UI thread. It tells how soon again while there is no nap; 0 for some time.
	tend func() time.Duration

	stirred atomic.Int64 // when something last happened, in nanoseconds since 1970
	asleep  atomic.Bool
}

// newNapper is for windows of GLFW, after they are there.
func newNapper(ui *dispatcher, busy func() bool, tend func() time.Duration) *napper {
	n := &napper{
		ui: ui, busy: busy, tend: tend, wake: glfw.PostEmptyEvent,
		wait: func(d time.Duration) { glfw.WaitEventsTimeout(d.Seconds()) },
	}
	n.stir()
	return n
}

// stir keeps the UI thread awake for a while.
func (n *napper) stir() { n.stirred.Store(time.Now().UnixNano()) }

// rouse ends a nap for work that is in the queue already.
func (n *napper) rouse() {
	if n.asleep.Load() {
		n.wake()
	}
}

// nap runs on the UI thread, and again from time to time until the dispatcher is
// closed.
func (n *napper) nap() {
	soon := n.tend()
	next := awakeFor - time.Since(time.Unix(0, n.stirred.Load()))
	switch {
	case next > 0:
	case n.busy():
		next = awakeFor
	default:
		n.sleep()
		next = betweenNaps
	}
	if soon > 0 {
		next = min(next, soon)
	}
	time.AfterFunc(next, func() { n.ui.apart(n.nap) })
}

func (n *napper) sleep() {
	// Who queues looks at asleep afterwards, so that one of the two sees the other.
	n.asleep.Store(true)
	began := time.Now()
	idle := n.ui.idle()
	if idle {
		n.wait(napTime)
		n.tend()
	}
	n.asleep.Store(false)
	if idle && n.ui.idle() && time.Since(began) < napTime {
		n.stir() // by an event: somebody is there
	}
}

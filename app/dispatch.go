package app

import "sync"

// dispatcher brings functions to the UI thread in order, all that wait in one
// go. The driver takes one function between two pictures: on a machine that
// draws slowly, one call for each event would queue up without end, and the
// wish to close the window at the end of it.
type dispatcher struct {
	run func(func()) // fyne.Do

	mu      sync.Mutex
	waiting []func()
	closed  bool
	napper  *napper // nil where the UI thread never naps
}

// do runs f on the UI thread, after those before it. After close it does
// nothing.
func (d *dispatcher) do(f func()) {
	if n := d.queue(f); n != nil {
		n.stir()
		n.rouse()
	}
}

func (d *dispatcher) queue(f func()) *napper {
	d.mu.Lock()
	first := len(d.waiting) == 0 && !d.closed
	if !d.closed {
		d.waiting = append(d.waiting, f)
	}
	n := d.napper
	d.mu.Unlock()
	if first {
		d.run(d.drain)
	}
	return n
}

// apart runs f on the UI thread between other functions, not among those that wait.
func (d *dispatcher) apart(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.run(f)
	}
}

// letNap has the UI thread nap by n from now on.
func (d *dispatcher) letNap(n *napper) {
	d.mu.Lock()
	d.napper = n
	d.mu.Unlock()
	d.apart(n.nap)
}

// idle tells whether nothing waits. It is false after close.
func (d *dispatcher) idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.waiting) == 0 && !d.closed
}

func (d *dispatcher) drain() {
	d.mu.Lock()
	list := d.waiting
	d.waiting = nil
	d.mu.Unlock()
	for _, f := range list {
		f()
	}
}

// close lets nothing more through: a driver that is ending panics on a call
// that comes between its last look at the queue and the end of the queue.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed, d.waiting, d.napper = true, nil, nil
}

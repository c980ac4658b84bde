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
}

// do runs f on the UI thread, after those before it. After close it does
// nothing.
func (d *dispatcher) do(f func()) {
	d.mu.Lock()
	first := len(d.waiting) == 0 && !d.closed
	if !d.closed {
		d.waiting = append(d.waiting, f)
	}
	d.mu.Unlock()
	if first {
		d.run(d.drain)
	}
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
	d.closed, d.waiting = true, nil
}

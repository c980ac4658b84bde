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
}

// do runs f on the UI thread, after those before it.
func (d *dispatcher) do(f func()) {
	d.mu.Lock()
	d.waiting = append(d.waiting, f)
	first := len(d.waiting) == 1
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

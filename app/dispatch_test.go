package app

import (
	"sync"
	"testing"
)

func TestSlowScreenIsAskedOnce(t *testing.T) {
	var asked []func()
	d := &dispatcher{run: func(f func()) { asked = append(asked, f) }}
	var order []int
	for i := range 100 {
		d.do(func() { order = append(order, i) })
	}
	if len(asked) != 1 {
		t.Fatalf("asked %d times", len(asked))
	}
	d.do(func() { d.do(func() { order = append(order, 101) }) })
	for len(asked) > 0 {
		next := asked[0]
		asked = asked[1:]
		next()
	}
	if len(order) != 101 || order[99] != 99 || order[100] != 101 {
		t.Errorf("%v", order)
	}
}

func TestDispatcherLosesNothing(t *testing.T) {
	queue := make(chan func(), 1000)
	d := &dispatcher{run: func(f func()) { queue <- f }}
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 1000 {
				d.do(func() { queue <- nil })
			}
		})
	}
	got := 0
	for got < 8000 {
		if f := <-queue; f == nil {
			got++
		} else {
			go f()
		}
	}
	senders.Wait()
}

func TestDispatcherLetsNothingThroughAfterClose(t *testing.T) {
	var asked []func()
	d := &dispatcher{run: func(f func()) { asked = append(asked, f) }}
	ran := false
	d.do(func() { ran = true })
	d.close()
	d.do(func() { ran = true })
	for _, f := range asked {
		f()
	}
	if ran || len(asked) != 1 {
		t.Errorf("ran %v, asked %d times", ran, len(asked))
	}
}

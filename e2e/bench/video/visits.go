package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"parley/e2e/bench/report"
	"parley/e2e/bench/screen"
	"parley/e2e/bench/stage"
	"parley/e2e/bench/usage"
)

const (
	visitsTiles = 9
	visitsTime  = 30 * time.Minute
	visitsCount = 200
	visitsWarm  = 20 // visits before memory counts: what is kept for the next is there then
	visitStay   = 1500 * time.Millisecond
	// visitsEnd is longer than the five minutes after which the program gives memory
	// back without a reason.
	visitsEnd = 6 * time.Minute
	// visitsGrowth is how much more memory may be taken in the end, in MiB. The
	// textures of one tile of 640x360 take a third of one: 200 that were left
	// would be far above it.
	visitsGrowth = 10
)

// measureVisits has a window show nine people for half an hour, while a tenth
// comes and goes 200 times, and looks at its memory.
func measureVisits(ctx context.Context, path string) ([]report.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	d, err := screen.New()
	if err != nil {
		return nil, err
	}
	defer d.Close()
	c, err := newCrowd(ctx, s, visitsTiles, 640, 360)
	if err != nil {
		return nil, err
	}
	defer c.close()
	pid, _, err := watchWithParley(ctx, s, d)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	time.Sleep(settleTime)
	visit := func(n int) error {
		guest := &crowd{clip: c.clip}
		var staying context.Context
		staying, guest.stop = context.WithCancel(ctx)
		defer guest.close()
		if err := guest.enter(staying, s, fmt.Sprint("guest", n)); err != nil {
			return err
		}
		time.Sleep(visitStay)
		return nil
	}
	for n := range visitsWarm {
		if err := visit(n); err != nil {
			return nil, err
		}
	}
	before, err := leastMemory(ctx, pid, time.Minute/2) // it is given back after each visit
	if err != nil {
		return nil, err
	}
	for n := range visitsCount {
		if err := visit(visitsWarm + n); err != nil {
			return nil, err
		}
		if n%20 == 0 {
			now, _ := usage.PSS(int32(pid))
			fmt.Fprintf(os.Stderr, "after %d visits, %v: %.0f MiB\n", n, time.Since(began).Round(time.Second), now)
		}
	}
	time.Sleep(time.Until(began.Add(visitsTime - visitsEnd)))
	after, err := leastMemory(ctx, pid, visitsEnd)
	if err != nil {
		return nil, err
	}
	return []report.Result{
		report.AtMost(fmt.Sprintf("%d tiles, memory more after %d visits in %v", visitsTiles, visitsCount, visitsTime), "MiB", max(after-before, 0), visitsGrowth),
		report.Figure(fmt.Sprintf("%d tiles, memory (PSS)", visitsTiles), "MiB", after),
	}, nil
}

// leastMemory is the least PSS within a while, in MiB: what is left when the program
// has given back what it does not need. In between it takes more.
func leastMemory(ctx context.Context, pid int, within time.Duration) (float64, error) {
	least := 0.0
	for range within / time.Second {
		now, _ := usage.PSS(int32(pid))
		if now == 0 {
			return 0, fmt.Errorf("the window with the process %d is gone", pid)
		}
		if least == 0 || now < least {
			least = now
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return least, nil
}

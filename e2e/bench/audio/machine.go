package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	machineSleep    = 2 * time.Millisecond
	machineLate     = 4 * time.Millisecond // beyond the sleep
	machinePriority = 50
	// machineAfter is how long after a stall an interruption is that it made: the
	// recording is behind by less.
	machineAfter = 150 * time.Millisecond
)

// machine watches whether the processors go on: a thread on each, before which
// nothing else runs, sleeps and looks how late it wakes. A virtual machine
// stands still whenever its host says so, and no program can play then.
type machine struct {
	mu    sync.Mutex
	last  time.Time
	times int
}

// watchMachine watches until ctx is done; it needs to be allowed real-time
// scheduling.
func watchMachine(ctx context.Context) (*machine, error) {
	m := &machine{}
	started := make(chan error)
	for cpu := range runtime.NumCPU() {
		go func() {
			runtime.LockOSThread() // and ends with the goroutine
			var set unix.CPUSet
			set.Set(cpu)
			err := unix.SchedSetaffinity(0, &set)
			if err == nil {
				err = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: machinePriority}, 0)
			}
			if started <- err; err == nil {
				m.watch(ctx)
			}
		}()
	}
	for range runtime.NumCPU() {
		if err := <-started; err != nil {
			return nil, fmt.Errorf("watch the machine: %w", err)
		}
	}
	return m, nil
}

func (m *machine) watch(ctx context.Context) {
	for before := time.Now(); ctx.Err() == nil; {
		sleep := unix.NsecToTimespec(int64(machineSleep))
		_ = unix.Nanosleep(&sleep, nil)
		now := time.Now()
		if now.Sub(before) > machineSleep+machineLate {
			m.mu.Lock()
			if now.Sub(m.last) > machineLate { // the other processor tells of the same
				m.times++
			}
			m.last = now
			m.mu.Unlock()
		}
		before = now
	}
}

// stalled is whether the machine stood still shortly before.
func (m *machine) stalled(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return now.Sub(m.last) < machineAfter
}

func (m *machine) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.times
}

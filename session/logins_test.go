//go:build !race

// The media SDK races with itself when people come and go this fast.

package session_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/devices"
	"parley/session"
)

// holdings are what a leak would add to.
type holdings struct {
	heap            uint64
	goroutines, fds int
}

// held waits until what ends in the background did, and measures. The media
// SDK sees its connections off after the logout.
func held(t *testing.T, atMost int) holdings {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end) && runtime.NumGoroutine() > atMost; {
		time.Sleep(20 * time.Millisecond)
	}
	runtime.GC()
	runtime.GC() // what the first has finalized
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := holdings{heap: m.HeapAlloc, goroutines: runtime.NumGoroutine()}
	// Where the system does not tell the files, nothing is compared. The store
	// keeps as many open as it has readers at once, which is bounded elsewhere.
	files, _ := os.ReadDir("/proc/self/fd")
	for _, f := range files {
		if target, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && !strings.Contains(target, "messages.db") {
			h.fds++
		}
	}
	return h
}

// TestManyLogins has five people log in and out, 500 times together, each tenth
// time with sound and picture both ways.
func TestManyLogins(t *testing.T) {
	const people, rounds, warm = 5, 100, 10
	bob := newPerson(t, "bob", 700)
	bob.join("many")
	bob.publish()
	saw(bob, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	var guests []*person
	for n := range people {
		p := newPerson(t, fmt.Sprint("guest", n), 440)
		p.hurried = true
		guests = append(guests, p)
	}
	bob.hurried = true
	idle := runtime.NumGoroutine()
	var before holdings
	began := time.Now()
	for round := 1; round <= rounds; round++ {
		var visits sync.WaitGroup
		for _, p := range guests {
			visits.Go(func() { p.comeAndGo(bob, round%10 == 0) })
		}
		visits.Wait()
		if t.Failed() {
			return
		}
		bob.clear()
		if round == warm {
			before = held(t, idle)
		}
	}
	after := held(t, before.goroutines)
	t.Logf("%d logins in %v: %+v, then %+v", people*rounds, time.Since(began).Round(time.Second), before, after)
	const heapMore, fdsMore = 4 << 20, 2 // packets of the last calls wait in pools
	if after.goroutines > before.goroutines || after.fds > before.fds+fdsMore || after.heap > before.heap+heapMore {
		t.Errorf("after %d logins %+v, after %d %+v", people*warm, before, people*rounds, after)
	}
	if opened := guests[0].lab.count(devices.Camera); opened != rounds/10 {
		t.Errorf("the camera was opened %d times", opened)
	}
}

// comeAndGo logs in and out; with media it publishes, and sees bob.
func (p *person) comeAndGo(bob *person, media bool) {
	if err := p.engine.LoginRoom(p.t.Context(), "many", session.User{ID: p.id}, session.Credential{}); err != nil {
		p.t.Error(err)
		return
	}
	if media {
		p.engine.EnableCamera(true)
		if err := p.engine.StartPublishing(p.id, session.Sources{Camera: true, Microphone: true}); err != nil {
			p.t.Error(err)
		}
		meets := func(p *person, stream string) {
			for end := time.Now().Add(15 * time.Second); !p.saw(stream); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					p.t.Errorf("%s never sees %s", p.id, stream)
					return
				}
			}
		}
		meets(p, "bob-main")
		meets(bob, p.id)
	}
	if err := p.engine.LogoutRoom(); err != nil {
		p.t.Error(err)
	}
	p.clear()
}

// saw reports whether a stream's first picture was seen.
func (p *person) saw(stream string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.events, func(e session.Event) bool {
		first, ok := e.(session.FirstVideoFrame)
		return ok && first.StreamID == stream
	})
}

// clear drops what was collected of a call.
func (p *person) clear() {
	p.forget()
	p.lab.mu.Lock()
	defer p.lab.mu.Unlock()
	p.lab.played = nil
}

func (l *lab) count(kind devices.Kind) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened[kind]
}

package session_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"parley/e2e/line"
	"parley/session"
)

// TestServerIsFoundElsewhere has the server lost at its address and found at
// another one, by its ID.
func TestServerIsFoundElsewhere(t *testing.T) {
	var lines [2]*line.Line
	for i := range lines {
		l, err := line.New(address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(l.Close)
		lines[i] = l
	}
	var mu sync.Mutex
	asked, ids, there := 0, make(map[string]bool), false
	ann := newPersonOf(t, session.Profile{Server: lines[0].Address(), Locate: func(_ context.Context, id string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		asked++
		ids[id] = true
		if !there {
			return "", errors.New("nobody answers")
		}
		return lines[1].Address(), nil
	}}, "ann", 440)
	bob := newPerson(t, "bob", 700)
	bob.join("moves")
	bob.publish()
	ann.join("moves")
	ann.publish()
	saw(ann, "bob's picture", func(e session.FirstVideoFrame) bool { return e.StreamID == "bob-main" })
	if asked > 0 {
		t.Error("the server was looked for while it was there")
	}
	ann.forget()
	lines[0].Cut(true)
	saw(ann, "a second try", func(e session.RoomStateChanged) bool { return e.Reason == session.ReasonReconnecting && e.Attempt == 2 })
	mu.Lock()
	there = true
	mu.Unlock()
	saw(ann, "the room", reason(session.ReasonReconnected))
	saw(ann, "bob's picture again", func(e session.FirstVideoFrame) bool { return e.StreamID == "bob-main" })
	mu.Lock()
	defer mu.Unlock()
	if len(ids) != 1 || ids[""] {
		t.Errorf("it was asked for %v", ids)
	}
}

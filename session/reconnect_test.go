package session_test

import (
	"errors"
	"testing"
	"time"

	"parley/e2e/line"
	"parley/session"
	"parley/session/chat"
)

// lose cuts a person's line until the room is given up.
func (p *person) lose(l *line.Line, reconnectFor time.Duration) {
	p.t.Helper()
	began := time.Now()
	l.Cut(true)
	saw(p, "a try", func(e session.RoomStateChanged) bool { return e.Reason == session.ReasonReconnecting && e.Attempt == 2 })
	e := saw(p, "the end of the tries", func(e session.RoomStateChanged) bool { return e.Reason == session.ReasonReconnectFailed })
	if e.State != session.RoomDisconnected || !errors.Is(e.Err, session.ErrServerUnreachable) {
		p.t.Errorf("%+v", e)
	}
	if took := time.Since(began); took < reconnectFor || took > reconnectFor+2*time.Second {
		p.t.Errorf("given up after %v", took)
	}
	l.Cut(false)
	p.forget()
}

// forget drops the events so far.
func (p *person) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = nil
}

func reason(want session.Reason) func(session.RoomStateChanged) bool {
	return func(e session.RoomStateChanged) bool { return e.Reason == want }
}

func TestRetryRestoresWhatWasLost(t *testing.T) {
	const reconnectFor = 1500 * time.Millisecond
	l, err := line.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close) // after the engine is closed
	ann, bob := newPersonAt(t, l.Address(), reconnectFor, "lost", 440), newPerson(t, "bob", 700)
	bob.join("retry")
	bob.publish()
	if err := ann.engine.Retry(); !errors.Is(err, session.ErrState) {
		t.Errorf("a retry without a room: %v", err)
	}
	ann.join("retry")
	ann.publish()
	saw(ann, "bob's picture", func(e session.FirstVideoFrame) bool { return e.StreamID == "bob-main" })
	eventually(t, "bob hears ann", func() bool { return bob.lab.heard(440) > 0.5 })
	if err := ann.engine.Retry(); !errors.Is(err, session.ErrState) {
		t.Errorf("a retry in a room: %v", err)
	}
	ann.engine.MuteMicrophone(true)
	ann.lose(l, reconnectFor)
	if err := ann.engine.StartPlaying("bob-main", session.Sinks{}); !errors.Is(err, session.ErrState) {
		t.Errorf("playing without a room: %v", err)
	}
	sent, err := ann.engine.Conversation().SendText(t.Context(), chat.Draft{Text: "from afar"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ann.engine.Retry(); err != nil {
		t.Fatal(err)
	}
	if err := ann.engine.Retry(); !errors.Is(err, session.ErrState) {
		t.Errorf("a second retry: %v", err)
	}
	if e := saw(ann, "the room", reason(session.ReasonReconnected)); e.State != session.RoomConnected {
		t.Errorf("%+v", e)
	}
	saw(ann, "publishing", func(e session.PublisherStateChanged) bool {
		return e.StreamID == "lost-main" && e.State == session.Publishing
	})
	saw(ann, "bob's picture", func(e session.FirstVideoFrame) bool { return e.StreamID == "bob-main" })
	saw(bob, "what ann wrote", func(e session.ChatEvent) bool {
		m, _ := e.Event.(chat.MessageChanged)
		return m.Message.ID == sent.ID
	})
	shown := bob.shown["lost-main"].Load()
	eventually(t, "bob sees ann", func() bool {
		bob.mu.Lock()
		defer bob.mu.Unlock()
		return bob.shown["lost-main"].Load() > shown+10
	})
	if bob.lab.heard(440) > 0.01 {
		t.Error("the muted microphone is heard")
	}
	ann.engine.MuteMicrophone(false)
	eventually(t, "bob hears ann again", func() bool { return bob.lab.heard(440) > 0.5 })
}

func TestLostRoomCanBeLeft(t *testing.T) {
	const reconnectFor = time.Second
	l, err := line.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close) // after the engine is closed
	ann := newPersonAt(t, l.Address(), reconnectFor, "left", 440)
	ann.join("left")
	ann.publish()
	ann.lose(l, reconnectFor)
	ann.join("left") // gives the lost one up
	ann.publish()
	saw(ann, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	ann.lose(l, reconnectFor)
	if err := ann.engine.LogoutRoom(); err != nil {
		t.Error(err)
	}
	if err := ann.engine.Retry(); !errors.Is(err, session.ErrState) {
		t.Errorf("a retry after the logout: %v", err)
	}
}

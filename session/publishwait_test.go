package session_test

import (
	"testing"
	"time"

	"parley/e2e/line"
	"parley/session"
)

// soon is how long the end of a login may take while something is published, which
// the media SDK waits 10 s for.
const soon = 3 * time.Second

// publishing has somebody in a room whose publication of a picture the server does not
// answer.
func publishing(t *testing.T, room string) (*person, *line.Line) {
	t.Helper()
	l, err := line.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close) // after the engine is closed
	ann := newPersonAt(t, l.Address(), 0, "ann-"+room, 440)
	ann.join(room)
	if err := ann.engine.StartPublishing(ann.id, session.Sources{Camera: true, Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(ann, "the sound is published", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	l.Hold(true)
	ann.engine.EnableCamera(true)
	time.Sleep(500 * time.Millisecond) // it is asked for by then
	return ann, l
}

func TestLeavingDoesNotWaitForAPublication(t *testing.T) {
	t.Parallel()
	ann, _ := publishing(t, "unanswered")
	began := time.Now()
	if err := ann.engine.LogoutRoom(); err != nil {
		t.Error(err)
	}
	if err := ann.engine.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v", took)
	}
}

// TestRemovalEndsAPublication has somebody put out while the server does not answer: the
// login is over at once, with its reason, and another can begin.
func TestRemovalEndsAPublication(t *testing.T) {
	t.Parallel()
	ann, l := publishing(t, "putout")
	other := newPerson(t, ann.id, 440)
	began := time.Now()
	other.join("putout")
	saw(ann, "why it ended", func(e session.RoomStateChanged) bool { return e.Reason == session.ReasonKickedOut })
	l.Hold(false)
	ann.join("elsewhere")
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v", took)
	}
	saw(ann, "the end of the stream", func(e session.PublisherStateChanged) bool { return e.State == session.NoPublish && e.Err == nil })
}

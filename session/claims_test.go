package session_test

import (
	"errors"
	"testing"
	"time"

	"parley/session"
)

func TestStreamIDBelongsToOne(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 550)
	ann.join("claims")
	bob.join("claims-elsewhere") // it is unique over all rooms
	if err := ann.engine.StartPublishing("shared", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(ann, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	if err := bob.engine.StartPublishing("shared", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	refused := saw(bob, "the refusal", func(e session.PublisherStateChanged) bool { return e.State == session.NoPublish && e.Err != nil })
	var used *session.StreamIDInUseError
	if !errors.Is(refused.Err, session.ErrStreamIDInUse) || !errors.As(refused.Err, &used) || used.Holder.ID != "ann" || refused.StreamID != "shared" {
		t.Errorf("%+v", refused)
	}
	// Nothing of his is published, and he may publish another.
	if err := bob.engine.StopPublishing(); !errors.Is(err, session.ErrState) {
		t.Error(err)
	}
	if err := bob.engine.StartPublishing("another", session.Sources{Microphone: true}); err != nil {
		t.Error(err)
	}
	saw(bob, "publishing", func(e session.PublisherStateChanged) bool {
		return e.State == session.Publishing && e.StreamID == "another"
	})
	// A stop frees it at once.
	if err := errors.Join(ann.engine.StopPublishing(), bob.engine.StopPublishing()); err != nil {
		t.Fatal(err)
	}
	saw(ann, "the stop", func(e session.PublisherStateChanged) bool {
		return e.State == session.NoPublish && e.StreamID == "shared"
	})
	saw(bob, "the stop", func(e session.PublisherStateChanged) bool {
		return e.State == session.NoPublish && e.StreamID == "another"
	})
	began := time.Now()
	if err := bob.engine.StartPublishing("shared", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(bob, "publishing", func(e session.PublisherStateChanged) bool {
		return e.State == session.Publishing && e.StreamID == "shared"
	})
	t.Logf("after %v", time.Since(began))
}

// TestClaimsAreRenewed publishes for longer than a claim lasts.
func TestClaimsAreRenewed(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 550)
	ann.join("renewals")
	bob.join("renewals")
	if err := ann.engine.StartPublishing("kept", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(ann, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	time.Sleep(14 * time.Second)
	if err := bob.engine.StartPublishing("kept", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(bob, "the refusal", func(e session.PublisherStateChanged) bool { return errors.Is(e.Err, session.ErrStreamIDInUse) })
}

// TestStreamIDOfAnEarlierVisit is waited for: its claim ends by itself.
func TestStreamIDOfAnEarlierVisit(t *testing.T) {
	elsewhere, ann := newPerson(t, "same", 440), newPerson(t, "same", 440)
	elsewhere.join("earlier")
	if err := elsewhere.engine.StartPublishing("mine", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(elsewhere, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	ann.join("later")
	if err := ann.engine.StartPublishing("mine", session.Sources{Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(ann, "that it is tried", func(e session.PublisherStateChanged) bool {
		return e.State == session.PublishRequesting && errors.Is(e.Err, session.ErrStreamIDInUse)
	})
	if err := elsewhere.engine.LogoutRoom(); err != nil {
		t.Fatal(err)
	}
	saw(ann, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
}

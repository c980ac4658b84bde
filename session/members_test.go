package session_test

import (
	"errors"
	"testing"

	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
)

func TestHandsRolesAndWaves(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 550)
	if err := ann.engine.RaiseHand(t.Context(), true); !errors.Is(err, session.ErrState) {
		t.Error(err)
	}
	if err := ann.engine.React("👍"); !errors.Is(err, session.ErrState) {
		t.Error(err)
	}
	ann.join("hands")
	saw(ann, "her role", func(e session.SelfChanged) bool { return e.Self.Role == wire.RoleMember && e.Self.Hand.IsZero() })
	if err := ann.engine.RaiseHand(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	up := saw(ann, "her hand", func(e session.SelfChanged) bool { return !e.Self.Hand.IsZero() })
	bob.join("hands") // who comes later sees it too
	saw(bob, "her hand", func(e session.RoomUsersChanged) bool {
		return len(e.Added) == 1 && e.Added[0].ID == "ann" && e.Added[0].Hand.Equal(up.Self.Hand) && e.Added[0].Role == wire.RoleMember
	})
	if err := ann.engine.RaiseHand(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	saw(bob, "that it is down", func(e session.RoomUsersChanged) bool { return len(e.Updated) == 1 && e.Updated[0].Hand.IsZero() })
	if err := ann.engine.React("🎉"); err != nil {
		t.Fatal(err)
	}
	saw(bob, "the wave", func(e session.ChatEvent) bool {
		wave, ok := e.Event.(chat.Waved)
		return ok && wave == chat.Waved{UserID: "ann", Name: "ANN", Emoji: "🎉"}
	})
	if err := ann.engine.React("not an emoji"); err == nil {
		t.Error("a text is shown as a reaction")
	}
	var err error
	for range 20 {
		err = errors.Join(err, ann.engine.React("👍"))
	}
	if !errors.Is(err, chat.ErrTooMany) {
		t.Error(err)
	}
}

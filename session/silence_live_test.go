package session_test

import (
	"testing"

	"parley/session"
)

// TestNothingIsPlayedWithoutASpeaker names what arrives and is not heard.
func TestNothingIsPlayedWithoutASpeaker(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 550)
	bob.lab.missing = true
	ann.join("silence")
	bob.join("silence")
	ann.publish()
	saw(bob, "that nothing is played", func(e session.SilenceChanged) bool { return e.Cause == session.SilenceNotPlayed && e.On })
}

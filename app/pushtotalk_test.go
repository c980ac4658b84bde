package app

import "testing"

// TestHoldToTalk has Space open the microphone while it is held, and shut it
// where it was open.
func TestHoldToTalk(t *testing.T) {
	d, _ := enter(t, "hold")
	c := d.c
	for _, on := range []bool{false, true} {
		c.setMicrophone(on)
		c.hold(true)
		c.hold(true) // a key that repeats
		if c.microphoneOn == on {
			t.Errorf("held: the microphone stays %v", on)
		}
		c.hold(false)
		c.hold(false)
		if c.microphoneOn != on {
			t.Errorf("let go: the microphone does not return to %v", on)
		}
	}
	c.window.Canvas().FocusNext()
	c.hold(true)
	if c.held {
		t.Error("a key that is typed somewhere opens the microphone")
	}
	c.window.Canvas().Unfocus()
	c.setMicrophone(false)
	c.hold(true)
	c.setMicrophone(true) // unmuted for good meanwhile
	c.hold(false)
	if !c.microphoneOn {
		t.Error("letting go undoes what was done by hand")
	}
}

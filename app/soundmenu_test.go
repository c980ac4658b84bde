package app

import (
	"testing"

	"parley/devices/voice"
	"parley/session"
	"parley/views/call"
)

// processorOf tells what is set.
type processorOf chan voice.Settings

func (s processorOf) Set(v voice.Settings) error {
	s <- v
	return nil
}

// TestSoundInACall changes what is done to the voice, keeps it, and says when a
// muted user talks.
func TestSoundInACall(t *testing.T) {
	d, r := enter(t, "sound")
	set := make(processorOf, 1)
	d.c.processor = set
	actions := d.c.soundActions()
	if s := actions.Sound(); s.ProcessingMissing || s.Processing != (call.Processing{Echo: true, Noise: true, Gain: true}) {
		t.Errorf("at first: %+v", s)
	}
	actions.Process(call.Processing{Echo: true, Gain: true})
	if got := <-set; got != (voice.Settings{Echo: true, Gain: true}) {
		t.Errorf("set: %+v", got)
	}
	if kept, err := LoadPreferences(d.c.data); err != nil || kept.voice() != (voice.Settings{Echo: true, Gain: true}) {
		t.Errorf("kept: %+v, %v", kept.voice(), err)
	}
	actions.UseSpeaker("none")
	if s := actions.Sound(); s.Speaker != "none" || s.Processing.Noise {
		t.Errorf("then: %+v", s)
	}
	d.c.handle(session.TalkingWhileMuted{})
	if r.view == nil {
		t.Error("the room is gone")
	}
}

package session

import "time"

// TalkingWhileMuted fires when the user speaks into a microphone that is muted,
// once for each time it is muted.
type TalkingWhileMuted struct{}

func (TalkingWhileMuted) event() {}

const (
	// talkingLevel is from which level on a sound is taken for speech, talkingFor
	// how much of it within talkingWithin is no cough.
	talkingLevel  = 45
	talkingFor    = 800 * time.Millisecond
	talkingWithin = 2 * time.Second
)

// mutedWatch notices speech into a muted microphone.
type mutedWatch struct {
	heard time.Duration
	since time.Time // when it began to listen, or last forgot
	told  bool
}

// observe takes the level of a moment, for as long as it lasted, and reports
// whether the user is to be told.
func (w *mutedWatch) observe(now time.Time, muted bool, level int, lasted time.Duration) bool {
	if !muted {
		*w = mutedWatch{}
		return false
	}
	if w.told {
		return false
	}
	if now.Sub(w.since) > talkingWithin {
		w.heard, w.since = 0, now
	}
	if level >= talkingLevel {
		w.heard += lasted
	}
	w.told = w.heard >= talkingFor
	return w.told
}

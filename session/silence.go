package session

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Silence is why nothing is heard though something should be.
type Silence int

// The causes, from one's own microphone to the own loudspeaker. That the
// microphone itself gives nothing, or zeros, comes as DeviceChanged.
const (
	// SilenceNotSent: the microphone delivers, but nothing is sent.
	SilenceNotSent Silence = iota + 1
	// SilenceNotArriving: sound is sent, but the server gets nothing.
	SilenceNotArriving
	// SilenceNotPlayed: others' sound arrives, but the speaker takes none.
	SilenceNotPlayed
	// SilenceFrom: somebody is not muted, but nothing comes from them.
	SilenceFrom
)

func (s Silence) String() string {
	return name([]string{"none", "not_sent", "not_arriving", "not_played", "nothing_from"}, int(s))
}

// SilenceChanged fires when nothing is heard though something should be, and
// when that is over. StreamID and UserID are set with SilenceFrom.
type SilenceChanged struct {
	Cause            Silence
	StreamID, UserID string
	On               bool
}

func (SilenceChanged) event() {}

const (
	silenceEvery = time.Second
	// silencePatience is how long something may be missing: packets are late,
	// and devices take their time to begin.
	silencePatience = 5 * time.Second
)

// hearing is what the sound did up to one moment.
type hearing struct {
	sounding bool      // the own microphone is open and not muted, and published
	captured int64     // bytes that were encoded of it
	sent     int64     // bytes that were sent
	arrived  time.Time // when the server last had something new
	played   int64     // what the speaker took of the others, all together
	streams  map[string]incoming
}

// incoming is the sound of one stream.
type incoming struct {
	userID string
	muted  bool // or without sound: nothing is to come
	bytes  int64
}

// silenceKey names one silence: that of a stream, or of all sound.
type silenceKey struct {
	cause    Silence
	streamID string
}

// silenceWatch compares one moment with the next.
type silenceWatch struct {
	before hearing
	began  time.Time                // of sounding
	since  map[silenceKey]time.Time // since when it is silent
	told   map[silenceKey]string    // the user, of those that were told
}

func newSilenceWatch() *silenceWatch {
	return &silenceWatch{since: make(map[silenceKey]time.Time), told: make(map[silenceKey]string)}
}

// observe takes a moment, and gives what changed.
func (w *silenceWatch) observe(now time.Time, h hearing) []SilenceChanged {
	silent := make(map[silenceKey]string)
	if !h.sounding || !w.before.sounding {
		w.began = now
	}
	if h.sounding {
		captures := h.captured != w.before.captured
		sends := h.sent != w.before.sent
		if captures && !sends {
			silent[silenceKey{SilenceNotSent, ""}] = ""
		}
		if sends && now.Sub(w.began) > silencePatience && now.Sub(h.arrived) > silencePatience {
			silent[silenceKey{SilenceNotArriving, ""}] = ""
		}
	}
	arrives := false
	for id, s := range h.streams {
		before, was := w.before.streams[id]
		comes := was && s.bytes != before.bytes
		arrives = arrives || comes
		if !s.muted && !comes {
			silent[silenceKey{SilenceFrom, id}] = s.userID
		}
	}
	if arrives && h.played == w.before.played {
		silent[silenceKey{SilenceNotPlayed, ""}] = ""
	}
	w.before = h
	return w.settle(now, silent)
}

// settle tells what is silent for longer than patience allows, and what is not
// any more.
func (w *silenceWatch) settle(now time.Time, silent map[silenceKey]string) []SilenceChanged {
	var changes []SilenceChanged
	keys := func(a, b silenceKey) int {
		if a.cause != b.cause {
			return int(a.cause - b.cause)
		}
		return strings.Compare(a.streamID, b.streamID)
	}
	for _, key := range slices.SortedFunc(maps.Keys(w.since), keys) {
		if _, still := silent[key]; still {
			continue
		}
		delete(w.since, key)
		if user, was := w.told[key]; was {
			delete(w.told, key)
			changes = append(changes, SilenceChanged{Cause: key.cause, StreamID: key.streamID, UserID: user})
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(silent), keys) {
		since, known := w.since[key]
		if !known {
			w.since[key] = now
			continue
		}
		patience := silencePatience
		if key.cause == SilenceNotArriving {
			patience = 0 // it waited already
		}
		if _, was := w.told[key]; !was && now.Sub(since) >= patience {
			w.told[key] = silent[key]
			changes = append(changes, SilenceChanged{Cause: key.cause, StreamID: key.streamID, UserID: silent[key], On: true})
		}
	}
	return changes
}

// listenForSilence looks, on the loop, whether all that should be heard is.
func (e *Engine) listenForSilence(now time.Time) {
	l := e.login
	if l == nil {
		return
	}
	h := hearing{streams: make(map[string]incoming)}
	if l.visit != nil && l.state == RoomConnected { // while reconnecting, that is the cause
		if _, audio, _ := l.publisher.sent(); audio != nil {
			s := audio.stats()
			h.sounding, h.captured = e.microphone.sounding(), e.microphone.bytes()
			h.sent, h.arrived = s.bytes, s.since
		}
		for id, p := range l.players {
			stream := l.streams[id]
			in := incoming{userID: p.userID, muted: !stream.Audio.Present || stream.Audio.Muted}
			for _, t := range p.tracks {
				if t.audio != nil {
					in.bytes += t.received.Stats().Bytes
					h.played += int64(t.audio.Stats().Played)
				}
			}
			h.streams[id] = in
		}
	}
	for _, change := range l.silence.observe(now, h) {
		e.events.post(change)
	}
}

package session

import (
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"parley/session/media"
)

// Sized is a Sinks.Video that knows in how many pixels its pictures are seen, 0x0
// where nobody sees them. Only what is worth it is received then. Wanted is called
// on the engine's goroutine.
type Sized interface {
	Wanted() (width, height int)
}

const (
	// viewEvery is how often it is asked for. Who begins to look, or looks at a
	// larger picture, does not wait; what gets smaller, or out of sight, may come
	// back at once: it has to last for viewPatience.
	viewEvery    = 200 * time.Millisecond
	viewPatience = time.Second
	// viewAlike is by how much a size may change without being worth a word.
	viewAlike = 1.1
)

// view is what was asked of a track.
type view struct {
	width, height int
	off           bool
	less          time.Time // since when less would do; zero if it would not
}

// ask decides what to ask for when a size is wanted, and reports whether that is
// something new.
func (v *view) ask(width, height int, now time.Time) bool {
	off := width == 0 || height == 0
	switch {
	case off == v.off && (off || alike(width, v.width) && alike(height, v.height)):
		v.less = time.Time{}
		return false
	case !off && (v.off || width > v.width || height > v.height):
	case v.less.IsZero():
		v.less = now
		return false
	case now.Sub(v.less) < viewPatience:
		return false
	}
	v.off, v.less = off, time.Time{}
	if !off {
		v.width, v.height = width, height
	}
	return true
}

func alike(a, b int) bool {
	return float64(a) <= float64(b)*viewAlike && float64(b) <= float64(a)*viewAlike
}

// matchViews asks, on the loop, for pictures of the size in which they are seen.
func (e *Engine) matchViews(now time.Time) {
	l := e.login
	if l == nil || l.visit == nil || l.state != RoomConnected {
		return
	}
	for _, p := range l.players {
		sized, ok := p.sinks.Video.(Sized)
		if !ok {
			continue
		}
		width, height := sized.Wanted()
		for _, pub := range publications(l.visit, p) {
			if sid := pub.SID(); pub.Kind() == lksdk.TrackKindVideo && p.asked[sid] {
				v := p.views[sid]
				if v == nil {
					v = new(view)
					p.views[sid] = v
				}
				if v.ask(width, height, now) {
					request(pub, *v)
					if t := p.tracks[sid]; t != nil && t.video != nil {
						t.video.Paused(v.off)
					}
				}
			}
		}
	}
}

func request(pub *lksdk.RemoteTrackPublication, v view) {
	if !v.off {
		pub.SetVideoDimensions(uint32(v.width), uint32(v.height))
	}
	if pub.IsEnabled() == v.off {
		pub.SetEnabled(!v.off)
	}
}

// soundBits is what is left to the sound of a line that carries more.
const soundBits = 80_000

// matchLine tells, on the loop, what is published how much the line carries.
func (e *Engine) matchLine() {
	l := e.login
	if l == nil || l.visit == nil {
		return
	}
	bits := l.visit.bandwidth.bits()
	sound := soundBits
	if e.screen.sound.active() {
		sound += media.SharedBits
	}
	bits = max(bits-sound, bits/2)
	if e.screen.active() {
		screen := bits
		if e.camera.active() {
			screen = int(float64(bits) * screenPart)
		}
		l.sharing.carry(screen)
		bits -= screen
	}
	l.publisher.carry(bits)
}

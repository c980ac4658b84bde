package media

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
)

const (
	// speakerDelay is about how long the devices take from what is given to the
	// speaker to what is heard.
	speakerDelay = 25 * time.Millisecond
	// pictureWait is for how long a picture waits for its sound at most; one
	// that would have to wait longer has a wrong clock.
	pictureWait = 400 * time.Millisecond
	// soundWait is for how long sound waits for late pictures at most, soundStep
	// by how much that changes in a second, and soundAhead by how much sound may
	// be before its picture: less than anybody notices.
	soundWait  = 200 * time.Millisecond
	soundStep  = 20 * time.Millisecond
	soundAhead = 40 * time.Millisecond
)

// senderClock tells when something was captured, by the sender reports of its
// track (RFC 3550, section 6.4.1).
type senderClock struct {
	rate  int64 // RTP ticks a second
	known bool
	ntp   int64 // ns of the sender's clock
	rtp   uint32
}

func (c *senderClock) report(r *rtcp.SenderReport) {
	// 32 bits of seconds, 32 of their fraction.
	c.ntp = int64(r.NTPTime>>32)*int64(time.Second) + int64((r.NTPTime&0xFFFFFFFF)*uint64(time.Second)>>32)
	c.rtp, c.known = r.RTPTime, true
}

// captured is in ns of the sender's clock.
func (c *senderClock) captured(ts uint32) int64 {
	return c.ntp + int64(int32(ts-c.rtp))*int64(time.Second)/c.rate
}

// LipSync keeps the pictures of a stream with its sound: pictures wait until
// the sound that was captured with them is heard, and where pictures come later
// than that, the sound is to be held for longer.
type LipSync struct {
	mu    sync.Mutex
	sound senderClock
	video senderClock
	// later is when sound is heard, after it was captured: between two clocks
	// that may differ by any time.
	later   time.Duration
	heard   time.Time // when later was last measured; zero before
	late    time.Duration
	shown   bool // late was measured
	hold    time.Duration
	settled time.Time
}

// NewLipSync makes one for a stream.
func NewLipSync() *LipSync {
	return &LipSync{sound: senderClock{rate: 48000}, video: senderClock{rate: 90000}}
}

// SoundReport and VideoReport take the sender reports of the two tracks.
func (l *LipSync) SoundReport(r *rtcp.SenderReport) { l.report(&l.sound, r) }

// VideoReport takes a sender report of the pictures.
func (l *LipSync) VideoReport(r *rtcp.SenderReport) { l.report(&l.video, r) }

func (l *LipSync) report(c *senderClock, r *rtcp.SenderReport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.report(r)
}

// Heard is told that the speaker gets what has a timestamp at a time, and gives
// for how long sound is to be held at least.
func (l *LipSync) Heard(ts uint32, at time.Time) (hold time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.sound.known {
		return 0
	}
	later := time.Duration(at.Add(speakerDelay).UnixNano() - l.sound.captured(ts))
	if off := later - l.later; l.heard.IsZero() || off > pictureWait || off < -pictureWait {
		l.later = later
	} else {
		l.later += off / 32
	}
	l.heard = at
	return l.hold
}

// soundGone is after what without sound pictures do not wait for any.
const soundGone = time.Second

// Due is when a picture is to be shown that could be now.
func (l *LipSync) Due(ts uint32, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.video.known || now.Sub(l.heard) > soundGone {
		l.shown, l.hold = false, 0
		return now
	}
	due := time.Duration(l.video.captured(ts) + int64(l.later))
	late := time.Duration(now.UnixNano()) - due
	if late < -pictureWait || late > 5*time.Second {
		return now
	}
	if !l.shown {
		l.shown, l.late, l.settled = true, late, now
	}
	l.late += (late - l.late) / 32
	if now.Sub(l.settled) > time.Second {
		l.settled = now
		step := min(max(l.late-soundAhead, -soundStep), soundStep)
		l.hold = min(max(l.hold+step, 0), soundWait)
	}
	if late >= 0 {
		return now
	}
	return now.Add(-late)
}

// Offset is by how much pictures are shown after their sound; ok is false where
// that is not known.
func (l *LipSync) Offset() (offset time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.late, 0), l.shown
}

package media

import (
	"sync/atomic"
	"time"
)

const (
	// freezesWindow is over how many pictures the usual time between them is taken.
	freezesWindow = 30
	// freezesMargin is by how much a picture has to be later than usual.
	freezesMargin = 150 * time.Millisecond
)

// freezes measures for how long pictures stood still that should have moved:
// totalFreezesDuration of the W3C's "Identifiers for WebRTC's Statistics API".
// It belongs to one goroutine, but for total.
type freezes struct {
	last  time.Time // zero before the first picture
	gaps  [freezesWindow]time.Duration
	sum   time.Duration
	count int // of all gaps
	total atomic.Int64
}

// picture notes that one was shown.
func (f *freezes) picture(now time.Time) {
	if f.last.IsZero() {
		f.last = now
		return
	}
	gap := now.Sub(f.last)
	f.last = now
	if known := min(f.count, freezesWindow); known > 0 {
		usual := f.sum / time.Duration(known)
		if gap >= max(3*usual, usual+freezesMargin) {
			f.total.Add(int64(gap))
		}
	}
	slot := &f.gaps[f.count%freezesWindow]
	f.sum += gap - *slot
	*slot = gap
	f.count++
}

// pause has the time until the next picture not count.
func (f *freezes) pause() { f.last = time.Time{} }

func (f *freezes) duration() time.Duration { return time.Duration(f.total.Load()) }

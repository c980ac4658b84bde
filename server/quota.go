package server

import (
	"context"
	"sync"
	"time"
)

// quota is how much of something may be taken: most at once, and as much again in
// the time that follows.
type quota struct {
	name string // of who takes, and what
	take int64
	most int64
	over time.Duration
}

// quotas count what is taken.
type quotas interface {
	// take takes from all of the quotas, or from none and says how long to wait.
	take(ctx context.Context, of ...quota) time.Duration
}

// tooMuch says how long somebody waits who wants more than there ever is.
func tooMuch(of []quota) (wait time.Duration) {
	for _, q := range of {
		if q.take > q.most {
			wait = max(wait, q.over)
		}
	}
	return wait
}

// ownQuotas count in this process.
type ownQuotas struct {
	now func() time.Time

	mu    sync.Mutex
	left  map[string]remainder
	swept time.Time
}

// remainder is what was left of a quota at a time.
type remainder struct {
	amount float64
	at     time.Time
	full   time.Time // when all of it is back
}

// quotasMost bounds those who are counted. While there are more, further ones wait.
const quotasMost = 50_000

func newOwnQuotas() *ownQuotas { return &ownQuotas{now: time.Now, left: make(map[string]remainder)} }

func (o *ownQuotas) take(_ context.Context, of ...quota) time.Duration {
	if wait := tooMuch(of); wait > 0 {
		return wait
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	var wait time.Duration
	for _, q := range of {
		if _, known := o.left[q.name]; !known && !o.room(len(of), now) {
			return q.over
		}
		if missing := float64(q.take) - o.have(q, now); missing > 0 {
			wait = max(wait, time.Duration(missing*float64(q.over)/float64(q.most))+time.Nanosecond)
		}
	}
	if wait > 0 {
		return wait
	}
	o.charge(of, now)
	return 0
}

// note counts what was taken elsewhere, as far as there was any of it here.
func (o *ownQuotas) note(of []quota) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := o.now(); o.room(len(of), now) {
		o.charge(of, now)
	}
}

func (o *ownQuotas) charge(of []quota, now time.Time) {
	for _, q := range of {
		amount := max(0, o.have(q, now)-float64(q.take))
		missing := float64(q.most) - amount
		o.left[q.name] = remainder{amount: amount, at: now, full: now.Add(time.Duration(missing * float64(q.over) / float64(q.most)))}
	}
}

// have is what is left of a quota by now.
func (o *ownQuotas) have(q quota, now time.Time) float64 {
	r, known := o.left[q.name]
	if !known {
		return float64(q.most)
	}
	back := float64(max(0, now.Sub(r.at))) * float64(q.most) / float64(q.over)
	return min(float64(q.most), r.amount+back)
}

// room tells whether more can be counted. It forgets those who have all theirs.
func (o *ownQuotas) room(more int, now time.Time) bool {
	if len(o.left)+more <= quotasMost {
		return true
	}
	if now.Sub(o.swept) >= time.Second { // not for each of a crowd
		o.swept = now
		for name, r := range o.left {
			if !now.Before(r.full) {
				delete(o.left, name)
			}
		}
	}
	return len(o.left)+more <= quotasMost
}

package chat

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/time/rate"

	"parley/session/wire"
)

// Activity is what somebody does at the moment.
type Activity string

// The activities.
const (
	Idle      Activity = "idle"
	Typing    Activity = "typing"
	Recording Activity = "recording"
	// waving is no state, but an emoji that is shown for a moment.
	waving Activity = "reaction"
)

// Waves a second that are sent, and that are taken from all others together.
const (
	wavesOut, wavesOutBurst = 4, 8
	wavesIn, wavesInBurst   = 40, 80
)

// ErrTooMany means that something was done too often; a little later it works.
var ErrTooMany = errors.New("too often")

const (
	// activityLife is how long an activity is shown without being renewed.
	activityLife = 6 * time.Second
	// activityEvery is how often an activity that goes on is sent again.
	activityEvery = 3 * time.Second
	activityMax   = 1 << 10 // bytes
	// activePeopleMax bounds those who are shown at once.
	activePeopleMax = 64
)

// liveMessage is what travels, to those who are there and nobody else.
type liveMessage struct {
	Version  int      `json:"v"`
	Name     string   `json:"name,omitempty"`
	Activity Activity `json:"activity"`
	Reaction string   `json:"reaction,omitempty"` // with a wave
}

// activities keeps what the others do, and what the user does.
type activities struct {
	notify func(Event)

	mu     sync.Mutex
	closed bool
	others map[string]*active
	own    Activity
	sent   time.Time

	wavesOut, wavesIn *rate.Limiter
}

type active struct {
	name     string
	activity Activity
	timer    *time.Timer
}

func newActivities(notify func(Event)) *activities {
	return &activities{
		notify: notify, others: make(map[string]*active), own: Idle,
		wavesOut: rate.NewLimiter(wavesOut, wavesOutBurst), wavesIn: rate.NewLimiter(wavesIn, wavesInBurst),
	}
}

func (a *activities) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for id, p := range a.others {
		p.timer.Stop()
		delete(a.others, id)
	}
}

// due reports whether the user's activity is to be sent: it is another, or it
// goes on and the others would forget it.
func (a *activities) due(activity Activity, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if activity == a.own && (activity == Idle || now.Sub(a.sent) < activityEvery) {
		return false
	}
	a.own, a.sent = activity, now
	return true
}

// set notes what somebody does, for activityLife.
func (a *activities) set(user, name string, activity Activity) {
	a.mu.Lock()
	p := a.others[user]
	if a.closed || p == nil && (activity == Idle || len(a.others) >= activePeopleMax) {
		a.mu.Unlock()
		return
	}
	if p == nil {
		p = &active{activity: Idle}
		p.timer = time.AfterFunc(activityLife, func() { a.set(user, name, Idle) })
		a.others[user] = p
	} else {
		p.timer.Reset(activityLife)
	}
	changed := p.activity != activity
	p.name, p.activity = name, activity
	if activity == Idle {
		p.timer.Stop()
		delete(a.others, user)
	}
	a.mu.Unlock()
	if changed {
		a.notify(ActivityChanged{UserID: user, Name: name, Activity: activity})
	}
}

// clear ends the activity of somebody whose message came.
func (a *activities) clear(user string, kind Kind) {
	if kind == KindReceipt || kind == KindReaction {
		return
	}
	a.mu.Lock()
	p := a.others[user]
	name := ""
	if p != nil {
		name = p.name
	}
	a.mu.Unlock()
	if p != nil {
		a.set(user, name, Idle)
	}
}

// SetActivity tells the others what the user does. It may be called with every
// key stroke.
func (c *Conversation) SetActivity(activity Activity) {
	l, _ := c.current()
	if l == nil || !l.online.Load() || !c.activities.due(activity, time.Now()) {
		return
	}
	if err := l.sendLive(liveMessage{Activity: activity}); err != nil {
		c.p.Logger.Debug("an activity was not told", "error", err)
	}
}

// Wave shows an emoji to those who are there, for a moment. Too many are
// ErrTooMany; without a connection it is ErrOffline.
func (c *Conversation) Wave(emoji string) error {
	if !isReaction(emoji) {
		return &wire.FieldError{Field: "reaction", Err: wire.ErrCharacters}
	}
	l, _ := c.current()
	if l == nil || !l.online.Load() {
		return ErrOffline
	}
	if !c.activities.wavesOut.Allow() {
		return ErrTooMany
	}
	return l.sendLive(liveMessage{Activity: waving, Reaction: emoji})
}

func (l *link) sendLive(m liveMessage) error {
	m.Version, m.Name = Version, l.c.p.User.Name
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return l.nc.Publish(wire.LiveSubject(l.c.p.Key.RoomID, l.c.p.User.ID), data)
}

// live takes what somebody does.
func (l *link) live(m *nats.Msg) {
	user, err := wire.SubjectUser(m.Subject)
	if err != nil || wire.CheckUserID(user) != nil || user == l.c.p.User.ID {
		return
	}
	live, ok := parseLive(m.Data)
	switch {
	case !ok || l.closing.Load():
	case live.Activity == waving:
		if l.c.activities.wavesIn.Allow() {
			l.c.notify(Waved{UserID: user, Name: live.Name, Emoji: live.Reaction})
		}
	default:
		l.c.activities.set(user, live.Name, live.Activity)
	}
}

func parseLive(data []byte) (live liveMessage, ok bool) {
	if len(data) > activityMax || json.Unmarshal(data, &live) != nil {
		return live, false
	}
	switch live.Activity {
	case Idle, Typing, Recording:
	case waving:
		if !isReaction(live.Reaction) {
			return live, false
		}
	default:
		return live, false
	}
	if wire.CheckUserName(live.Name) != nil {
		live.Name = ""
	}
	return live, true
}

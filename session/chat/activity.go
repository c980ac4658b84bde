package chat

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"parley/session/wire"
)

// Activity is what somebody does at the moment.
type Activity string

// The activities.
const (
	Idle      Activity = "idle"
	Typing    Activity = "typing"
	Recording Activity = "recording"
)

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
}

// activities keeps what the others do, and what the user does.
type activities struct {
	notify func(Event)

	mu     sync.Mutex
	closed bool
	others map[string]*active
	own    Activity
	sent   time.Time
}

type active struct {
	name     string
	activity Activity
	timer    *time.Timer
}

func newActivities(notify func(Event)) *activities {
	return &activities{notify: notify, others: make(map[string]*active), own: Idle}
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
	data, err := json.Marshal(liveMessage{Version: Version, Name: c.p.User.Name, Activity: activity})
	if err != nil {
		return // nothing in it can fail
	}
	if err := l.nc.Publish(wire.LiveSubject(c.p.Key.RoomID, c.p.User.ID), data); err != nil {
		c.p.Logger.Debug("an activity was not told", "error", err)
	}
}

// live takes what somebody does.
func (l *link) live(m *nats.Msg) {
	user, err := wire.SubjectUser(m.Subject)
	if err != nil || wire.CheckUserID(user) != nil || user == l.c.p.User.ID {
		return
	}
	if live, ok := parseLive(m.Data); ok && !l.closing.Load() {
		l.c.activities.set(user, live.Name, live.Activity)
	}
}

func parseLive(data []byte) (live liveMessage, ok bool) {
	if len(data) > activityMax || json.Unmarshal(data, &live) != nil {
		return live, false
	}
	switch live.Activity {
	case Idle, Typing, Recording:
	default:
		return live, false
	}
	if wire.CheckUserName(live.Name) != nil {
		live.Name = ""
	}
	return live, true
}

package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"parley/session"
	"parley/session/chat"
)

// handPatience is how long the server may take to raise a hand.
const handPatience = 5 * time.Second

// hands are the places of those whose hand is up, the longest first, from 1.
func (r *room) hands() map[string]int {
	up := slices.DeleteFunc(slices.Clone(r.users), func(m session.Member) bool { return m.Hand.IsZero() })
	if !r.hand.IsZero() {
		up = append(up, session.Member{User: r.user, Hand: r.hand})
	}
	slices.SortFunc(up, func(a, b session.Member) int { return cmp.Or(a.Hand.Compare(b.Hand), cmp.Compare(a.ID, b.ID)) })
	places := make(map[string]int, len(up))
	for i, m := range up {
		places[m.ID] = i + 1
	}
	return places
}

// toggleHand raises the own hand, or takes it down. It is shown once the server
// says that it is so.
func (r *room) toggleHand() {
	up := r.hand.IsZero()
	r.lowering = !up
	r.c.work.Go(func() {
		ctx, cancel := context.WithTimeout(r.c.ctx, handPatience)
		defer cancel()
		err := r.c.engine.RaiseHand(ctx, up)
		if err == nil || r.c.ctx.Err() != nil {
			return
		}
		r.c.log.Warn("the hand was not raised or lowered", "error", err)
		r.c.dispatch(func() {
			r.lowering = false
			if r.c.room == r {
				r.notice(r.c.loc.T("notice.hand.failed"))
			}
		})
	})
}

// selfChanged takes what the server says of the user.
func (r *room) selfChanged(self session.Member) {
	r.role = self.Role
	lost := !r.hand.IsZero() && self.Hand.IsZero() && !r.lowering
	r.hand, r.lowering = self.Hand, false
	switch {
	case !lost:
	case r.state != session.RoomConnected || time.Since(r.cameBack) < handPatience:
		r.toggleHand() // to the server one is somebody who just came
	default:
		r.notice(r.c.loc.T("notice.hand.lowered"))
	}
}

// raised tells that somebody else wants to say something.
func (r *room) raised(u session.User) {
	name := map[string]any{"Name": displayName(u)}
	r.c.play(handTune())
	r.notice(r.c.loc.Tf("notice.hand", name))
	r.c.notify(r.c.loc.T("app.name"), r.c.loc.Tf("notice.hand", name))
}

// react shows an emoji to all, and here once it is on its way.
func (r *room) react(emoji string) {
	r.c.do(func() {
		err := r.c.engine.React(emoji)
		if err != nil {
			r.c.log.Info("a reaction was not sent", "error", err)
		}
		r.c.dispatch(func() {
			switch {
			case r.c.room != r:
			case err == nil:
				r.view.React(r.user.ID, emoji)
			case errors.Is(err, chat.ErrTooMany):
				r.notice(r.c.loc.T("notice.react.many"))
			default:
				r.notice(r.c.loc.T("notice.react.failed"))
			}
		})
	})
}

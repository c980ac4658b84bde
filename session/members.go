package session

import (
	"context"
	"fmt"
	"strconv"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"parley/session/wire"
)

// Role is what somebody may do in a room.
type Role = wire.Role

// Member is a user who is in the room.
type Member struct {
	User
	Role Role
	// Hand is since when the hand is raised; zero when it is not.
	Hand time.Time
}

// memberOf reads a participant of the media engine. Attributes are the
// server's word; names are other people's.
func memberOf(p lksdk.Participant) Member {
	m := Member{User: User{ID: p.Identity(), Name: p.Name()}, Role: wire.RoleMember}
	if wire.CheckUserName(m.Name) != nil {
		m.Name = ""
	}
	attributes := p.Attributes()
	switch role := Role(attributes[wire.AttributeRole]); role {
	case wire.RoleHost, wire.RoleMember, wire.RoleListener:
		m.Role = role
	}
	if since, err := strconv.ParseInt(attributes[wire.AttributeHand], 10, 64); err == nil && since > 0 {
		m.Hand = time.UnixMilli(since)
	}
	return m
}

// RaiseHand raises the user's hand for all to see, or takes it down. It waits
// for the server; SelfChanged says when it is so.
func (e *Engine) RaiseHand(ctx context.Context, on bool) error {
	l, err := e.loggedIn("raise the hand")
	if err != nil {
		return err
	}
	if _, err := l.control(ctx, wire.HandSubject(l.roomID, l.user.ID), wire.HandRequest{Raised: on}); err != nil {
		return fmt.Errorf("raise the hand: %w", err)
	}
	return nil
}

// React shows an emoji to all who are in the call, for a moment.
func (e *Engine) React(emoji string) error {
	l, err := e.loggedIn("react")
	if err != nil {
		return err
	}
	if err := l.conversation.Load().Wave(emoji); err != nil {
		return fmt.Errorf("react: %w", err)
	}
	return nil
}

// loggedIn gives the login, once it was connected.
func (e *Engine) loggedIn(what string) (l *login, err error) {
	err = e.call(func() error {
		if e.login == nil || e.login.conversation.Load() == nil {
			return fmt.Errorf("%s: not logged in: %w", what, ErrState)
		}
		l = e.login
		return nil
	})
	return l, err
}

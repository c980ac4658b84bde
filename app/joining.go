package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"parley/app/hosting"
	"parley/devices"
	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
	"parley/views/join"
)

func parseInvite(text string) (join.Invite, bool) {
	invite, err := wire.ParseInvite(text)
	if err != nil {
		return join.Invite{}, false
	}
	return join.Invite{Room: invite.RoomID, Server: invite.Server, App: invite.AppID, Token: invite.Token, ServerID: invite.ServerID}, true
}

// showRecents lists the rooms visited before.
func (c *controller) showRecents() {
	c.work.Go(func() {
		list, err := c.store.Recents(c.ctx, 5)
		if err != nil {
			c.log.Warn("recent rooms can't be read", "error", err)
			return
		}
		now := time.Now()
		var recents []join.Recent
		keys := make(map[join.Recent]chat.RoomKey)
		for _, r := range list {
			recent := join.Recent{ServerID: r.Key.Server, Room: r.Key.RoomID, App: r.Key.AppID, Server: r.Address, Unread: r.Unread, Time: c.when(r.Visited, now)}
			if r.Last.ID != "" {
				recent.Time = c.when(r.Last.Time, now)
			}
			if r.Last.Supported && !r.Last.Deleted {
				recent.Last = strings.TrimSpace(c.summary(r.Last))
			}
			recents, keys[recent] = append(recents, recent), r.Key
		}
		c.dispatch(func() {
			c.joinView.SetRecents(recents, func(r join.Recent) { c.follow(c.formOf(r), true) },
				func(r join.Recent) { c.readRoom(r, keys[r]) })
		})
	})
}

// formOf fills in a room that was visited before.
func (c *controller) formOf(r join.Recent) joinForm {
	f := c.joinView.Form()
	f.Room, f.Server, f.App, f.Token, f.ServerID = r.Room, r.Server, r.App, "", ""
	f.Host = r.ServerID != "" && r.ServerID == c.preferences.HostedID
	switch {
	case f.Host:
		f.Server, f.App = "", ""
	case wire.IsServerID(r.ServerID):
		f.ServerID = r.ServerID // it is found at another address
	}
	return f
}

// when is a time of today, or else a day.
func (c *controller) when(t, now time.Time) string {
	day := c.loc.Day(t, now)
	if day == c.loc.Day(now, now) {
		return c.loc.Clock(t.In(now.Location()))
	}
	return day
}

// join enters the room of the form, hosting it first where that is asked.
func (c *controller) join(f joinForm) {
	progress := "progress.connecting"
	if f.Host {
		progress = "progress.hosting"
	}
	c.joinBy(f, c.loc.T(progress), func(context.Context) (joinForm, error) { return f, nil })
}

// joinBy enters a room by what prepare, off the UI thread, makes of the form.
func (c *controller) joinBy(f joinForm, progress string, prepare func(context.Context) (joinForm, error)) {
	if c.joining != nil || c.room != nil {
		return
	}
	if err := check(f); err != nil {
		c.fail(err)
		return
	}
	c.keep(f)
	ctx, cancel := context.WithCancel(c.ctx)
	c.joining = cancel
	c.joinView.SetProgress(progress)
	c.work.Go(func() {
		var r *room
		f, err := prepare(ctx)
		if err == nil {
			r, err = c.enter(ctx, f)
		}
		c.dispatch(func() {
			cancelled := ctx.Err() != nil
			cancel()
			c.joining = nil
			switch {
			case err == nil && cancelled:
				c.endRoom(r, func() {})
				c.joinView.SetIdle()
			case cancelled:
				c.joinView.SetIdle()
			case err != nil:
				c.log.Warn("joining failed", "error", err)
				c.fail(err)
				if errors.Is(err, session.ErrPasscodeRequired) || errors.Is(err, session.ErrPasscodeWrong) {
					c.joinWithPasscode(f)
				}
			default:
				c.enterRoom(r)
			}
			c.afterJoining()
		})
	})
}

// check finds what can be known to be wrong before anything is started.
func check(f joinForm) error {
	if err := wire.CheckRoomID(f.Room); err != nil {
		return err
	}
	if strings.TrimSpace(f.Name) == "" {
		return &wire.FieldError{Field: "user_name", Err: wire.ErrEmpty} // the one thing that the first start asks
	}
	if err := wire.CheckUserName(f.Name); err != nil {
		return err
	}
	if f.Host {
		return nil
	}
	_, err := wire.ServerURL(f.Server)
	return err
}

func (c *controller) fail(err error) {
	c.joinView.SetError(c.words(problemOf(err), err))
}

func (c *controller) cancelJoin() {
	if c.joining != nil {
		c.joining()
	}
}

// keep remembers the form for the next start.
func (c *controller) keep(f joinForm) {
	p := &c.preferences
	p.Name, p.Room, p.Server, p.Host = f.Name, f.Room, f.Server, f.Host
	p.CameraOn, p.MicrophoneOff = f.CameraOn, !f.MicrophoneOn
	p.Camera, p.Microphone, p.Speaker = f.Camera, f.Microphone, f.Speaker
	p.CameraID, p.MicrophoneID, p.SpeakerID = c.deviceID(devices.Camera, f.Camera), c.deviceID(devices.Microphone, f.Microphone), c.deviceID(devices.Speaker, f.Speaker)
	c.save()
}

// enter logs in, off the UI thread.
func (c *controller) enter(ctx context.Context, f joinForm) (*room, error) {
	c.leaving.Wait()
	r := &room{c: c, id: f.Room, began: time.Now(), user: session.User{ID: c.preferences.UserID, Name: f.Name}, appID: f.App, token: f.Token, server: f.Server, serverID: f.ServerID,
		streams: make(map[string]*playing), quality: make(map[string]session.Quality), gains: make(map[string]float32)}
	if f.Host {
		host, err := hosting.Start(ctx, hosting.Options{Data: c.data, ServerData: ServerData(c.data), Logger: c.log})
		if err != nil {
			return nil, err
		}
		r.host, r.server, r.appID, r.serverID = host, host.Address(), "", host.ServerID()
		if r.token, err = host.Token(r.id, r.user.ID, wire.RoleHost); err != nil {
			host.Close()
			return nil, err
		}
		c.dispatch(func() {
			if c.joining != nil {
				c.joinView.SetProgress(c.loc.T("progress.waiting"))
			}
		})
	}
	if err := c.logIn(ctx, r, f.Passcode); err != nil {
		if r.host != nil {
			r.host.Close()
		}
		return nil, err
	}
	return r, nil
}

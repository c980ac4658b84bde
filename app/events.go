package app

import (
	"errors"
	"time"

	"parley/devices"
	"parley/session"
	"parley/session/chat"
)

// handle takes an event of the session, on the UI thread.
func (c *controller) handle(event session.Event) {
	switch e := event.(type) {
	case session.DeviceChanged:
		c.deviceChanged(e)
		return
	case session.SoundLevels:
		c.levels(e)
		return
	}
	if c.room == nil {
		// Between the login and the view of the room.
		switch e := event.(type) {
		case session.RoomStateChanged:
			if e.Reason == session.ReasonLogining {
				c.early = nil
			}
		case session.LobbyEntered:
			if c.joining != nil {
				c.joinView.SetProgress(c.loc.T("progress.lobby"))
			}
		}
		c.early = append(c.early, event)
		return
	}
	c.inRoom(c.room, event)
}

func (c *controller) inRoom(r *room, event session.Event) {
	switch e := event.(type) {
	case session.RoomStateChanged:
		c.roomState(r, e)
	case session.RoomUsersChanged:
		r.usersChanged(e)
		c.tidier.soon()
		for _, u := range e.Added {
			r.tell("notice.joined", u.User)
			r.moved(u.User, true)
		}
		for _, u := range e.Removed {
			r.tell("notice.left", u.User)
			r.moved(u.User, false)
		}
	case session.RoomStreamsChanged:
		r.streamsChanged(e)
	case session.NetworkQuality:
		r.quality[e.UserID] = e.Quality
	case session.PublisherStateChanged:
		if errors.Is(e.Err, session.ErrStreamIDInUse) {
			r.failed("notice.stream.used", e.Err)
		}
	case session.PlayerStateChanged:
		r.played(e)
	case session.FirstVideoFrame:
		r.pictured(e)
	case session.SelfChanged:
		r.selfChanged(e.Self)
	case session.RoomInfoChanged:
		r.roomInfo(e.Info)
	case session.SilencedByHost:
		c.silenced(e)
	case session.SharingEnded:
		r.sharingEnded()
	case session.SharingSoundEnded:
		r.sharingSoundEnded(e.Err)
	case session.TalkingWhileMuted:
		r.notice(c.loc.T("notice.muted.talking"))
	case session.SilenceChanged:
		if e.On {
			r.notice(c.loc.Tf(silenceNotice(e.Cause), map[string]any{"Name": r.nameOf(e.UserID)}))
		}
	case session.CallRecordingChanged:
		r.callRecorded(e)
	case session.ChatEvent:
		r.chatEvent(e.Event)
		return
	}
	r.show()
}

func (r *room) chatEvent(event chat.Event) {
	switch e := event.(type) {
	case chat.OnlineChanged:
		r.chat.SetOffline(!e.Online)
	case chat.ActivityChanged, chat.TransferChanged:
		if r.talk != nil {
			r.talk.event(event)
		}
	case chat.Waved:
		r.view.React(e.UserID, e.Emoji)
	case chat.HistoryChanged:
		r.reload()
	case chat.MessageRemoved:
		r.chat.Remove(e.ID)
	case chat.MessageChanged:
		if !r.loaded {
			r.pending = append(r.pending, e.Message)
			return
		}
		known := r.chat.Has(e.Message.ID)
		if !e.Message.Own && !r.chatOpen && !known && e.Message.Kind != chat.KindNotice {
			r.unread++
			r.show()
		}
		if !e.Message.Own && !known && e.Message.Kind != chat.KindNotice {
			r.c.messageCame()
			r.wrote(e.Message)
		}
		if e.Message.Kind == chat.KindNotice && !known && !e.Message.Own && time.Since(e.Message.Time) < noticeFresh {
			r.notice(r.noticeText(e.Message))
		}
		r.chat.Update(r.bubble(e.Message))
	}
}

// tell shows who came or went, once the room itself is shown.
func (r *room) tell(key string, u session.User) {
	if r.c.early != nil {
		return // they were there before
	}
	r.notice(r.c.loc.Tf(key, map[string]any{"Name": displayName(u)}))
}

func displayName(u session.User) string {
	if u.Name == "" {
		return u.ID
	}
	return u.Name
}

// author is how the sender of a message is called.
func author(m chat.Message) string { return displayName(session.User{ID: m.UserID, Name: m.Name}) }

// nameOf is how somebody in the room is called.
func (r *room) nameOf(userID string) string {
	for _, u := range r.users {
		if u.ID == userID {
			return displayName(u.User)
		}
	}
	return userID
}

func (c *controller) roomState(r *room, e session.RoomStateChanged) {
	r.state = e.State
	if e.Reason == session.ReasonReconnected {
		r.cameBack = time.Now()
	}
	if e.State != session.RoomDisconnected || e.Reason == session.ReasonLogout {
		return
	}
	// Out, and not by our own wish.
	c.room = nil
	r.close()
	c.showJoin()
	if e.Reason == session.ReasonKickedOut {
		c.fail(e.Err)
		if errors.Is(e.Err, session.ErrKickedOut) {
			c.joinView.Offer(c.loc.T("join.here"))
		}
	} else {
		c.joinView.SetError(c.words("error.lost", e.Err))
		c.joinView.Offer(c.loc.T("join.again"))
	}
	c.endRoom(r, func() {})
}

func (c *controller) deviceChanged(e session.DeviceChanged) {
	key, notice := "", ""
	if e.Err != nil {
		c.log.Warn("a device does not work", "kind", e.Kind, "name", e.Name, "error", e.Err)
		key = deviceNotice(e)
		notice = c.loc.T(key)
	}
	missing := e.Err != nil && !e.Open
	switch e.Kind {
	case devices.Camera:
		c.cameraMissing = missing
		if missing {
			c.cameraOn = false
		}
		c.joinView.SetCamera(e.Open && c.cameraOn, notice) // it may be open for the settings alone
		if !e.Open {
			c.preview.Clear()
		}
	case devices.Microphone:
		c.micMissing = missing
		if missing && c.room != nil && c.room.talk != nil {
			c.room.talk.recorder.microphoneFailed()
		}
	case devices.Speaker:
	}
	c.deviceProblem(e.Kind, key)
	if e.Fallback || missing {
		c.work.Go(c.listDevices)
	}
	if c.room == nil {
		return
	}
	switch {
	case notice == "":
	case !missing || errors.Is(e.Err, devices.ErrNotFound) || errors.Is(e.Err, devices.ErrSilent):
		c.room.notice(notice) // it goes on with another, or as before
	default:
		c.room.failed(key, e.Err)
	}
	c.room.show()
}

func (c *controller) levels(e session.SoundLevels) {
	if c.page != nil {
		c.page.view.SetLevel(e.Local)
	}
	if c.room == nil {
		level := e.Local
		if !c.microphoneOn {
			level = 0
		}
		c.joinView.SetLevel(level)
		return
	}
	c.room.levels = e
	c.room.show()
}

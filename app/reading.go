package app

import (
	"context"

	"fyne.io/fyne/v2"

	"parley/session"
	"parley/session/chat"
	chatview "parley/views/chat"
	"parley/views/join"
	"parley/views/problem"
	"parley/views/reading"
)

// readRoom opens a room for its history, without a call. What is written there
// waits in the store for the next visit.
func (c *controller) readRoom(recent join.Recent, key chat.RoomKey) {
	if c.joining != nil || c.current() != nil {
		return
	}
	r := &room{c: c, id: key.RoomID, appID: key.AppID, server: recent.Server, user: session.User{ID: c.preferences.UserID, Name: c.joinView.Form().Name},
		streams: make(map[string]*playing), quality: make(map[string]session.Quality), chatOpen: true}
	c.work.Go(func() {
		c.leaving.Wait() // the visit before has the room open
		conversation, err := chat.NewConversation(c.ctx, chat.Params{
			Store: c.store, Key: key, User: r.user, Logger: c.log,
			Notify: func(e chat.Event) {
				c.dispatch(func() {
					if c.reading == r {
						r.chatEvent(e)
					}
				})
			},
		})
		c.dispatch(func() {
			switch {
			case err != nil:
				c.log.Warn("a room can't be read", "error", err)
				c.joinView.SetError(c.words("error.history", err))
			case c.joining != nil || c.current() != nil || c.ctx.Err() != nil:
				c.work.Go(conversation.Close)
			default:
				r.offline = conversation
				c.showReading(r, recent)
			}
		})
	})
}

// showReading shows the room. Nobody is seen or heard there: the devices rest.
func (c *controller) showReading(r *room, recent join.Recent) {
	ctx, cancel := context.WithCancel(c.ctx)
	c.reading, r.cancel = r, cancel
	c.stopBrowsing()
	r.chat = chatview.New(c.loc, r.chatActions())
	r.chat.SetAway(true)
	r.page = reading.New(c.loc, r.id, r.chat.CanvasObject(), reading.Actions{
		Back: func() { c.stopReading(c.showJoin) },
		Join: func() {
			c.stopReading(func() {
				c.showJoin()
				c.follow(c.formOf(recent), true)
			})
		},
		Copy: c.copyText,
	})
	c.stage.Objects = []fyne.CanvasObject{r.page.CanvasObject()}
	c.stage.Refresh()
	c.showTitle()
	c.do(func() {
		c.engine.MonitorMicrophone(false)
		c.engine.EnableCamera(false)
	})
	c.work.Go(func() { r.load(ctx) })
}

// stopReading closes the room that is read, if any, and goes on with then.
func (c *controller) stopReading(then func()) {
	r := c.reading
	if r == nil {
		then()
		return
	}
	c.reading = nil
	r.close()
	on := c.cameraOn
	c.do(func() { c.engine.EnableCamera(on) })
	recorder := r.recorder()
	c.leaving.Add(1)
	c.work.Go(func() {
		if recorder != nil {
			recorder.keep()
		}
		r.offline.Close()
		c.leaving.Done()
	})
	then()
}

func (r *room) recorder() *voiceRecorder {
	if r.talk == nil {
		return nil
	}
	return r.talk.recorder
}

// current is the room that is shown, in a call or without; nil in the join view.
func (c *controller) current() *room {
	if c.room != nil {
		return c.room
	}
	return c.reading
}

// conversation is the chat of the room; nil where there is none any more.
func (r *room) conversation() *chat.Conversation {
	if r.offline != nil {
		return r.offline
	}
	return r.c.engine.Conversation()
}

// notice shows a line that goes away.
func (r *room) notice(text string) {
	if r.page != nil {
		r.page.Notice(text)
		return
	}
	r.view.Notice(text)
}

func (r *room) fail(p problem.Problem) {
	if r.page != nil {
		r.page.Fail(p)
		return
	}
	r.view.Fail(p)
}

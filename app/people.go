package app

import (
	"parley/session"
	"parley/session/wire"
	"parley/views/call"
)

// togglePeople shows the list of the people in the place of the chat, or takes it away:
// then the chat is there again that it came over.
func (r *room) togglePeople() {
	if r.peopleOpen && r.chatBehind {
		r.toggleChat()
		return
	}
	r.peopleOpen = !r.peopleOpen
	if r.peopleOpen {
		r.chatBehind, r.chatOpen = r.chatOpen, false
	}
	r.paint() // at once: the keyboard goes there
	if r.peopleOpen {
		r.view.FocusPeople()
	} else {
		r.c.window.Canvas().Unfocus()
	}
}

// setGain changes how loud somebody is heard here, now and when they come again.
func (r *room) setGain(userID string, gain float32) {
	r.gains[userID] = gain
	for id, p := range r.streams {
		if p.stream.User.ID == userID {
			r.c.do(func() { r.setVolume(id, gain) })
		}
	}
	r.show()
}

// setVolume tells the engine, off the UI thread.
func (r *room) setVolume(streamID string, gain float32) {
	if err := r.c.engine.SetPlayVolume(streamID, 1+gain); err != nil {
		r.c.log.Info("a volume was not set", "stream", streamID, "error", err)
	}
}

func roleOf(role session.Role) call.Role {
	switch role {
	case wire.RoleHost:
		return call.RoleHost
	case wire.RoleListener:
		return call.RoleListener
	default:
		return call.RoleMember
	}
}

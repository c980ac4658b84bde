package app

import (
	"fmt"

	"fyne.io/fyne/v2/dialog"

	"parley/app/instance"
	"parley/session/wire"
)

// request is what the command line asks for, as another start that has the data
// folder already is told it. Devices, language and theme are of a start, and are
// not handed on.
func (o Options) request() (instance.Request, error) {
	token, err := readToken(o.TokenFile)
	return instance.Request{Link: o.Link, Server: o.Server, Host: o.Host, Room: o.Room, Name: o.Name, Token: token, Join: o.Join}, err
}

// fill puts what is asked for into a form: what is named by itself wins over an
// invite link.
func fill(f joinForm, r instance.Request) (joinForm, error) {
	if r.Link != "" {
		invite, err := wire.ParseInvite(r.Link)
		if err != nil {
			return f, fmt.Errorf("open the link: %w", err)
		}
		f.Room, f.Server, f.App, f.Token, f.ServerID, f.Host = invite.RoomID, invite.Server, invite.AppID, invite.Token, invite.ServerID, false
	}
	if r.Server != "" || r.Host {
		f.Server, f.Host, f.App, f.Token, f.ServerID = r.Server, r.Host, "", "", ""
	}
	if r.Room != "" {
		f.Room = r.Room
	}
	if r.Name != "" {
		f.Name = r.Name
	}
	if r.Token != "" {
		f.Token = r.Token
	}
	return f, nil
}

// raise brings the window to the front.
func (c *controller) raise() {
	if c.outOfSight {
		restore(c.window)
	}
	c.window.RequestFocus()
}

// arrived does what the program was started for once more. What is going on is
// not ended without a question.
func (c *controller) arrived(request instance.Request) {
	if c.quits {
		return
	}
	c.raise()
	if request.Empty() {
		return
	}
	if c.joining != nil {
		c.waiting = &request // until it is known whether there is a room
		return
	}
	if c.page != nil {
		c.page.view.Close()
	}
	form, err := fill(c.joinView.Form(), request)
	if err != nil {
		c.log.Warn("a second start asks for what can't be", "error", err)
		return
	}
	if c.room == nil {
		if c.reading != nil {
			c.stopReading(c.showJoin)
		}
		c.follow(form, request.Join)
		return
	}
	if c.room.is(form) {
		return
	}
	if c.asking != nil {
		c.asking.Hide() // the newest counts
	}
	names := map[string]any{"Room": form.Room, "Here": c.room.id}
	c.asking = dialog.NewConfirm(c.loc.Tf("second.title", names), c.loc.Tf("second.text", names), func(yes bool) {
		c.asking = nil
		if yes {
			c.leaveRoom(func() { c.follow(form, true) })
		}
	}, c.window)
	c.asking.SetConfirmText(c.loc.T("second.join"))
	c.asking.SetDismissText(c.loc.T("call.leave.host.stay"))
	c.asking.Show()
}

// is reports whether the room is that of a form.
func (r *room) is(f joinForm) bool {
	if f.Room != r.id {
		return false
	}
	return f.Host && r.host != nil || f.ServerID != "" && f.ServerID == r.serverID || !f.Host && f.Server == r.server
}

// follow shows a form, and joins by it where that was asked.
func (c *controller) follow(f joinForm, join bool) {
	c.joinView.SetForm(f)
	if join {
		c.join(f)
		return
	}
	c.joinView.FocusFirst(c.window.Canvas())
}

// afterJoining takes what arrived while it was not known whether there would be a
// room.
func (c *controller) afterJoining() {
	if request := c.waiting; request != nil {
		c.waiting = nil
		c.arrived(*request)
	}
}

func (c *controller) copyText(text string) { c.app.Clipboard().SetContent(text) }

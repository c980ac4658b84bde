package app

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
	"parley/views/call"
)

// lobbyEvery is how often a host's window looks who waits, while somebody does:
// that somebody gave up is told by nobody.
const lobbyEvery = 5 * time.Second

// hostActions are what the window does for a host.
func (r *room) hostActions() call.HostActions {
	return call.HostActions{Act: r.askAndAct, SetPasscode: r.askPasscode}
}

// hosting is how the room is kept, for a host; nil for others.
func (r *room) hosting() *call.Hosting {
	if r.role != wire.RoleHost {
		return nil
	}
	return &call.Hosting{Locked: r.info.Locked, Lobby: r.info.Lobby, Passcode: r.info.Passcode, Waiting: r.info.Waiting}
}

// roomInfo takes over how the room is kept.
func (r *room) roomInfo(info session.RoomInfo) {
	defer r.tellKept()
	if info.Count == 0 {
		r.info = info
		return
	}
	info.Waiting = r.info.Waiting
	r.info = info
	if r.role == wire.RoleHost {
		r.lookIntoLobby()
	}
}

// tellKept has the announcement of the room say whether it has a passcode.
func (r *room) tellKept() {
	if r.kept == nil {
		return
	}
	select {
	case <-r.kept: // an older word
	default:
	}
	r.kept <- r.info.Passcode
}

// lookIntoLobby asks who waits.
func (r *room) lookIntoLobby() {
	if r.looking {
		return
	}
	r.looking = true
	r.c.work.Go(func() {
		ctx, cancel := context.WithTimeout(r.c.ctx, lobbyEvery)
		defer cancel()
		info, err := r.c.engine.RoomInfo(ctx)
		r.c.dispatch(func() {
			r.looking, r.looked = false, time.Now()
			if r.c.room != r {
				return
			}
			if err != nil {
				r.c.log.Warn("who waits in the lobby was not learned", "error", err)
				return
			}
			known := make(map[string]bool)
			for _, user := range r.info.Waiting {
				known[user.ID] = true
			}
			r.info = info
			for _, user := range info.Waiting {
				if !known[user.ID] {
					r.notice(r.c.loc.Tf("notice.lobby.waits", map[string]any{"Name": displayName(user)}))
				}
			}
			r.show()
		})
	})
}

// mindLobby is called once a second.
func (r *room) mindLobby(now time.Time) {
	if r.role == wire.RoleHost && len(r.info.Waiting) > 0 && now.Sub(r.looked) > lobbyEvery {
		r.lookIntoLobby()
	}
}

// askAndAct does what a host wants, after a question where it can't be undone.
func (r *room) askAndAct(action wire.Action, user wire.User) {
	var title, text, yes string
	switch action {
	case wire.ActionRemove:
		title, text, yes = "host.remove.ask.title", "host.remove.ask.text", "host.remove.ask.yes"
	case wire.ActionBan:
		title, text, yes = "host.ban.ask.title", "host.ban.ask.text", "host.ban.ask.yes"
	case wire.ActionEnd:
		title, text, yes = "host.end.ask.title", "host.end.ask.text", "host.end.ask.yes"
	default:
		r.act(wire.ActionRequest{Action: action, User: user})
		return
	}
	name := map[string]any{"Name": displayName(user)}
	d := dialog.NewConfirm(r.c.loc.Tf(title, name), r.c.loc.Tf(text, name), func(yes bool) {
		if yes && r.c.room == r {
			r.act(wire.ActionRequest{Action: action, User: user})
		}
	}, r.c.window)
	d.SetConfirmText(r.c.loc.T(yes))
	d.SetDismissText(r.c.loc.T("join.cancel"))
	d.SetConfirmImportance(widget.DangerImportance)
	d.Show()
}

func (r *room) act(request wire.ActionRequest) {
	r.c.work.Go(func() {
		ctx, cancel := context.WithTimeout(r.c.ctx, lobbyEvery)
		defer cancel()
		err := r.c.engine.Act(ctx, request)
		if err == nil {
			return
		}
		r.c.log.Warn("what a host wanted was not done", "action", request.Action, "error", err)
		r.c.dispatch(func() {
			if r.c.room == r {
				r.failed("notice.host.failed", err)
			}
		})
	})
}

// askPasscode asks for the passcode with which one comes in without an invite.
func (r *room) askPasscode() {
	r.c.askPasscode("host.passcode.title", "host.passcode.hint", "host.passcode.set", func(passcode string) {
		if r.c.room == r {
			r.act(wire.ActionRequest{Action: wire.ActionPasscode, Passcode: passcode})
		}
	}, func(text string) error {
		if text != "" && (len(text) < wire.PasscodeMin || len(text) > wire.PasscodeMax) {
			return errors.New(r.c.loc.Tf("host.passcode.length", map[string]any{"Min": wire.PasscodeMin, "Max": wire.PasscodeMax}))
		}
		return nil
	})
}

// askPasscode asks for a passcode in a dialog.
func (c *controller) askPasscode(title, hint, yes string, use func(string), check fyne.StringValidator) {
	entry := widget.NewPasswordEntry()
	entry.Validator = check
	item := widget.NewFormItem(c.loc.T("passcode"), entry)
	item.HintText = c.loc.T(hint)
	d := dialog.NewForm(c.loc.T(title), c.loc.T(yes), c.loc.T("join.cancel"), []*widget.FormItem{item}, func(ok bool) {
		if ok {
			use(entry.Text)
		}
	}, c.window)
	entry.OnSubmitted = func(string) { d.Submit() }
	d.Resize(fyne.NewSize(420, d.MinSize().Height))
	d.Show()
	c.window.Canvas().Focus(entry)
}

// joinWithPasscode asks for the passcode of a room, and joins again with it.
func (c *controller) joinWithPasscode(f joinForm) { c.askForPasscode(f, c.join) }

// askForPasscode asks for the passcode of a room that is to be joined.
func (c *controller) askForPasscode(f joinForm, join func(joinForm)) {
	c.askPasscode("join.passcode.title", "join.passcode.hint", "join.passcode.join", func(passcode string) {
		f.Passcode = passcode
		join(f)
	}, nil)
}

// silenced is told that a host muted us.
func (c *controller) silenced(e session.SilencedByHost) {
	if e.Microphone {
		c.microphoneOn, c.heldFrom = false, false
		c.updateTray()
		c.room.notice(c.loc.T("notice.host.muted"))
	}
	if e.Camera {
		c.cameraOn = false
		c.room.notice(c.loc.T("notice.host.stopped"))
	}
}

// hostNotice finds the words of what a host did.
func hostNotice(m chat.Message) (key string, ok bool) {
	switch wire.Action(m.Notice) {
	case wire.ActionMute:
		return "chat.notice.mute", true
	case wire.ActionStopVideo:
		return "chat.notice.stop_video", true
	case wire.ActionRemove:
		return "chat.notice.remove", true
	case wire.ActionBan:
		return "chat.notice.ban", true
	case wire.ActionLock:
		return "chat.notice.lock", true
	case wire.ActionUnlock:
		return "chat.notice.unlock", true
	case wire.ActionLobbyOn:
		return "chat.notice.lobby_on", true
	case wire.ActionLobbyOff:
		return "chat.notice.lobby_off", true
	case wire.ActionAdmit:
		return "chat.notice.admit", true
	case wire.ActionDeny:
		return "chat.notice.deny", true
	case wire.ActionPasscode:
		return "chat.notice.passcode", true
	case wire.NoticePasscodeOff:
		return "chat.notice.passcode_off", true
	case wire.ActionEnd:
		return "chat.notice.end", true
	default:
		return "", false
	}
}

package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2/dialog"

	"parley/app/nearby"
	"parley/session"
	"parley/session/wire"
	"parley/views/join"
)

// neighbours tells of rooms on the local network: nearby.Finder.
type neighbours interface {
	Watch(ctx context.Context, changed func([]nearby.Room))
	Find(ctx context.Context, serverID string) (nearby.Room, error)
}

// looksMost is how often a server is looked for that does not answer where it was:
// a wireless network loses multicasts.
const looksMost = 3

// restartAgain is from one try to start a hosted server again to the next.
const restartAgain = 5 * time.Second

// browse shows the rooms on the local network while the join view is there.
func (c *controller) browse() {
	if c.browsing != nil || c.neighbours == nil {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	c.browsing = cancel
	c.work.Go(func() {
		c.neighbours.Watch(ctx, func(found []nearby.Room) {
			c.dispatch(func() {
				if ctx.Err() == nil {
					c.showNearby(found)
				}
			})
		})
	})
}

func (c *controller) stopBrowsing() {
	if c.browsing != nil {
		c.browsing()
		c.browsing = nil
		c.showNearby(nil)
	}
}

func (c *controller) showNearby(found []nearby.Room) {
	c.near = found
	list := make([]join.Nearby, len(found))
	for i, r := range found {
		list[i] = join.Nearby{ID: r.ServerID, Room: r.RoomID, Host: r.Host, Entry: entryOf(r.Entry)}
	}
	c.joinView.SetNearby(list, c.enterNearby)
}

func entryOf(e nearby.Entry) join.Entry {
	switch e {
	case nearby.EntryAsk:
		return join.EntryAsk
	case nearby.EntryOpen:
		return join.EntryOpen
	case nearby.EntryPasscode:
		return join.EntryPasscode
	default:
		return join.EntryInvite
	}
}

// enterNearby goes to a room that was found: in, where its host lets one, or as far
// as to what it takes.
func (c *controller) enterNearby(n join.Nearby) {
	if c.joining != nil || c.room != nil {
		return
	}
	address := ""
	if i := slices.IndexFunc(c.near, func(r nearby.Room) bool { return r.ServerID == n.ID }); i >= 0 {
		address = c.near[i].Address
	}
	f := c.joinView.Form()
	f.Room, f.Server, f.App, f.Host, f.Token, f.ServerID = n.Room, address, "", false, "", n.ID
	c.joinView.SetForm(f)
	progress := c.loc.T("progress.connecting")
	switch n.Entry {
	case join.EntryOpen:
	case join.EntryAsk:
		host := n.Host
		if host == "" {
			host = n.Room
		}
		progress = c.loc.Tf("progress.asking", map[string]any{"Name": host})
	case join.EntryPasscode:
		c.askForPasscode(f, func(f joinForm) {
			c.joinBy(f, progress, func(ctx context.Context) (joinForm, error) {
				found, err := c.find(ctx, f.ServerID)
				f.Server = found.Address
				return f, err
			})
		})
		return
	default:
		c.joinView.SetError(c.words("error.invite_needed", nil))
		return
	}
	c.joinBy(f, progress, func(ctx context.Context) (joinForm, error) {
		found, err := c.find(ctx, f.ServerID)
		if err != nil {
			return f, err
		}
		f.Server = found.Address
		f.Token, err = nearby.Ask(ctx, found, wire.User{ID: c.preferences.UserID, Name: f.Name})
		return f, err
	})
}

// find looks for a server on the local network, by its ID.
func (c *controller) find(ctx context.Context, serverID string) (found nearby.Room, err error) {
	for range looksMost {
		if found, err = c.neighbours.Find(ctx, serverID); err == nil || ctx.Err() != nil {
			return found, err
		}
	}
	return found, err
}

// logIn enters the room at its server: at the one that the link names, also where
// that is at another address by now. Only a server that proves to be the one is
// sent the token there.
func (c *controller) logIn(ctx context.Context, r *room, passcode string) error {
	at := func(server string) error {
		if err := c.engine.UseServer(r.appID, server); err != nil {
			return err
		}
		return c.engine.LoginRoom(ctx, r.id, r.user, session.Credential{Token: r.token, Passcode: passcode})
	}
	err := at(r.server)
	if r.serverID == "" || r.host != nil || c.neighbours == nil || ctx.Err() != nil || !elsewhere(err) {
		return err
	}
	c.dispatch(func() {
		if c.joining != nil {
			c.joinView.SetProgress(c.loc.T("progress.looking"))
		}
	})
	found, lost := c.find(ctx, r.serverID)
	if lost != nil || found.Address == r.server {
		return err // what failed first says more
	}
	r.server = found.Address
	return at(r.server)
}

// elsewhere reports whether a failure may come of the server's having moved.
func elsewhere(err error) bool {
	for _, of := range []error{session.ErrServerUnreachable, session.ErrServerTimeout, session.ErrServerUnknown} {
		if errors.Is(err, of) {
			return true
		}
	}
	return false
}

// announce tells the local network of the room until ctx is done, and lets those
// in who come by that and may.
func (r *room) announce(ctx context.Context, entry nearby.Entry, kept <-chan bool) {
	door, err := nearby.OpenDoor(nearby.DoorParams{
		Room: r.id, Port: r.host.Port(), Sign: r.host.Sign, Logger: r.c.log,
		Admit: func(ctx context.Context, visitor wire.User) bool { return r.admit(ctx, entry, visitor) },
		Token: func(userID string) (string, error) { return r.host.Token(r.id, userID, wire.RoleMember) },
	})
	if err != nil {
		r.c.log.Warn("the room is not announced on the network", "error", err)
		return
	}
	defer door.Close()
	told := nearby.Room{ServerID: r.host.ServerID(), RoomID: r.id, Host: r.user.Name, Version: r.c.app.Metadata().Version, Address: r.server, Door: door.Port()}
	var a *nearby.Announcer
	defer func() {
		if a != nil {
			a.Close()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case passcode := <-kept:
			now := told
			now.Entry = announcedEntry(entry, passcode)
			if now == told {
				continue
			}
			if a != nil {
				a.Close()
			}
			if a, err = nearby.Announce(now, r.c.log); err != nil {
				r.c.log.Warn("the room is not announced on the network", "error", err)
				return
			}
			told = now
		}
	}
}

// announcedEntry is the way in that the network is told of: a passcode that the host
// has set stands for asking and for an invite.
func announcedEntry(chosen nearby.Entry, passcode bool) nearby.Entry {
	if passcode && chosen != nearby.EntryOpen {
		return nearby.EntryPasscode
	}
	return chosen
}

// admit decides whether a visitor is let in, off the UI thread.
func (r *room) admit(ctx context.Context, entry nearby.Entry, visitor wire.User) bool {
	answer := make(chan bool, 1)
	r.c.dispatch(func() { r.knocked(ctx, entry, visitor, answer) })
	select {
	case yes := <-answer:
		return yes
	case <-ctx.Done():
		return false
	}
}

// knocked asks the person about a visitor, where that is theirs to say. Nobody gets
// in as somebody who is there: that would put them out.
func (r *room) knocked(ctx context.Context, entry nearby.Entry, visitor wire.User, answer chan<- bool) {
	taken := visitor.ID == r.user.ID
	for _, u := range r.users {
		taken = taken || u.ID == visitor.ID
	}
	if r.c.room != r || taken || entry != nearby.EntryAsk || ctx.Err() != nil {
		answer <- r.c.room == r && !taken && entry == nearby.EntryOpen
		return
	}
	text := r.c.loc.T("knock.nameless")
	if visitor.Name != "" {
		text = r.c.loc.Tf("knock.text", map[string]any{"Name": visitor.Name})
	}
	d := dialog.NewConfirm(r.c.loc.T("knock.title"), text, func(yes bool) {
		select {
		case answer <- yes:
		default: // it was hidden after the answer
		}
	}, r.c.window)
	d.SetConfirmText(r.c.loc.T("knock.admit"))
	d.SetDismissText(r.c.loc.T("knock.refuse"))
	stop := context.AfterFunc(ctx, func() { r.c.dispatch(d.Hide) }) // they gave up, or the room is left
	d.SetOnClosed(func() { stop() })
	d.Show()
}

// restart has the hosted server know the addresses that this computer has by now.
func (r *room) restart(ctx context.Context) {
	r.c.log.Info("this computer is on another network: the room server is started again")
	for ctx.Err() == nil {
		err := r.host.Restart(ctx)
		if err == nil {
			return
		}
		r.c.log.Warn("the room server did not start again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(restartAgain):
		}
	}
}

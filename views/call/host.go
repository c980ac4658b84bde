package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/session/wire"
	"parley/views/i18n"
)

// Hosting is what a host sees of how the room is kept.
type Hosting struct {
	Locked, Lobby, Passcode bool
	Waiting                 []wire.User // in the lobby
}

// HostActions are what a host does. Both ask first, where it can't be undone.
type HostActions struct {
	// Act does something to the room, or to somebody in it or before it.
	Act func(action wire.Action, user wire.User)
	// SetPasscode asks for the room's passcode.
	SetPasscode func()
}

// roomMenu is what a host does to the room.
func roomMenu(loc *i18n.Localizer, h Hosting, a HostActions) *fyne.Menu {
	toggle := func(key string, on bool, yes, no wire.Action) *fyne.MenuItem {
		item := fyne.NewMenuItem(loc.T(key), func() {
			if on {
				a.Act(no, wire.User{})
			} else {
				a.Act(yes, wire.User{})
			}
		})
		item.Checked = on
		return item
	}
	var items []*fyne.MenuItem
	for _, user := range h.Waiting {
		item := fyne.NewMenuItem(loc.Tf("host.waits", map[string]any{"Name": nameOf(user)}), nil)
		item.ChildMenu = fyne.NewMenu("",
			fyne.NewMenuItem(loc.T("host.admit"), func() { a.Act(wire.ActionAdmit, user) }),
			fyne.NewMenuItem(loc.T("host.deny"), func() { a.Act(wire.ActionDeny, user) }))
		items = append(items, item)
	}
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	passcode := fyne.NewMenuItem(loc.T("host.passcode"), a.SetPasscode)
	passcode.Checked = h.Passcode
	items = append(items,
		toggle("host.lock", h.Locked, wire.ActionLock, wire.ActionUnlock),
		toggle("host.lobby", h.Lobby, wire.ActionLobbyOn, wire.ActionLobbyOff),
		passcode, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(loc.T("host.end"), func() { a.Act(wire.ActionEnd, wire.User{}) }))
	return fyne.NewMenu("", items...)
}

// personMenu is what a host does to somebody.
func personMenu(loc *i18n.Localizer, p Person, a HostActions) *fyne.Menu {
	user := wire.User{ID: p.UserID, Name: p.Name}
	item := func(key string, action wire.Action) *fyne.MenuItem {
		return fyne.NewMenuItem(loc.T(key), func() { a.Act(action, user) })
	}
	mute, video := item("host.mute", wire.ActionMute), item("host.stop_video", wire.ActionStopVideo)
	mute.Disabled, video.Disabled = p.Muted, p.CameraOff && p.Screen == nil
	hand := item("host.lower_hand", wire.ActionLowerHand)
	hand.Disabled = p.Hand == 0
	return fyne.NewMenu("", mute, video, hand, fyne.NewMenuItemSeparator(), item("host.remove", wire.ActionRemove), item("host.ban", wire.ActionBan))
}

func nameOf(user wire.User) string {
	if user.Name == "" {
		return user.ID
	}
	return user.Name
}

// openRoomMenu shows the menu of the room below its button.
func (h *headerBar) openRoomMenu() {
	driver := fyne.CurrentApp().Driver()
	canvas := driver.CanvasForObject(h.host)
	if canvas == nil || h.hosting == nil {
		return
	}
	menu := widget.NewPopUpMenu(roomMenu(h.loc, *h.hosting, h.actions), canvas)
	at := driver.AbsolutePositionForObject(h.host)
	size := menu.MinSize()
	menu.ShowAtPosition(fyne.NewPos(max(at.X+layoutSize-size.Width, 0), at.Y+layoutSize+4))
}

// TappedSecondary opens what a host does to the person.
func (t *personTile) TappedSecondary(e *fyne.PointEvent) {
	if t.menu == nil || t.person.Self {
		return
	}
	menu := t.menu(t.person)
	canvas := fyne.CurrentApp().Driver().CanvasForObject(t)
	if menu == nil || canvas == nil {
		return
	}
	widget.ShowPopUpMenuAtPosition(menu, canvas, e.AbsolutePosition)
}

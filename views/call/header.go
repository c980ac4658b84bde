package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/i18n"
	"parley/views/keys"
	"parley/views/theme"
)

// layoutSize is as high as the button beside it.
const layoutSize float32 = 32

// headerBar says which room this is and how it stands.
type headerBar struct {
	part
	loc     *i18n.Localizer
	room    *canvas.Text
	people  *textButton // opens the list of them
	about   *canvas.Text
	quality *bars
	light   *canvas.Circle // the call is recorded
	records *canvas.Text
	layout  *control
	stirred func()   // somebody is at the buttons
	full    *control // full screen, or back
	shown   Layout
	keys    func(keys.Action) string
	hint    *tag
	invite  *pill
	host    *control // opens the menu of a host; hidden for others
	hosting *Hosting
	actions HostActions
}

func newHeaderBar(loc *i18n.Localizer, a Actions) *headerBar {
	h := &headerBar{
		loc: loc, room: newText(theme.TextLarge, true), about: newText(theme.TextSmall, false), quality: newBars(theme.ColorMuted),
		light: canvas.NewCircle(nil), records: newText(theme.TextSmall, true), hint: newTag(), stirred: func() {}, keys: a.keys, actions: a.Host,
	}
	h.layout = newControl(func() { a.SetLayout(h.shown.Other()) }, func(c *control) {
		h.hint.hint(c)
		h.rearrange()
		h.stirred()
	})
	h.full = newControl(a.ToggleFullScreen, func(c *control) {
		h.hint.hint(c)
		h.rearrange()
		h.stirred()
	})
	h.host = newControl(h.openRoomMenu, func(c *control) {
		h.hint.hint(c)
		h.rearrange()
		h.stirred()
	})
	h.people = newTextButton(a.TogglePeople, func(b *textButton) {
		words := ""
		if b.over {
			words = loc.T("people.open") + keyed(a.keys(keys.People))
		}
		h.hint.say(words)
		h.rearrange()
	})
	h.records.Text = loc.T("call.recording")
	h.invite = newPill("link", loc.T("call.invite"), a.Invite)
	h.objects = []fyne.CanvasObject{h.room, h.people, h.about, h.quality, h.light, h.records, h.layout, h.full, h.host, h.invite, h.hint}
	h.minimum = func() fyne.Size { return fyne.NewSize(200, headerHeight()) }
	h.arrange = func(size fyne.Size) {
		button := h.invite.MinSize()
		top := (size.Height - button.Height) / 2
		put(h.invite, size.Width-button.Width-theme.SpaceM, top, button.Width, button.Height)
		left := size.Width - button.Width - theme.SpaceM - theme.SpaceS - layoutSize
		put(h.full, left, top, layoutSize, layoutSize)
		left -= theme.SpaceS + layoutSize
		put(h.layout, left, top, layoutSize, layoutSize)
		if h.host.Visible() {
			left -= theme.SpaceS + layoutSize
			put(h.host, left, top, layoutSize, layoutSize)
		}
		put(h.room, theme.SpaceL, theme.Scaled(6), max(left-theme.SpaceXXL, 0), h.room.MinSize().Height)
		y := theme.Scaled(6) + 2 + h.room.MinSize().Height
		count := h.people.MinSize()
		put(h.people, theme.SpaceL-theme.SpaceXS, y-1, count.Width, count.Height)
		x := theme.SpaceL + count.Width - theme.SpaceXS
		put(h.about, x, y, h.about.MinSize().Width, h.about.MinSize().Height)
		x += h.about.MinSize().Width + theme.SpaceS
		put(h.quality, x, y+2, 15, 11)
		x += 15 + theme.SpaceM
		put(h.light, x, y+4, 9, 9)
		put(h.records, x+9+theme.SpaceXS, y, h.records.MinSize().Width, h.records.MinSize().Height)
		var over fyne.CanvasObject = h.layout
		switch {
		case h.host.over:
			over = h.host
		case h.full.over:
			over = h.full
		case h.people.over:
			over = h.people
		}
		h.hint.at(over.Position().X+over.Size().Width/2, size.Height-tagHeight()/4, size.Width-theme.SpaceS)
	}
	h.paint = func() {
		h.room.Color, h.about.Color = theme.Color(theme.ColorStageText), theme.Color(theme.ColorMuted)
		h.light.FillColor, h.records.Color = theme.Color(theme.ColorDanger), theme.Color(theme.ColorStageText)
	}
	h.extend(h)
	show(h.light, false)
	show(h.records, false)
	h.host.Hide()
	return h
}

func (h *headerBar) set(s State) {
	about := "· " + i18n.Elapsed(s.Elapsed)
	if h.people.say(h.loc.N("call.people", len(s.People)), s.PeopleOpen) {
		h.rearrange()
	}
	for _, p := range s.People {
		if p.Self {
			h.quality.set(p.Quality)
		}
	}
	show(h.light, s.Recording)
	show(h.records, s.Recording)
	h.setLayout(s.Layout)
	full := look{icon: "expand", label: h.loc.T("call.fullscreen")}
	if s.FullScreen {
		full = look{icon: "shrink", label: h.loc.T("call.fullscreen.leave")}
	}
	h.full.set(full, string(keys.Full))
	h.setHosting(s.Hosting)
	width := h.Size().Width - h.invite.MinSize().Width - 2*(layoutSize+theme.SpaceS) - theme.SpaceXXL - theme.SpaceL
	if s.Hosting != nil {
		width -= layoutSize + theme.SpaceS
	}
	room := s.Room
	if width > 0 {
		room = ellipsis(s.Room, width, h.room.TextSize, h.room.TextStyle)
	}
	if h.room.Text != room || h.about.Text != about {
		h.room.Text, h.about.Text = room, about
		h.room.Refresh()
		h.about.Refresh()
		h.rearrange()
	}
}

// setHosting shows a host the menu of the room, and how many wait before it.
func (h *headerBar) setHosting(s *Hosting) {
	h.hosting = s
	if (s != nil) != h.host.Visible() {
		show(h.host, s != nil)
		h.rearrange()
	}
	if s == nil {
		return
	}
	l := look{icon: "people", label: h.loc.T("host.menu"), unread: len(s.Waiting)}
	if s.Locked {
		l.icon = "lock"
	}
	h.host.set(l, "")
}

// setLayout has the switch show what it changes to.
func (h *headerBar) setLayout(l Layout) {
	h.shown = l
	to := look{icon: "spotlight", label: h.loc.T("call.layout.speaker")}
	if l == LayoutSpeaker {
		to = look{icon: "grid", label: h.loc.T("call.layout.grid")}
	}
	h.layout.set(to, h.keys(keys.Layout))
	if h.layout.over {
		h.hint.hint(h.layout)
		h.rearrange()
	}
}

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
	name    string // of the room
	room    *canvas.Text
	people  *textButton // opens the list of them
	about   *canvas.Text
	quality *bars
	light   *canvas.Circle // the call is recorded
	records *canvas.Text

	recording bool
	layout    *control
	stirred   func()   // somebody is at the buttons
	full      *control // full screen, or back
	shown     Layout
	keys      func(keys.Action) string
	hint      *tag // lies over what is below the header: the view shows it
	invite    *pill
	host      *control // opens the menu of a host; hidden for others
	hosting   *Hosting
	actions   HostActions
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
	h.invite.changed = func() {
		words := ""
		if h.invite.over && h.invite.bare {
			words = h.invite.text.Text
		}
		h.hint.say(words)
		h.invite.Refresh()
		h.rearrange()
		h.stirred()
	}
	h.objects = []fyne.CanvasObject{h.room, h.people, h.about, h.quality, h.light, h.records, h.layout, h.full, h.host, h.invite}
	h.minimum = func() fyne.Size { return fyne.NewSize(200, headerHeight()) }
	h.arrange = h.place
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
			known := h.quality.Visible()
			if h.quality.set(p.Quality); known != h.quality.Visible() {
				h.rearrange()
			}
		}
	}
	h.setLayout(s.Layout)
	full := look{icon: "expand", label: h.loc.T("call.fullscreen")}
	if s.FullScreen {
		full = look{icon: "shrink", label: h.loc.T("call.fullscreen.leave")}
	}
	h.full.set(full, string(keys.Full))
	h.setHosting(s.Hosting)
	if h.name != s.Room || h.about.Text != about || h.recording != s.Recording {
		h.name, h.about.Text, h.recording = s.Room, about, s.Recording
		h.about.Refresh()
		h.rearrange()
	}
}

// place lays the buttons at the right and what is said at the left. Where that is
// narrow the words go first: that of the invite, then that of the recording.
func (h *headerBar) place(size fyne.Size) {
	said := h.said()
	h.invite.bare = false
	if left := h.placeButtons(size); said > left-theme.SpaceS {
		h.invite.bare = true
		h.placeButtons(size)
	}
	left := h.buttonsFrom()
	h.room.Text = ellipsis(h.name, max(left-theme.SpaceL-theme.SpaceS, 0), h.room.TextSize, h.room.TextStyle)
	room := h.room.MinSize()
	put(h.room, theme.SpaceL, theme.Scaled(6), room.Width, room.Height)
	y := theme.Scaled(6) + 2 + room.Height
	count := h.people.MinSize()
	put(h.people, theme.SpaceL-theme.SpaceXS, y-1, count.Width, count.Height)
	x := theme.SpaceL + count.Width - theme.SpaceXS
	put(h.about, x, y, h.about.MinSize().Width, h.about.MinSize().Height)
	x += h.about.MinSize().Width + theme.SpaceS
	put(h.quality, x, y+theme.Scaled(13)-11, 15, 11) // on the line of the text
	if h.quality.Visible() {
		gap := theme.SpaceM
		if x+15+gap+9 > left-theme.SpaceS {
			gap = theme.SpaceXS
		}
		x += 15 + gap
	}
	put(h.light, x, y+theme.Scaled(8.5)-4.5, 9, 9)
	x += 9 + theme.SpaceXS
	records := h.records.MinSize()
	put(h.records, x, y, records.Width, records.Height)
	show(h.light, h.recording)
	show(h.records, h.recording && x+records.Width <= left-theme.SpaceS)
	h.placeHint(size)
}

// said is where the line below the room's name ends.
func (h *headerBar) said() float32 {
	x := theme.SpaceL + h.people.MinSize().Width - theme.SpaceXS + h.about.MinSize().Width
	if h.quality.Visible() {
		x += theme.SpaceS + 15
	}
	if h.recording {
		x += theme.SpaceM + 9 + theme.SpaceXS + h.records.MinSize().Width
	}
	return x
}

// placeButtons returns where they begin.
func (h *headerBar) placeButtons(size fyne.Size) float32 {
	button := h.invite.MinSize()
	left := size.Width - theme.SpaceM - button.Width
	put(h.invite, left, (size.Height-button.Height)/2, button.Width, button.Height)
	for _, c := range []*control{h.full, h.layout, h.host} {
		if c.Visible() {
			left -= theme.SpaceS + layoutSize
			put(c, left, (size.Height-layoutSize)/2, layoutSize, layoutSize)
		}
	}
	return left
}

// buttonsFrom is where they were put.
func (h *headerBar) buttonsFrom() float32 {
	if h.host.Visible() {
		return h.host.Position().X
	}
	return h.layout.Position().X
}

// placeHint puts what is said of a button below the one under the mouse.
func (h *headerBar) placeHint(size fyne.Size) {
	var over fyne.CanvasObject = h.layout
	switch {
	case h.host.over:
		over = h.host
	case h.full.over:
		over = h.full
	case h.people.over:
		over = h.people
	case h.invite.over:
		over = h.invite
	}
	h.hint.at(over.Position().X+over.Size().Width/2, size.Height-tagHeight()/4, size.Width-theme.SpaceS)
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

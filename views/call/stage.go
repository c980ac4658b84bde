package call

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/i18n"
	"parley/views/theme"
)

// tileID names what has a tile: a person, or the screen that they share.
type tileID struct {
	user   string
	screen bool
}

// stage shows a tile for each of the others, and the own picture in a corner,
// or a sentence when nobody else is there. What is pinned is large, else a
// shared screen, else who talks where the layout is that one; all the others
// are then in a strip. Tiles are moved, never made anew: a picture goes on.
type stage struct {
	part
	loc        *i18n.Localizer
	tiles      map[string]*personTile // by UserID
	order      []string
	screens    map[string]*screenTile // by UserID
	shared     []string               // whose screens, the newest last
	self       *selfTile
	menu       func(Person) *fyne.Menu // of a host; gives nil to others
	hosts      bool
	fullScreen func() // begins, or ends it

	layout  Layout
	speaker speaker
	talking string // who is large in that layout
	pinned  tileID // what is large; zero for nothing
	page    int
	covered bool // by what lies over the stage in a narrow window
	now     func() time.Time

	title         *canvas.Text
	text          *canvas.Text
	invite        *pill
	back, forward *smallButton
	count         *canvas.Text
	bar           *sharingBar
	frame         *canvas.Rectangle
	reactions     *reactions
}

func newStage(loc *i18n.Localizer, f *faces, a Actions) *stage {
	s := &stage{
		loc: loc, tiles: make(map[string]*personTile), screens: make(map[string]*screenTile), now: time.Now, fullScreen: a.ToggleFullScreen,
		title: newText(theme.TextLarge, true), text: newText(theme.TextBody, false), count: newText(theme.TextSmall, false),
		bar: newSharingBar(loc, a.StopSharing), frame: canvas.NewRectangle(nil),
	}
	s.invite = newPill("link", loc.T("call.invite"), a.Invite)
	s.menu = func(p Person) *fyne.Menu {
		if !s.hosts {
			return nil
		}
		return personMenu(loc, p, a.Host)
	}
	s.back = newSmallButton("left", func() string { return loc.T("call.page.previous") }, func() { s.turn(-1) })
	s.forward = newSmallButton("right", func() string { return loc.T("call.page.next") }, func() { s.turn(1) })
	for _, b := range []*smallButton{s.back, s.forward} {
		b.plain, b.typed = true, s.typed
	}
	s.title.Text, s.text.Text = loc.T("call.alone.title"), loc.T("call.alone.text")
	for _, t := range []*canvas.Text{s.title, s.text, s.count} {
		t.Alignment = fyne.TextAlignCenter
	}
	s.frame.CornerRadius, s.frame.StrokeWidth = theme.RadiusM, frameWidth
	s.frame.Hide()
	s.reactions = newReactions(f, s.tileOf, s.nameOf)
	s.arrange = s.place
	s.paint = func() {
		s.title.Color, s.text.Color, s.count.Color = theme.Color(theme.ColorStageText), theme.Color(theme.ColorMuted), theme.Color(theme.ColorMuted)
		s.frame.StrokeColor = theme.Color(theme.ColorDanger)
	}
	s.list()
	s.extend(s)
	return s
}

func (s *stage) list() {
	s.objects = append(s.objects[:0], s.title, s.text, s.invite)
	for _, id := range s.order {
		s.objects = append(s.objects, s.tiles[id])
	}
	for _, id := range s.shared {
		s.objects = append(s.objects, s.screens[id])
	}
	s.objects = append(s.objects, s.count, s.back, s.forward, s.frame, s.bar)
	if s.self != nil {
		s.objects = append(s.objects, s.self)
	}
	s.objects = append(s.objects, s.reactions)
}

// tileOf is where somebody's tile lies, where it is seen.
func (s *stage) tileOf(user string) (r rect, seen bool) {
	var o fyne.CanvasObject
	if t := s.tiles[user]; t != nil {
		o = t
	} else if s.self != nil && s.self.tile.person.UserID == user {
		o = s.self
	}
	if o == nil || !o.Visible() {
		return r, false
	}
	return rect{o.Position().X, o.Position().Y, o.Size().Width, o.Size().Height}, true
}

// nameOf is what somebody is called on the stage.
func (s *stage) nameOf(user string) string {
	if t := s.tiles[user]; t != nil {
		return t.caption()
	}
	if s.self != nil && s.self.tile.person.UserID == user {
		return s.self.tile.caption()
	}
	return user
}

// set shows a state; tiles of those who stay keep their picture.
func (s *stage) set(state State) {
	listed := s.setPeople(state.People)
	listed = s.setScreens(state.People) || listed
	large, layout, sharing := s.large(), s.layout, s.frame.Visible()
	s.layout, s.hosts = state.Layout, state.Hosting != nil
	s.talking = s.speaker.follow(state.People, s.now())
	s.bar.set(state.Sharing, state.SharingName)
	show(s.frame, state.Sharing)
	if layout != s.layout {
		s.page = 0
	}
	if listed {
		s.list()
	}
	if listed || layout != s.layout || sharing != state.Sharing || large != s.large() {
		s.Refresh()
	}
}

// setPeople tells whether somebody came or went.
func (s *stage) setPeople(people []Person) (changed bool) {
	here := make(map[string]bool)
	for _, p := range people {
		if p.Self {
			if s.self == nil {
				s.self = newSelfTile(s.loc, p, s.snap)
				changed = true
			}
			s.self.tile.set(p)
			continue
		}
		here[p.UserID] = true
		if t := s.tiles[p.UserID]; t != nil {
			t.set(p)
			continue
		}
		s.tiles[p.UserID] = newPersonTile(s.loc, p, func(id string) { s.pin(tileID{user: id}) })
		s.tiles[p.UserID].menu = s.menu
		s.order = append(s.order, p.UserID)
		changed = true
	}
	kept := s.order[:0]
	for _, id := range s.order {
		if here[id] {
			kept = append(kept, id)
			continue
		}
		s.tiles[id].close()
		delete(s.tiles, id)
		s.unpin(tileID{user: id})
		changed = true
	}
	s.order = kept
	return changed
}

// setScreens tells whether a screen came or went.
func (s *stage) setScreens(people []Person) (changed bool) {
	feeds := make(map[string]Person)
	for _, p := range people {
		if !p.Self && p.Screen != nil {
			feeds[p.UserID] = p
		}
	}
	kept := s.shared[:0]
	for _, id := range s.shared {
		t := s.screens[id]
		if p, here := feeds[id]; here && p.Screen == t.feed {
			t.set(p)
			kept = append(kept, id)
			continue
		}
		t.close()
		delete(s.screens, id)
		s.unpin(tileID{user: id, screen: true})
		changed = true
	}
	s.shared = kept
	for _, p := range people {
		if _, shares := feeds[p.UserID]; !shares || s.screens[p.UserID] != nil {
			continue
		}
		id := tileID{user: p.UserID, screen: true}
		s.screens[p.UserID] = newScreenTile(s.loc, p, func() { s.doubledScreen(id) })
		s.shared = append(s.shared, p.UserID)
		changed = true
	}
	return changed
}

// pin makes a tile large, or gives the stage back to the layout.
func (s *stage) pin(id tileID) {
	if s.pinned == id || len(s.order)+len(s.shared) < 2 {
		id = tileID{}
	}
	s.pinned, s.page = id, 0
	s.Refresh()
}

// doubledScreen makes a small screen large, and a large one fill the screen of this
// computer. What is pinned is released, as other tiles are.
func (s *stage) doubledScreen(id tileID) {
	if s.pinned != id && (s.large() == id || len(s.order)+len(s.shared) < 2) {
		s.fullScreen()
		return
	}
	s.pin(id)
}

func (s *stage) unpin(id tileID) {
	if s.pinned == id {
		s.pinned = tileID{}
	}
}

// large is what is larger than the others; zero in the grid.
func (s *stage) large() tileID {
	switch {
	case len(s.order)+len(s.shared) < 2:
		return tileID{}
	case s.pinned != tileID{}:
		return s.pinned
	case len(s.shared) > 0:
		return tileID{user: s.shared[len(s.shared)-1], screen: true}
	case s.layout == LayoutSpeaker:
		return tileID{user: s.talking}
	default:
		return tileID{}
	}
}

// others are all tiles but the large one, in the order of the strip.
func (s *stage) others(large tileID) []tileID {
	var ids []tileID
	for _, user := range s.shared {
		ids = append(ids, tileID{user: user, screen: true})
	}
	for _, user := range s.order {
		ids = append(ids, tileID{user: user})
	}
	for i, id := range ids {
		if id == large {
			return append(ids[:i], ids[i+1:]...)
		}
	}
	return ids
}

func (s *stage) tile(id tileID) fyne.CanvasObject {
	if id.screen {
		return s.screens[id.user]
	}
	return s.tiles[id.user]
}

// turn shows another page.
func (s *stage) turn(by int) {
	s.page += by // place keeps it in its bounds
	s.Refresh()
}

// typed turns the page by keys, while a button of the pages has the focus.
func (s *stage) typed(key fyne.KeyName) {
	switch key {
	case fyne.KeyPageUp:
		s.turn(-1)
	case fyne.KeyPageDown:
		s.turn(1)
	}
}

// snap brings the own picture to the corner that it was dragged to.
func (s *stage) snap() {
	t := s.self
	middle := t.Position().AddXY(t.Size().Width/2, t.Size().Height/2)
	t.corner = corner{right: middle.X > s.Size().Width/2, bottom: middle.Y > s.Size().Height/2}
	s.rearrange()
}

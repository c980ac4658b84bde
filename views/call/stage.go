package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/i18n"
	"parley/views/theme"
)

const (
	stageGap    = theme.SpaceS
	selfWidth   = float32(208)
	selfHeight  = float32(117)
	selfSmaller = float32(132) // where the stage is small
)

// corner is where the own picture floats.
type corner struct{ right, bottom bool }

// stage shows a tile for each of the others in a grid, and the own picture in
// a corner, or a sentence when nobody else is there.
type stage struct {
	part
	loc    *i18n.Localizer
	tiles  map[string]*personTile // by UserID
	order  []string
	self   *selfTile
	pinned string // whose tile is large; empty for the grid
	title  *canvas.Text
	text   *canvas.Text
	invite *pill
}

func newStage(loc *i18n.Localizer, invite func()) *stage {
	s := &stage{loc: loc, tiles: make(map[string]*personTile), title: newText(theme.TextLarge, true), text: newText(theme.TextBody, false)}
	s.invite = newPill("link", loc.T("call.invite"), invite)
	s.title.Text, s.text.Text = loc.T("call.alone.title"), loc.T("call.alone.text")
	s.title.Alignment, s.text.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	s.arrange = s.place
	s.paint = func() {
		s.title.Color, s.text.Color = theme.Color(theme.ColorStageText), theme.Color(theme.ColorMuted)
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
	if s.self != nil {
		s.objects = append(s.objects, s.self)
	}
}

// set shows people; tiles of those who stay keep their picture.
func (s *stage) set(people []Person) {
	here := make(map[string]bool)
	changed := false
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
		s.tiles[p.UserID] = newPersonTile(s.loc, p, s.pin)
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
		changed = true
		if s.pinned == id {
			s.pinned = ""
		}
	}
	s.order = kept
	if changed {
		s.list()
		s.Refresh()
	}
}

// pin makes a tile large, or the grid again.
func (s *stage) pin(userID string) {
	if s.pinned == userID || len(s.order) < 2 {
		s.pinned = ""
	} else {
		s.pinned = userID
	}
	s.Refresh()
}

// snap brings the own picture to the corner that it was dragged to.
func (s *stage) snap() {
	t := s.self
	middle := t.Position().AddXY(t.Size().Width/2, t.Size().Height/2)
	t.corner = corner{right: middle.X > s.Size().Width/2, bottom: middle.Y > s.Size().Height/2}
	s.rearrange()
}

func (s *stage) place(size fyne.Size) {
	alone := len(s.order) == 0
	for _, o := range []fyne.CanvasObject{s.title, s.text, s.invite} {
		show(o, alone)
	}
	y := size.Height/2 - 56
	put(s.title, 0, y, size.Width, s.title.MinSize().Height)
	put(s.text, 0, y+32, size.Width, s.text.MinSize().Height)
	button := s.invite.MinSize()
	put(s.invite, (size.Width-button.Width)/2, y+68, button.Width, button.Height)
	if s.pinned != "" {
		s.placePinned(size)
	} else {
		a := arrange(len(s.order), size.Width, size.Height, stageGap)
		for i, id := range s.order {
			x, y := a.Position(i, len(s.order), size.Width, size.Height, stageGap)
			put(s.tiles[id], x, y, a.Width, a.Height)
		}
	}
	if s.self == nil {
		return
	}
	w, h := selfWidth, selfHeight
	if size.Width < 560 || size.Height < 380 {
		w, h = selfSmaller, selfSmaller*9/16
	}
	if s.self.hidden {
		w, h = 36, 36
	}
	x, y := theme.SpaceS, theme.SpaceS
	if s.self.corner.right {
		x = size.Width - w - theme.SpaceS
	}
	if s.self.corner.bottom {
		y = size.Height - h - theme.SpaceS
	}
	put(s.self, x, y, w, h)
}

// placePinned shows one tile large, with the others in a strip below.
func (s *stage) placePinned(size fyne.Size) {
	strip := min(size.Height*0.22, 130)
	a := Grid(1, size.Width, size.Height-strip-stageGap, stageGap, wideAspect)
	x, y := a.Position(0, 1, size.Width, size.Height-strip-stageGap, stageGap)
	put(s.tiles[s.pinned], x, y, a.Width, a.Height)
	others := len(s.order) - 1
	w := min(strip*wideAspect, (size.Width-stageGap*float32(others-1))/float32(others))
	x = (size.Width - w*float32(others) - stageGap*float32(others-1)) / 2
	for _, id := range s.order {
		if id != s.pinned {
			put(s.tiles[id], x, size.Height-strip, w, strip)
			x += w + stageGap
		}
	}
}

// selfTile is the own picture. It is dragged to a corner, and hidden by the
// button on it.
type selfTile struct {
	part
	loc     *i18n.Localizer
	tile    *personTile
	toggle  *smallButton
	corner  corner
	hidden  bool
	dropped func()
}

var _ fyne.Draggable = (*selfTile)(nil)

func newSelfTile(loc *i18n.Localizer, p Person, dropped func()) *selfTile {
	t := &selfTile{loc: loc, tile: newPersonTile(loc, p, nil), corner: corner{right: true, bottom: true}, dropped: dropped}
	t.tile.compact = true
	t.toggle = newSmallButton("hide", t.label, func() {
		t.hidden = !t.hidden
		show(t.tile, !t.hidden)
		t.dropped()
	})
	t.objects = []fyne.CanvasObject{t.tile, t.toggle}
	t.arrange = func(size fyne.Size) {
		put(t.tile, 0, 0, size.Width, size.Height)
		if t.hidden {
			put(t.toggle, 0, 0, size.Width, size.Height)
			return
		}
		put(t.toggle, size.Width-32, 6, 26, 26)
	}
	t.extend(t)
	return t
}

func (t *selfTile) label() string {
	if t.hidden {
		return t.loc.T("call.preview.show")
	}
	return t.loc.T("call.preview.hide")
}

// Dragged implements fyne.Draggable.
func (t *selfTile) Dragged(e *fyne.DragEvent) { t.Move(t.Position().Add(e.Dragged)) }

// DragEnd implements fyne.Draggable.
func (t *selfTile) DragEnd() { t.dropped() }

// smallButton is a round icon on a picture.
type smallButton struct {
	part
	pressing
	label func() string
	back  *canvas.Circle
	icon  *icon
}

func newSmallButton(name string, label func() string, tap func()) *smallButton {
	b := &smallButton{pressing: pressing{tap: tap}, label: label, back: canvas.NewCircle(theme.Color(theme.ColorShade)), icon: newIcon(name, theme.ColorOnShade)}
	b.objects = []fyne.CanvasObject{b.back, b.icon.Image}
	b.arrange = func(size fyne.Size) {
		put(b.back, 0, 0, size.Width, size.Height)
		put(b.icon, size.Width*0.24, size.Height*0.24, size.Width*0.52, size.Height*0.52)
	}
	b.paint = func() {
		b.back.FillColor = theme.Color(theme.ColorShade)
		b.back.StrokeColor, b.back.StrokeWidth = b.ring()
		b.icon.paint()
	}
	b.changed = func() { b.Refresh() }
	b.extend(b)
	return b
}

// AccessibilityLabel is part of fyne.Accessible.
func (b *smallButton) AccessibilityLabel() string { return b.label() }

// AccessibilityRole is part of fyne.Accessible.
func (b *smallButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

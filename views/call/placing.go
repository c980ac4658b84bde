package call

import (
	"strconv"

	"fyne.io/fyne/v2"

	"parley/views/theme"
)

// place lays everything on the stage. Tiles of pages that are not shown are
// hidden: what nobody sees need not be received.
func (s *stage) place(size fyne.Size) {
	defer put(s.reactions, 0, 0, size.Width, size.Height)
	if s.self != nil {
		show(s.self, !s.covered)
	}
	if s.covered {
		s.hideTiles()
		return
	}
	area := s.placeFrame(size)
	s.placeAlone(area)
	large := s.large()
	if (large == tileID{}) {
		tiles := s.others(large)
		page := gridSpread(len(tiles), s.page, area)
		s.placePage(tiles, page)
		tile := float32(0)
		if len(page.tiles) > 0 {
			tile = page.tiles[0].w
		}
		s.placeSelf(area, rect{}, tile)
		return
	}
	main, strip, down := divide(area)
	tiles := s.others(large)
	var own rect
	if s.self != nil && (down && s.self.corner.right || !down && s.self.corner.bottom) {
		atEnd := s.self.corner.right
		if down {
			atEnd = s.self.corner.bottom
		}
		strip, own = setAside(len(tiles), strip, down, atEnd, s.self.hidden)
	}
	s.placePage(tiles, stripSpread(len(tiles), s.page, strip, down))
	if !large.screen { // a screen takes all that there is
		a := arrange(1, main.w, main.h, 0)
		x, y := a.Position(0, 1, main.w, main.h, 0)
		main = rect{main.x + x, main.y + y, a.Width, a.Height}
	}
	main.put(s.tile(large))
	show(s.tile(large), true)
	s.placeSelf(area, own, 0)
}

// cover says whether something lies over all of the stage: what nobody sees then
// need not be received.
func (s *stage) cover(covered bool) {
	if covered != s.covered {
		s.covered = covered
		s.rearrange()
	}
}

func (s *stage) hideTiles() {
	for _, t := range s.tiles {
		show(t, false)
	}
	for _, t := range s.screens {
		show(t, false)
	}
}

func (r rect) put(o fyne.CanvasObject) { put(o, r.x, r.y, r.w, r.h) }

// placeFrame draws the frame of one's own sharing, and returns what it leaves.
func (s *stage) placeFrame(size fyne.Size) rect {
	put(s.frame, 0, 0, size.Width, size.Height)
	put(s.bar, 0, 0, size.Width, sharingHeight)
	if !s.frame.Visible() {
		return rect{w: size.Width, h: size.Height}
	}
	const around = frameWidth + stageGap
	top := sharingHeight + stageGap
	return rect{around, top, max(size.Width-2*around, 0), max(size.Height-top-around, 0)}
}

// placeAlone says that nobody else is there, where that is so.
func (s *stage) placeAlone(area rect) {
	alone := len(s.order) == 0
	for _, o := range []fyne.CanvasObject{s.title, s.text, s.invite} {
		show(o, alone)
	}
	y := area.y + area.h/2 - theme.Scaled(56)
	put(s.title, area.x, y, area.w, s.title.MinSize().Height)
	put(s.text, area.x, y+theme.Scaled(32), area.w, s.text.MinSize().Height)
	button := s.invite.MinSize()
	put(s.invite, area.x+(area.w-button.Width)/2, y+theme.Scaled(68), button.Width, button.Height)
}

// placePage shows the tiles of one page and hides the others.
func (s *stage) placePage(tiles []tileID, p spread) {
	s.page = p.page
	for i, id := range tiles {
		on := i >= p.first && i < p.first+len(p.tiles)
		if on {
			p.tiles[i-p.first].put(s.tile(id))
		}
		show(s.tile(id), on)
	}
	for id, t := range s.tiles {
		t.mark(s.pinned == tileID{user: id})
	}
	for id, t := range s.screens {
		t.mark(s.pinned == tileID{user: id, screen: true})
	}
	several := p.pages > 1
	show(s.back, several)
	show(s.forward, several)
	show(s.count, several && p.count != rect{})
	if !several {
		return
	}
	back, forward := "left", "right"
	if p.down {
		back, forward = "up", "down"
	}
	s.back.use(back, p.page == 0)
	s.forward.use(forward, p.page == p.pages-1)
	p.back.put(s.back)
	p.forward.put(s.forward)
	s.count.Text = strconv.Itoa(p.page+1) + "/" + strconv.Itoa(p.pages)
	p.count.put(s.count)
	s.count.Refresh()
}

// placeSelf puts the own picture into the place that the strip keeps for it,
// or into its corner, above tiles as wide as is given.
func (s *stage) placeSelf(area, own rect, tile float32) {
	if s.self == nil || s.self.dragged {
		return
	}
	if (own == rect{}) {
		own = s.self.float(area, tile)
	}
	own.put(s.self)
}

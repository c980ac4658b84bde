package call

import (
	"fyne.io/fyne/v2"

	"parley/views/theme"
)

// marks are where tiles say something of their people, in the view: raised hands, and
// names.
func (v *View) marks() (hands, names []rect) {
	add := func(tile *personTile, at fyne.Position) {
		if !tile.Visible() {
			return
		}
		at = at.Add(v.stage.Position())
		if o := tile.hand; o.Visible() {
			hands = append(hands, rect{at.X + o.Position().X, at.Y + o.Position().Y, o.Size().Width, o.Size().Height})
		}
		if o := tile.label; o.Visible() {
			names = append(names, rect{at.X + o.Position().X, at.Y + o.Position().Y, o.Size().Width, o.Size().Height})
		}
	}
	for _, t := range v.stage.tiles {
		add(t, t.Position())
	}
	if self := v.stage.self; self != nil && self.Visible() {
		add(self.tile, self.Position())
	}
	return hands, names
}

// besideMarks moves a notice down to where it lies on no mark, or at least on no hand,
// where there is such a place above the lowest.
func (v *View) besideMarks(r rect, lowest float32) rect {
	hands, names := v.marks()
	if moved, found := clearOf(r, append(names, hands...), lowest); found {
		return moved
	}
	moved, _ := clearOf(r, hands, lowest)
	return moved
}

func clearOf(r rect, marks []rect, lowest float32) (moved rect, found bool) {
	moved = r
	for again := true; again; {
		again = false
		for _, m := range marks {
			if moved.x < m.x+m.w && m.x < moved.x+moved.w && moved.y < m.y+m.h && m.y < moved.y+moved.h {
				moved.y, again = m.y+m.h+theme.SpaceXS, true
			}
		}
		if moved.y+moved.h > lowest {
			return r, false
		}
	}
	return moved, true
}

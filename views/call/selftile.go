package call

import (
	"fyne.io/fyne/v2"

	"parley/views/i18n"
	"parley/views/theme"
)

const (
	selfWidth   float32 = 208
	selfSmaller float32 = 132 // where the stage is small
	selfShare   float32 = 0.6 // of a tile of the others
	hiddenSize  float32 = 36  // of what is left of a hidden picture
)

// corner is where the own picture floats.
type corner struct{ right, bottom bool }

// selfTile is the own picture. It is dragged to a corner, and hidden by the
// button on it.
type selfTile struct {
	part
	loc     *i18n.Localizer
	tile    *personTile
	toggle  *smallButton
	corner  corner
	hidden  bool
	dragged bool // just now: the stage leaves it where it is
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

// Show puts the own picture on the stage: Fyne does not tell what is inside.
func (t *selfTile) Show() {
	t.part.Show()
	show(t.tile, !t.hidden)
}

// Hide takes it off, with the cost of its picture.
func (t *selfTile) Hide() {
	t.part.Hide()
	t.tile.Hide()
}

// Dragged implements fyne.Draggable.
func (t *selfTile) Dragged(e *fyne.DragEvent) {
	t.dragged = true
	t.Move(t.Position().Add(e.Dragged))
}

// DragEnd implements fyne.Draggable.
func (t *selfTile) DragEnd() {
	t.dragged = false
	t.dropped()
}

// float is where the own picture lies in its corner, above the others: it covers no
// more than a part of a tile as wide as theirs.
func (t *selfTile) float(area rect, tile float32) rect {
	own := rect{w: selfWidth}
	if area.w < 560 || area.h < 380 {
		own.w = selfSmaller
	} else if tile > 0 {
		own.w = min(selfWidth, max(tile*selfShare, selfSmaller))
	}
	own.h = own.w * 9 / 16
	if t.hidden {
		own.w, own.h = hiddenSize, hiddenSize
	}
	own.x, own.y = area.x+theme.SpaceS, area.y+theme.SpaceS
	if t.corner.right {
		own.x = area.x + area.w - own.w - theme.SpaceS
	}
	if t.corner.bottom {
		own.y = area.y + area.h - own.h - theme.SpaceS
	}
	return own
}

package call

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"parley/views/i18n"
	"parley/views/theme"
)

// CompactActions are what one does in the small window of a call.
type CompactActions struct {
	ToggleMicrophone, ToggleCamera, Leave, Back func()
}

const (
	compactWidth, compactHeight float32 = 280, 200
	compactButtons              float32 = 44
	compactButton               float32 = 32
)

// Compact is the call in a small window: who talks, and what is needed most.
type Compact struct {
	part
	canvas                          fyne.Canvas // of its window
	loc                             *i18n.Localizer
	back                            *theme.Panel
	tile                            *personTile // nil before the first state
	speaker                         speaker
	microphone, camera, home, leave *control
	hint                            *tag
	over                            bool // the mouse is on it
}

var _ desktop.Hoverable = (*Compact)(nil)

// NewCompact makes the view for a window's canvas.
func NewCompact(canvas fyne.Canvas, loc *i18n.Localizer, a CompactActions) *Compact {
	c := &Compact{canvas: canvas, loc: loc, back: theme.NewPanel(theme.ColorStage), hint: newTag()}
	hovered := func(b *control) {
		c.over = b.over || c.over
		c.hint.hint(b)
		c.rearrange()
	}
	c.microphone, c.camera = newControl(a.ToggleMicrophone, hovered), newControl(a.ToggleCamera, hovered)
	c.home, c.leave = newControl(a.Back, hovered), newControl(a.Leave, hovered)
	c.list()
	c.minimum = func() fyne.Size { return fyne.NewSize(compactWidth, compactHeight) }
	c.arrange = c.place
	c.extend(c)
	return c
}

// CanvasObject is the view itself.
func (c *Compact) CanvasObject() fyne.CanvasObject { return c }

func (c *Compact) buttons() []*control { return []*control{c.microphone, c.camera, c.home, c.leave} }

func (c *Compact) list() {
	c.objects = append(c.objects[:0], c.back)
	if c.tile != nil {
		c.objects = append(c.objects, c.tile)
	}
	for _, b := range c.buttons() {
		c.objects = append(c.objects, b)
	}
	c.objects = append(c.objects, c.hint)
}

// Update shows a state: of others who talks, or who came first; oneself where
// nobody else is there.
func (c *Compact) Update(s State) {
	who := c.speaker.follow(s.People, time.Now())
	var shown *Person
	for i := range s.People {
		p := &s.People[i]
		switch {
		case p.UserID == who && !p.Self, shown == nil, shown.Self && !p.Self:
			shown = p
		}
	}
	if shown != nil {
		if c.tile == nil {
			c.tile = newPersonTileOn(c.canvas, c.loc, *shown, nil)
			c.list()
			c.Refresh()
		}
		c.tile.set(*shown)
	}
	microphone, camera := microphoneLook(c.loc, s), cameraLook(c.loc, s)
	c.microphone.set(microphone, "")
	c.camera.set(camera, "")
	c.home.set(look{icon: "expand", label: c.loc.T("call.back")}, "")
	c.leave.set(look{icon: "leave", label: c.loc.T("call.leave"), red: true}, "")
}

// Hide takes the picture away too, and its cost.
func (c *Compact) Hide() {
	c.part.Hide()
	c.over = false // a window that goes away tells nothing of the mouse
	for _, b := range c.buttons() {
		b.over = false
	}
	c.hint.say("")
	if c.tile != nil {
		c.tile.Hide()
	}
}

// Show brings it back.
func (c *Compact) Show() {
	c.part.Show()
	if c.tile != nil {
		c.tile.Show()
	}
}

// Close frees the picture for good.
func (c *Compact) Close() {
	if c.tile != nil {
		c.tile.close()
	}
}

// Over reports whether the mouse is on the view.
func (c *Compact) Over() bool {
	for _, b := range c.buttons() {
		if b.over {
			return true
		}
	}
	return c.over
}

// MouseIn implements desktop.Hoverable.
func (c *Compact) MouseIn(*desktop.MouseEvent) { c.over = true }

// MouseMoved implements desktop.Hoverable.
func (c *Compact) MouseMoved(*desktop.MouseEvent) { c.over = true }

// MouseOut implements desktop.Hoverable.
func (c *Compact) MouseOut() { c.over = false }

func (c *Compact) place(size fyne.Size) {
	put(c.back, 0, 0, size.Width, size.Height)
	below := size.Height - compactButtons
	if c.tile != nil {
		put(c.tile, theme.SpaceXS, theme.SpaceXS, max(size.Width-2*theme.SpaceXS, 0), max(below-theme.SpaceXS, 0))
	}
	all := c.buttons()
	const gap = theme.SpaceM
	x := (size.Width - float32(len(all))*(compactButton+gap) + gap) / 2
	y := below + (compactButtons-compactButton)/2
	for _, b := range all {
		put(b, x, y, compactButton, compactButton)
		if b.over {
			c.hint.at(x+compactButton/2, below-theme.SpaceS-labelHeight()-theme.SpaceXS-tagHeight(), size.Width) // above the name
		}
		x += compactButton + gap
	}
}

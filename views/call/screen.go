package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/i18n"
	"parley/views/theme"
	"parley/views/video"
)

const (
	// screenInset keeps the square corners of a screen off the round ones of
	// its tile.
	screenInset = theme.SpaceXS
	// screenSentence is the width from which a tile has room for a sentence.
	screenSentence float32 = 320
)

// screenTile shows what somebody shares of their screen: all of it, as sharp
// as it comes. Its label lies below the picture: what is shared may be at the
// edge.
type screenTile struct {
	part
	loc     *i18n.Localizer
	person  Person
	doubled func()

	back  *canvas.Rectangle
	video *video.Tile
	feed  *video.Feed
	icon  *icon
	pin   *icon
	name  *canvas.Text
}

var _ fyne.DoubleTappable = (*screenTile)(nil)

func newScreenTile(loc *i18n.Localizer, p Person, doubled func()) *screenTile {
	t := &screenTile{
		loc: loc, doubled: doubled, person: p, feed: p.Screen,
		back:  canvas.NewRectangle(nil),
		video: video.NewTile(p.Screen, video.Options{Fit: video.Contain}),
		icon:  newIcon("computer", theme.ColorStageText),
		pin:   newIcon("pin", theme.ColorStageText),
		name:  newText(theme.TextSmall, false),
	}
	t.back.CornerRadius = theme.RadiusM
	t.pin.Hide()
	t.objects = []fyne.CanvasObject{t.back, t.video, t.icon.Image, t.pin.Image, t.name}
	t.arrange = t.place
	t.paint = func() {
		t.back.FillColor, t.name.Color = theme.Color(theme.ColorTile), theme.Color(theme.ColorStageText)
		t.icon.paint()
		t.pin.paint()
	}
	t.extend(t)
	return t
}

// set shows what a person is called now.
func (t *screenTile) set(p Person) {
	old := t.person
	t.person = p
	if p.Name != old.Name {
		t.rearrange()
	}
}

// mark says whether the tile is pinned.
func (t *screenTile) mark(pinned bool) {
	if pinned != t.pin.Visible() {
		show(t.pin, pinned)
		t.rearrange()
	}
}

func (t *screenTile) place(size fyne.Size) {
	put(t.back, 0, 0, size.Width, size.Height)
	put(t.video, screenInset, screenInset, max(size.Width-2*screenInset, 0), max(size.Height-labelHeight()-screenInset, 0))
	x, middle := theme.SpaceS, size.Height-labelHeight()/2
	for _, mark := range []*icon{t.icon, t.pin} {
		if mark.Visible() {
			put(mark, x, middle-markSize/2, markSize, markSize)
			x += markSize + theme.SpaceXS
		}
	}
	text := personName(t.person)
	if size.Width >= screenSentence {
		text = t.AccessibilityLabel()
	}
	t.name.Text = ellipsis(text, max(size.Width-x-theme.SpaceS, 0), t.name.TextSize, t.name.TextStyle)
	h := t.name.MinSize().Height
	put(t.name, x, middle-h/2, max(size.Width-x, 0), h)
	t.name.Refresh()
}

// Show puts the tile on the stage, with its picture: Fyne does not tell what
// is inside.
func (t *screenTile) Show() {
	t.part.Show()
	t.video.Show()
}

// Hide takes it off, with the cost of its picture.
func (t *screenTile) Hide() {
	t.part.Hide()
	t.video.Hide()
}

func (t *screenTile) close() { t.video.Close() }

// DoubleTapped is part of fyne.DoubleTappable.
func (t *screenTile) DoubleTapped(*fyne.PointEvent) { t.doubled() }

// AccessibilityLabel is part of fyne.Accessible.
func (t *screenTile) AccessibilityLabel() string {
	return t.loc.Tf("call.screen", map[string]any{"Name": personName(t.person)})
}

// AccessibilityRole is part of fyne.Accessible.
func (t *screenTile) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

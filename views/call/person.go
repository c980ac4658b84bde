package call

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/i18n"
	"parley/views/theme"
	"parley/views/video"
)

const (
	ringWidth float32 = 3
	markSize  float32 = 14
	smallTile float32 = 120 // below it a tile is narrow
)

func labelHeight() float32 { return theme.Scaled(24) }

// personTile shows one person: the picture, or an avatar while there is none.
type personTile struct {
	part
	loc    *i18n.Localizer
	canvas fyne.Canvas // of another window than the call's
	person Person
	// compact leaves the name out, for tiles that speak for themselves.
	compact bool
	doubled func(userID string)
	menu    func(Person) *fyne.Menu // of a host; nil, or gives nil, without one

	back    *canvas.Rectangle
	disc    *canvas.Circle
	letters *canvas.Text
	video   *video.Tile // nil without a feed
	feed    *video.Feed
	label   *canvas.Rectangle
	dim     *canvas.Rectangle // over a picture that stands still
	note    *tag              // what is wrong with the picture
	pin     *icon
	mute    *icon
	hand    *handMark
	name    *canvas.Text
	quality *bars
	ring    *canvas.Rectangle
}

var _ fyne.DoubleTappable = (*personTile)(nil)

func newPersonTile(loc *i18n.Localizer, p Person, doubled func(string)) *personTile {
	return newPersonTileOn(nil, loc, p, doubled)
}

// newPersonTileOn makes a tile for another window than that of the call.
func newPersonTileOn(c fyne.Canvas, loc *i18n.Localizer, p Person, doubled func(string)) *personTile {
	t := &personTile{
		loc: loc, doubled: doubled, canvas: c,
		back:    canvas.NewRectangle(color.Transparent),
		disc:    canvas.NewCircle(color.Transparent),
		letters: newText(theme.TextTitle, true),
		label:   canvas.NewRectangle(color.Transparent),
		dim:     canvas.NewRectangle(color.Transparent),
		note:    newTag(),
		pin:     newIcon("pin", theme.ColorOnShade),
		mute:    newIcon("microphone-off", theme.ColorOnShade),
		hand:    newHandMark(),
		name:    newText(theme.TextSmall, false),
		quality: newBars(theme.ColorOnShade),
		ring:    canvas.NewRectangle(color.Transparent),
	}
	t.back.CornerRadius = theme.RadiusM
	t.dim.CornerRadius = theme.RadiusM
	t.pin.Hide()
	t.ring.CornerRadius = theme.RadiusM
	t.ring.StrokeWidth = ringWidth
	t.ring.Hide()
	t.letters.Alignment = fyne.TextAlignCenter
	t.arrange = t.place
	t.paint = t.colour
	t.list()
	t.extend(t)
	t.set(p)
	return t
}

// list orders the objects from back to front.
func (t *personTile) list() {
	t.objects = append(t.objects[:0], t.back, t.disc, t.letters)
	if t.video != nil {
		t.objects = append(t.objects, t.video)
	}
	t.objects = append(t.objects, t.dim, t.ring, t.label, t.note, t.pin.Image, t.mute.Image, t.name, t.quality, t.hand)
}

// set shows a person, changing only what differs.
func (t *personTile) set(p Person) {
	old := t.person
	t.person = p
	if p.Video != t.feed {
		t.setFeed(p.Video)
	}
	t.quality.set(p.Quality)
	t.hand.set(p.Hand)
	show(t.ring, p.Speaking && !p.Muted)
	t.showPicture()
	if p.Name != old.Name || p.UserID != old.UserID || p.Muted != old.Muted || p.Hand != old.Hand ||
		p.Self != old.Self || p.Frozen != old.Frozen || p.Unplayable != old.Unplayable || p.Quality != old.Quality {
		t.colour()
		t.rearrange()
	}
}

func (t *personTile) setFeed(feed *video.Feed) {
	if t.video != nil {
		t.video.Close()
		t.video = nil
	}
	t.feed = feed
	if feed != nil {
		t.video = video.NewTile(feed, video.Options{
			CornerRadius:   theme.RadiusM,
			Mirror:         t.person.Self,
			Canvas:         t.canvas,
			PictureChanged: func(bool) { t.showPicture() },
		})
	}
	t.list()
	if !t.Size().IsZero() {
		t.place(t.Size())
	}
	t.Refresh()
}

// mark says whether the tile is pinned.
func (t *personTile) mark(pinned bool) {
	if pinned != t.pin.Visible() {
		show(t.pin, pinned)
		t.rearrange()
	}
}

// avatar tells whether there is no picture to show.
func (t *personTile) avatar() bool {
	return t.person.CameraOff || t.person.Unplayable != "" || t.video == nil || !t.video.HasPicture()
}

// showPicture chooses between the picture and the avatar. A tile that is not
// on the stage hides its picture too: Fyne does not tell what is inside.
func (t *personTile) showPicture() {
	avatar := t.avatar()
	show(t.back, avatar) // it would be drawn for nothing under a picture
	show(t.disc, avatar)
	show(t.dim, !avatar && t.person.Frozen)
	show(t.letters, avatar)
	if t.video != nil {
		show(t.video, !t.person.CameraOff && t.person.Unplayable == "" && t.Visible())
	}
}

// Show puts the tile on the stage.
func (t *personTile) Show() {
	t.part.Show()
	t.showPicture()
}

// Hide takes it off, with the cost of its picture.
func (t *personTile) Hide() {
	t.part.Hide()
	t.showPicture()
}

// close frees the picture for good.
func (t *personTile) close() {
	if t.video != nil {
		t.video.Close()
	}
}

// DoubleTapped is part of fyne.DoubleTappable.
func (t *personTile) DoubleTapped(*fyne.PointEvent) {
	if t.doubled != nil {
		t.doubled(t.person.UserID)
	}
}

// AccessibilityLabel is part of fyne.Accessible.
func (t *personTile) AccessibilityLabel() string {
	label := t.caption()
	if t.person.Hand > 0 {
		label += ", " + t.loc.T("call.hand.raised")
	}
	if problem := t.problem(); problem != "" {
		label += ", " + problem
	}
	return label
}

// AccessibilityRole is part of fyne.Accessible.
func (t *personTile) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

func (t *personTile) caption() string {
	name := personName(t.person)
	switch {
	case !t.person.Self:
		return name
	case t.compact:
		return t.loc.T("call.you")
	default:
		return t.loc.Tf("call.you.name", map[string]any{"Name": name})
	}
}

// personName is how a person is called.
func personName(p Person) string {
	if p.Name == "" {
		return p.UserID
	}
	return p.Name
}

// problem is what is wrong with the picture; empty where nothing is.
func (t *personTile) problem() string {
	switch {
	case t.person.CameraOff:
		return ""
	case t.person.Unplayable != "":
		return t.loc.Tf("call.unplayable", map[string]any{"Codec": t.person.Unplayable})
	case t.person.Frozen && !t.avatar():
		return t.loc.T("call.frozen")
	default:
		return ""
	}
}

func (t *personTile) colour() {
	t.back.FillColor = theme.Color(theme.ColorTile)
	t.disc.FillColor = theme.AvatarColor(t.person.UserID)
	t.letters.Color = color.White
	t.label.CornerRadius = labelHeight() / 2
	t.label.FillColor = theme.Color(theme.ColorShade)
	t.name.Color = theme.Color(theme.ColorOnShade)
	t.ring.StrokeColor = theme.Color(theme.ColorSpeaking)
	t.dim.FillColor = theme.Color(theme.ColorDim)
	t.pin.paint()
	t.mute.paint()
	t.letters.Text = theme.Initials(personName(t.person))
}

func (t *personTile) place(size fyne.Size) {
	put(t.back, 0, 0, size.Width, size.Height)
	put(t.ring, 0, 0, size.Width, size.Height)
	put(t.dim, 0, 0, size.Width, size.Height)
	if t.video != nil {
		put(t.video, 0, 0, size.Width, size.Height)
	}
	inset := theme.SpaceS
	if size.Height < 100 {
		inset = theme.SpaceXS + 2
	}
	across := min(max(min(size.Width, size.Height)*0.42, 28), 132)
	middle := size.Height / 2
	if free := size.Height - inset - labelHeight(); middle+across/2 > free && free > across {
		middle = free / 2 // the name would lie on the avatar
	}
	put(t.disc, (size.Width-across)/2, middle-across/2, across, across)
	t.letters.TextSize = across * 0.4
	h := t.letters.MinSize().Height
	put(t.letters, 0, middle-h/2, size.Width, h)
	t.letters.Refresh()
	t.placeLabel(size, inset)
	mark := t.hand.MinSize()
	put(t.hand, inset, inset, mark.Width, mark.Height)
	t.placeNote(size, inset)
}

// placeNote says what is wrong with the picture: below the avatar where there
// is room, else at the top.
func (t *personTile) placeNote(size fyne.Size, inset float32) {
	width := size.Width - 2*inset
	t.note.say(ellipsis(t.problem(), max(width-2*theme.SpaceS, 0), t.note.text.TextSize, t.note.text.TextStyle))
	y := t.disc.Position().Y + t.disc.Size().Height + theme.SpaceS
	if !t.avatar() || y+tagHeight() > size.Height-inset-labelHeight() {
		y = inset
	}
	t.note.at(size.Width/2, y, size.Width)
}

// placeLabel puts the marks and the name on one shade at the bottom left.
func (t *personTile) placeLabel(size fyne.Size, inset float32) {
	show(t.mute, t.person.Muted)
	// In a small tile the name needs the room, while all is well.
	known := t.person.Quality != QualityUnknown && (size.Width >= smallTile || t.person.Quality.bars() < 3)
	show(t.quality, known)
	const pad = theme.SpaceS
	x := inset + pad
	middle := size.Height - inset - labelHeight()/2
	for _, mark := range []*icon{t.pin, t.mute} {
		if mark.Visible() {
			put(mark, x, middle-markSize/2, markSize, markSize)
			x += markSize + theme.SpaceXS
		}
	}
	room := size.Width - inset - pad - x
	if known {
		room -= 15 + theme.SpaceS
	}
	t.name.Text = ellipsis(t.caption(), max(room, 0), t.name.TextSize, t.name.TextStyle)
	named := room > 24
	show(t.name, named)
	if named {
		text := t.name.MinSize()
		put(t.name, x, middle-text.Height/2, text.Width, text.Height)
		x += text.Width
	} else {
		x -= theme.SpaceXS
	}
	t.name.Refresh()
	if known {
		x += theme.SpaceS
		put(t.quality, x, middle-6, 15, 12)
		x += 15
	}
	put(t.label, inset, middle-labelHeight()/2, x+pad-inset, labelHeight())
	show(t.label, named || known || t.pin.Visible() || t.mute.Visible())
}

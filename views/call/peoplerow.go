package call

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/session/wire"
	"parley/views/theme"
)

const (
	faceSize float32 = 34
	signSize float32 = 17
	// nameLeast is less than what a name needs to be known by.
	nameLeast float32 = 64
)

// peopleRow is the widget of an entry; it is used again for others.
type peopleRow struct {
	part
	pressing
	rows  *peopleRows
	entry entry
	index int
	stale bool // to be drawn anew

	back        *canvas.Rectangle
	ring        *canvas.Circle
	disc        *canvas.Circle
	letters     *canvas.Text
	name, about *canvas.Text
	hand        *handMark
	quality     *bars
	screen      *icon
	camera      *icon
	microphone  *icon
	more        *icon
	admit, deny *pill
}

var _ fyne.Focusable = (*peopleRow)(nil)

func newPeopleRow(rows *peopleRows) *peopleRow {
	r := &peopleRow{
		rows: rows, stale: true, back: canvas.NewRectangle(nil), ring: canvas.NewCircle(nil), disc: canvas.NewCircle(nil),
		letters: newText(theme.TextSmall, true), name: newText(theme.TextBody, false), about: newText(theme.TextSmall, false),
		hand: newHandMark(), quality: newBars(theme.ColorMuted), screen: newIcon("screen", "primary"), camera: newIcon("camera", theme.ColorMuted),
		microphone: newIcon("microphone", theme.ColorMuted), more: newIcon("more", theme.ColorMuted),
	}
	r.tap = func() { rows.open(r) }
	answer := func(action wire.Action) func() {
		return func() { rows.panel.actions.Host.Act(action, r.entry.waits) }
	}
	r.admit = newPill("tick", rows.panel.loc.T("host.admit"), answer(wire.ActionAdmit))
	r.deny = newPill("close", rows.panel.loc.T("host.deny.short"), answer(wire.ActionDeny))
	r.letters.Alignment = fyne.TextAlignCenter
	r.back.CornerRadius = theme.RadiusS
	r.objects = []fyne.CanvasObject{
		r.back, r.ring, r.disc, r.letters, r.name, r.about, r.hand, r.quality, r.screen.Image, r.camera.Image, r.microphone.Image, r.more.Image, r.admit, r.deny,
	}
	r.arrange = r.place
	r.paint = r.colour
	r.changed = func() { r.Refresh() }
	r.pressing.self = r
	r.extend(r)
	return r
}

// set shows an entry, where it differs from what is shown.
func (r *peopleRow) set(e entry, index int) {
	r.index = index
	e.person.Level = 0 // shown by nothing here, and always another
	if e == r.entry && !r.stale {
		return
	}
	if e.person.UserID != r.entry.person.UserID {
		r.over = false
	}
	r.entry, r.stale = e, false
	r.admit.text.Text, r.deny.text.Text = r.rows.panel.loc.T("host.admit"), r.rows.panel.loc.T("host.deny.short")
	r.Refresh()
}

func (r *peopleRow) colour() {
	p := r.entry.person
	r.back.FillColor = color.Transparent
	if r.over && r.active() {
		r.back.FillColor = theme.Color("hover")
	}
	r.back.StrokeColor, r.back.StrokeWidth = r.pressing.ring()
	r.ring.FillColor = theme.Color(theme.ColorSpeaking)
	r.letters.Color, r.name.Color, r.about.Color = color.White, theme.Color(theme.ColorStageText), theme.Color(theme.ColorMuted)
	id := p.UserID
	if r.entry.waits.ID != "" {
		id = r.entry.waits.ID
	}
	r.disc.FillColor = theme.AvatarColor(id)
	r.screen.paint()
	r.more.paint()
	microphone, camera := theme.ColorMuted, theme.ColorMuted
	names := [2]string{"microphone", "camera"}
	if p.Muted {
		names[0], microphone = "microphone-off", theme.ColorDanger
	} else if p.Speaking {
		microphone = theme.ColorSpeaking
	}
	if p.CameraOff {
		names[1] = "camera-off"
	}
	r.microphone.set(names[0], microphone)
	r.camera.set(names[1], camera)
	if r.entry.heading != "" {
		r.name.Color = theme.Color(theme.ColorMuted)
	}
}

// active reports whether something can be done with the entry.
func (r *peopleRow) active() bool { return r.entry.person.UserID != "" && !r.entry.person.Self }

func (r *peopleRow) place(size fyne.Size) {
	e := r.entry
	p := e.person
	here, waits := p.UserID != "", e.waits.ID != ""
	put(r.back, theme.SpaceXS, 0, size.Width-2*theme.SpaceXS, size.Height)
	for _, o := range []fyne.CanvasObject{r.disc, r.letters} {
		show(o, here || waits)
	}
	show(r.ring, here && p.Speaking && !p.Muted)
	for _, o := range []fyne.CanvasObject{r.quality, r.camera.Image, r.microphone.Image} {
		show(o, here)
	}
	show(r.admit, waits)
	show(r.deny, waits)
	show(r.more.Image, r.active())
	show(r.screen.Image, here && r.shares())
	r.quality.set(p.Quality)
	r.hand.set(p.Hand)
	r.name.TextStyle.Bold = e.heading != ""
	if e.heading != "" {
		r.name.TextSize = theme.Scaled(theme.TextSmall)
		r.write(r.name, e.heading, theme.SpaceL, size.Height/2, size.Width-2*theme.SpaceL)
		show(r.about, false)
		return
	}
	r.name.TextSize = theme.Scaled(theme.TextBody)
	y := (size.Height - faceSize) / 2
	put(r.ring, theme.SpaceM-2, y-2, faceSize+4, faceSize+4)
	put(r.disc, theme.SpaceM, y, faceSize, faceSize)
	h := r.letters.MinSize().Height
	name := nameOf(e.waits)
	if here {
		name = personName(p)
	}
	r.letters.Text = theme.Initials(name)
	put(r.letters, theme.SpaceM, (size.Height-h)/2, faceSize, h)
	r.letters.Refresh()
	right := r.placeSigns(size)
	if p.Self {
		name = r.rows.panel.loc.Tf("call.you.name", map[string]any{"Name": name})
	}
	x := theme.SpaceM + faceSize + theme.SpaceM
	about := r.line()
	show(r.about, about != "")
	if about == "" {
		r.write(r.name, name, x, size.Height/2, right-x)
		return
	}
	lines := r.name.MinSize().Height + r.about.MinSize().Height
	top := (size.Height - lines) / 2
	r.write(r.name, name, x, top+r.name.MinSize().Height/2, right-x)
	r.write(r.about, about, x, top+r.name.MinSize().Height+r.about.MinSize().Height/2, right-x)
}

// placeSigns lays what stands at the right, and returns what is left of them.
func (r *peopleRow) placeSigns(size fyne.Size) (right float32) {
	right = size.Width - theme.SpaceM
	if r.admit.Visible() {
		// A name matters more than the words beside it.
		r.admit.bare, r.deny.bare = false, false
		if room := size.Width - 3*theme.SpaceM - faceSize - r.deny.MinSize().Width - r.admit.MinSize().Width - 2*theme.SpaceXS; room < theme.Scaled(nameLeast) {
			r.admit.bare, r.deny.bare = true, true
		}
		for _, b := range []*pill{r.deny, r.admit} {
			button := b.MinSize()
			right -= button.Width
			put(b, right, (size.Height-button.Height)/2, button.Width, button.Height)
			right -= theme.SpaceXS
		}
		return right
	}
	// The place of what is not there stays free: the signs stand below each other.
	right -= signSize
	put(r.more, right, (size.Height-signSize)/2, signSize, signSize)
	for _, sign := range []*icon{r.microphone, r.camera} {
		right -= signSize + theme.SpaceS
		put(sign, right, (size.Height-signSize)/2, signSize, signSize)
	}
	right -= 15 + theme.SpaceS
	put(r.quality, right, size.Height/2-6, 15, 12)
	if r.screen.Visible() {
		right -= signSize + theme.SpaceS
		put(r.screen, right, (size.Height-signSize)/2, signSize, signSize)
	}
	if r.hand.Visible() {
		mark := r.hand.MinSize()
		right -= mark.Width + theme.SpaceS
		put(r.hand, right, (size.Height-mark.Height)/2, mark.Width, mark.Height)
	}
	return right - theme.SpaceS
}

// write puts a line around a height, as much of it as there is room for.
func (r *peopleRow) write(t *canvas.Text, text string, x, middle, width float32) {
	t.Text = ellipsis(text, max(width, 0), t.TextSize, t.TextStyle)
	size := t.MinSize()
	put(t, x, middle-size.Height/2, size.Width, size.Height)
	t.Refresh()
}

func (r *peopleRow) shares() bool {
	if r.entry.person.Self {
		return r.rows.panel.state.Sharing
	}
	return r.entry.person.Screen != nil
}

// line is the line below the name.
func (r *peopleRow) line() string {
	p, loc := r.entry.person, r.rows.panel.loc
	var words []string
	switch p.Role {
	case RoleHost:
		words = append(words, loc.T("people.role.host"))
	case RoleListener:
		words = append(words, loc.T("people.role.listener"))
	case RoleMember:
	}
	if p.Gain != 0 {
		words = append(words, volumeWords(loc, p.Gain))
	}
	return strings.Join(words, " · ")
}

// TypedKey opens what can be done, and goes from row to row.
func (r *peopleRow) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		r.rows.focus(r.index-1, -1)
	case fyne.KeyDown:
		r.rows.focus(r.index+1, 1)
	case fyne.KeyHome:
		r.rows.focus(0, 1)
	case fyne.KeyEnd:
		r.rows.focus(len(r.rows.list)-1, -1)
	case fyne.KeyEscape:
		r.rows.panel.actions.TogglePeople()
	default:
		r.pressing.TypedKey(e)
	}
}

// TappedSecondary opens the same as a tap.
func (r *peopleRow) TappedSecondary(*fyne.PointEvent) { r.tap() }

// AccessibilityLabel is part of fyne.Accessible.
func (r *peopleRow) AccessibilityLabel() string {
	e, t := r.entry, r.rows.panel.loc.T
	if e.heading != "" {
		return e.heading
	}
	if e.waits.ID != "" {
		return nameOf(e.waits)
	}
	words := []string{personName(e.person)}
	if about := r.line(); about != "" {
		words = append(words, about)
	}
	for _, sign := range []struct {
		on  bool
		key string
	}{
		{e.person.Hand > 0, t("call.hand.raised")}, {r.shares(), t("people.sharing")}, {e.person.Muted, t("people.muted")},
		{!e.person.CameraOff, t("people.camera")}, {e.person.Speaking && !e.person.Muted, t("people.speaking")},
	} {
		if sign.on {
			words = append(words, sign.key)
		}
	}
	return strings.Join(words, ", ")
}

// AccessibilityRole is part of fyne.Accessible.
func (r *peopleRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

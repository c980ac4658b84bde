package call

import (
	"image"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/emoji"
	"parley/views/i18n"
	"parley/views/theme"
)

// Reactions are those that the picker offers. Those of others may be any emoji.
func Reactions() []string { return []string{"👍", "❤️", "😂", "😮", "👏", "🎉"} }

const (
	// reactionTime is how long one is seen, of which it grows and shrinks for a part.
	reactionTime        = 3500 * time.Millisecond
	reactionGrow        = 0.06
	reactionSize        = float32(56)
	reactionLeast       = float32(28)  // in a small tile
	reactionWide        = float32(400) // the column of those whose tile is not seen
	reactionsMost       = 32           // at once: more are not seen apart
	reactionColumns     = 5
	reactionChoice      = float32(40)
	reactionChoiceInset = theme.SpaceS
)

// faces are how emoji look; they are read when one is shown for the first time.
type faces struct{ pictures *emoji.Pictures }

func (f *faces) image(text string) image.Image {
	if f.pictures == nil {
		pictures, err := emoji.LoadPictures()
		if err != nil {
			return nil
		}
		f.pictures = pictures
	}
	return f.pictures.Image(text)
}

// floating is an emoji that somebody shows for a moment. It rises over their
// tile, or over the stage, with their name, where the tile is not to be seen.
type floating struct {
	user  string
	image *canvas.Image
	name  *tag
	shift float32 // across the tile, -1 to 1
	done  float32 // of reactionTime
}

// reactions lie over the stage.
type reactions struct {
	part
	faces  *faces
	list   []*floating
	next   int
	place  func(user string) (r rect, seen bool)
	nameOf func(user string) string
	start  func(*fyne.Animation) // the driver's clock, or a test's

}

func newReactions(f *faces, place func(string) (rect, bool), nameOf func(string) string) *reactions {
	r := &reactions{faces: f, place: place, nameOf: nameOf, start: func(a *fyne.Animation) { a.Start() }}
	r.arrange = func(fyne.Size) {
		for _, f := range r.list {
			r.put(f)
		}
	}
	r.extend(r)
	return r
}

// show lets an emoji rise.
func (r *reactions) show(user, text string) {
	picture := r.faces.image(text)
	if picture == nil || len(r.list) >= reactionsMost {
		return
	}
	f := &floating{user: user, image: canvas.NewImageFromImage(picture), name: newTag()}
	f.image.FillMode, f.image.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleFastest
	// Those that come together rise beside each other.
	const middle = reactionColumns / 2
	f.shift = float32((r.next*2)%reactionColumns-middle) / middle // -1, 0, 1, -0.5, 0.5
	r.next++
	r.list = append(r.list, f)
	r.relist()
	a := fyne.NewAnimation(reactionTime, func(done float32) {
		f.done = done
		if done == 1 {
			r.remove(f)
			return
		}
		r.put(f)
	})
	a.Curve = fyne.AnimationLinear
	r.put(f)
	r.start(a)
}

func (r *reactions) remove(gone *floating) {
	for i, f := range r.list {
		if f == gone {
			r.list = append(r.list[:i], r.list[i+1:]...)
			r.relist()
			return
		}
	}
}

func (r *reactions) relist() {
	r.objects = r.objects[:0]
	for _, f := range r.list {
		r.objects = append(r.objects, f.image, f.name)
	}
	r.Refresh()
}

// put places an emoji as far as it has come. Where nothing is to move it stands.
func (r *reactions) put(f *floating) {
	tile, seen := r.place(f.user)
	if !seen {
		size := r.Size()
		tile = rect{size.Width/2 - reactionWide/2, 0, reactionWide, size.Height}
	}
	size := max(min(reactionSize, tile.h*0.4), reactionLeast)
	if seen && tile.h < reactionLeast { // a hidden picture of one's own
		tile = rect{tile.x + tile.w/2 - reactionSize, tile.y - reactionSize, 2 * reactionSize, reactionSize}
	}
	high, full := f.done, size
	if theme.Still() {
		high = 0.3
	} else {
		full = size * min(f.done/reactionGrow, (1-f.done)/reactionGrow, 1)
	}
	bottom := tile.h - labelHeight() - theme.SpaceS - size
	middle := tile.x + tile.w/2 + f.shift*max(min(tile.w/2-size, size*1.6), 0)
	y := tile.y + max(bottom, 0)*(1-0.8*high)
	put(f.image, middle-full/2, y+(size-full)/2, full, full)
	if seen {
		f.name.say("")
		return
	}
	f.name.say(r.nameOf(f.user))
	f.name.at(middle, y+size+theme.SpaceXS, r.Size().Width)
}

// reactionButton is one of the picker's.
type reactionButton struct {
	part
	pressing
	text  string
	back  *canvas.Rectangle
	face  *canvas.Image
	typed func(fyne.KeyName)
}

func newReactionButton(f *faces, text string, tap func()) *reactionButton {
	b := &reactionButton{pressing: pressing{tap: tap}, text: text, back: canvas.NewRectangle(nil), face: canvas.NewImageFromImage(f.image(text))}
	b.face.FillMode = canvas.ImageFillContain
	b.back.CornerRadius = theme.RadiusM
	b.objects = []fyne.CanvasObject{b.back, b.face}
	b.minimum = func() fyne.Size { return fyne.NewSquareSize(reactionChoice) }
	b.arrange = func(size fyne.Size) {
		put(b.back, 0, 0, size.Width, size.Height)
		put(b.face, reactionChoiceInset/1.2, reactionChoiceInset/1.2, size.Width-2*reactionChoiceInset/1.2, size.Height-2*reactionChoiceInset/1.2)
	}
	b.paint = func() {
		if b.over || b.focused {
			b.back.FillColor = theme.Color("hover")
		} else {
			b.back.FillColor = color.Transparent
		}
		b.back.StrokeColor, b.back.StrokeWidth = b.ring()
	}
	b.changed = func() { b.Refresh() }
	b.pressing.self = b
	b.extend(b)
	return b
}

// TypedKey chooses, or goes to another.
func (b *reactionButton) TypedKey(e *fyne.KeyEvent) {
	if e.Name != fyne.KeyEscape {
		b.pressing.TypedKey(e)
	}
	b.typed(e.Name)
}

// AccessibilityLabel is part of fyne.Accessible.
func (b *reactionButton) AccessibilityLabel() string { return b.text }

// AccessibilityRole is part of fyne.Accessible.
func (b *reactionButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// reactionPicker is the row of what can be shown.
type reactionPicker struct {
	part
	buttons []*reactionButton
}

func newReactionPicker(loc *i18n.Localizer, f *faces, chosen func(text string)) *reactionPicker {
	p := &reactionPicker{}
	for i, text := range Reactions() {
		b := newReactionButton(f, text, func() { chosen(text) })
		b.typed = func(key fyne.KeyName) { p.typed(i, key, chosen) }
		p.buttons = append(p.buttons, b)
		p.objects = append(p.objects, b)
	}
	p.minimum = func() fyne.Size { return fyne.NewSize(float32(len(p.buttons))*reactionChoice, reactionChoice) }
	p.arrange = func(size fyne.Size) {
		for i, b := range p.buttons {
			put(b, float32(i)*reactionChoice, 0, reactionChoice, size.Height)
		}
	}
	p.extend(p)
	return p
}

// typed goes along the row with the arrows, and out of it with Escape.
func (p *reactionPicker) typed(at int, key fyne.KeyName, chosen func(string)) {
	n := len(p.buttons)
	switch key {
	case fyne.KeyLeft:
		at = (at + n - 1) % n
	case fyne.KeyRight:
		at = (at + 1) % n
	case fyne.KeyEscape:
		chosen("")
		return
	default:
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		c.Focus(p.buttons[at])
	}
}

// openReactions shows the picker above its button. Opened again, it closes.
func (b *controlBar) openReactions() {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(b.react)
	if c == nil {
		return
	}
	if b.picking != nil && b.picking.Visible() {
		b.picking.Hide()
		return
	}
	var popUp *widget.PopUp
	picker := newReactionPicker(b.loc, b.faces, func(text string) {
		popUp.Hide()
		if text != "" {
			b.actions.React(text)
		}
	})
	popUp = widget.NewPopUp(picker, c)
	b.picking = popUp
	at, size := driver.AbsolutePositionForObject(b.react), popUp.MinSize()
	x := max(min(at.X+b.react.Size().Width/2-size.Width/2, c.Size().Width-size.Width), 0)
	popUp.ShowAtPosition(fyne.NewPos(x, max(at.Y-size.Height-theme.SpaceXS, 0)))
	c.Focus(picker.buttons[0])
}

// OpenReactions does what the button of the reactions does.
func (v *View) OpenReactions() { v.controls.openReactions() }

// React lets an emoji of somebody rise over their tile.
func (v *View) React(userID, text string) {
	for _, p := range v.state.People {
		if p.UserID == userID { // who left meanwhile has no name to show it by
			v.stage.reactions.show(userID, text)
		}
	}
}

package settings

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// View is the page, over the window. Its methods are called on the UI thread.
type View struct {
	drawn
	canvas  fyne.Canvas
	loc     *i18n.Localizer
	state   State
	actions Actions
	preview fyne.CanvasObject // of the camera; hidden outside its section
	focus   fyne.Focusable    // that had the keyboard before
	closed  bool
	section Section

	shade  *shade
	panel  *canvas.Rectangle
	edge   *canvas.Rectangle // between the names of the sections and what is in one
	names  []*name
	title  *canvas.Text
	end    *button
	page   *page
	scroll *container.Scroll
	text   fyne.CanvasObject // a long text in place of the page; nil for none
	level  int               // of the microphone

	// Of the section that is shown.
	meter    *meter
	bar      *widget.ProgressBar
	choosers map[*chooser]func() Device
	notes    map[*note]func() string
}

// Open shows the page over a window, at a section. The preview of the camera is
// shown in the section of the sound and picture.
func Open(c fyne.Canvas, loc *i18n.Localizer, preview fyne.CanvasObject, s State, section Section, a Actions) *View {
	v := &View{canvas: c, loc: loc, state: s, actions: a, preview: preview, focus: c.Focused(), section: section}
	preview.Hide()
	v.shade, v.panel, v.edge = newShade(v.tappedBeside), canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	v.page = &page{}
	v.scroll = container.NewVScroll(container.New(v.page))
	v.least = func() fyne.Size { return fyne.NewSize(leastWidth, leastHeight) }
	v.place = v.arrange
	v.paint = v.colour
	v.build()
	v.ExtendBaseWidget(v)
	c.Overlays().Add(v)
	v.Resize(c.Size())
	c.Focus(v.names[section])
	a.Show(section)
	return v
}

// Close takes the page away; the keyboard goes back to where it was.
func (v *View) Close() {
	if v.closed {
		return
	}
	v.closed = true
	v.preview.Hide()
	v.canvas.Overlays().Remove(v)
	v.canvas.Focus(v.focus)
	v.actions.Closed()
}

// tappedBeside closes the page where the tap is not on it.
func (v *View) tappedBeside(at fyne.Position) {
	from, size := v.panel.Position(), v.panel.Size()
	if at.X < from.X || at.Y < from.Y || at.X > from.X+size.Width || at.Y > from.Y+size.Height {
		v.Close()
	}
}

// Section is what is shown.
func (v *View) Section() Section { return v.section }

// GoTo changes to a section.
func (v *View) GoTo(s Section) {
	if s == v.section && v.text == nil {
		return
	}
	v.section = s
	v.build()
	v.Refresh()
	v.canvas.Focus(v.names[s]) // what had the keyboard is gone
	v.actions.Show(s)
}

// Renew says everything anew, in another language or at another text size.
func (v *View) Renew() {
	offset, at := v.scroll.Offset, slices.Index(v.focusable(), v.canvas.Focused())
	v.build()
	v.Refresh()
	v.scroll.ScrollToOffset(offset)
	if again := v.focusable(); at >= 0 && at < len(again) {
		v.canvas.Focus(again[at])
	}
}

// Update shows another state, as far as others than the person change it:
// devices that come and go, and what is wrong with them.
func (v *View) Update(s State) {
	before := v.state.Storage
	v.state = s
	if v.section == Storage && v.text == nil && before != s.Storage {
		if v.bar != nil && before.sameBut(s.Storage) {
			v.bar.SetValue(s.Storage.Done)
			return
		}
		v.Renew()
		return
	}
	for c, device := range v.choosers {
		c.set(device())
	}
	for n, words := range v.notes {
		n.say(words())
	}
	v.arrange(v.Size())
	canvas.Refresh(v)
}

// SetLevel shows how loud the microphone is, 0 to 100.
func (v *View) SetLevel(level int) {
	v.level = level
	if v.meter != nil {
		v.meter.set(level)
	}
}

// build makes what is shown of the section.
func (v *View) build() {
	v.meter, v.text, v.bar = nil, nil, nil
	v.choosers, v.notes = make(map[*chooser]func() Device), make(map[*note]func() string)
	v.names = nil
	v.objects = []fyne.CanvasObject{v.shade, v.panel, v.edge}
	for _, s := range sections() {
		n := v.newName(s)
		v.names = append(v.names, n)
		v.objects = append(v.objects, n)
	}
	v.title = newText(v.loc.T(v.section.title()), theme.TextLarge, true)
	v.end = v.newButton("close", "", v.Close)
	v.end.label = v.loc.T("settings.close")
	v.objects = append(v.objects, v.title, v.end, v.scroll)
	v.preview.Hide()
	switch v.section {
	case General:
		v.page.blocks = v.general()
	case Sound:
		v.page.blocks = v.sound()
	case Storage:
		v.page.blocks = v.storage()
	case Shortcuts:
		v.page.blocks = v.shortcuts()
	case About:
		v.page.blocks = v.about()
	}
	content := container.New(v.page)
	for _, b := range v.page.blocks {
		content.Add(b)
	}
	v.scroll.Show()
	v.scroll.Content = content
	v.scroll.Offset = fyne.Position{}
}

// focusable is all on the page that the keyboard can be at, in its order.
func (v *View) focusable() []fyne.Focusable {
	var all []fyne.Focusable
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *card:
			for _, r := range o.objects {
				walk(r)
			}
		case *row:
			if o.control != nil {
				walk(o.control)
			}
		case *fyne.Container:
			for _, inner := range o.Objects {
				walk(inner)
			}
		case fyne.Focusable:
			all = append(all, o)
		}
	}
	for _, o := range v.objects {
		walk(o)
	}
	walk(v.scroll.Content)
	return all
}

// read shows a long text in place of the page.
func (v *View) read(title string, text fyne.CanvasObject) {
	v.text = text
	v.title.Text = title
	v.scroll.Hide()
	v.objects = append(v.objects, text)
	v.Refresh()
	if f, ok := text.(fyne.Focusable); ok {
		v.canvas.Focus(f) // for Escape to lead back
	}
}

// back leads from a long text to its section.
func (v *View) back() {
	v.build()
	v.Refresh()
	v.canvas.Focus(v.names[v.section])
}

const (
	leastWidth, leastHeight float32 = 320, 240
	mostWidth, mostHeight   float32 = 880, 660
	// slimWidth is below what only the icons of the sections are shown, and
	// fullWidth below what the page takes all of the window.
	slimWidth, fullWidth float32 = 600, 720
)

// frame is where the page lies in the window, and how wide the names of the
// sections are in it.
func (v *View) frame(size fyne.Size) (x, y, w, h, names float32, slim bool) {
	w, h = size.Width, size.Height
	if size.Width >= fullWidth {
		w, h = min(w-2*theme.SpaceXL, mostWidth), min(h-2*theme.SpaceXL, mostHeight)
	}
	names = 52
	if w < slimWidth*theme.Scale() {
		return (size.Width - w) / 2, (size.Height - h) / 2, w, h, names + theme.SpaceM, true
	}
	for _, n := range v.names {
		names = max(names, n.wide())
	}
	return (size.Width - w) / 2, (size.Height - h) / 2, w, h, names + 2*theme.SpaceM, false
}

func (v *View) arrange(size fyne.Size) {
	put(v.shade, 0, 0, size.Width, size.Height)
	x, y, w, h, names, slim := v.frame(size)
	put(v.panel, x, y, w, h)
	v.panel.CornerRadius = theme.RadiusL
	if w == size.Width {
		v.panel.CornerRadius = 0
	}
	put(v.edge, x+names, y, 1, h)
	at := y + theme.SpaceL
	for _, n := range v.names {
		n.slim = slim
		high := n.MinSize().Height
		put(n, x+theme.SpaceM, at, names-2*theme.SpaceM+theme.SpaceXS, high)
		at += high + theme.SpaceXS
	}
	left, width := x+names+theme.SpaceXL, w-names-2*theme.SpaceXL
	end := v.end.MinSize().Height
	top := y + theme.SpaceL
	put(v.end, x+w-theme.SpaceL-end, top, end, end)
	put(v.title, left, top+(end-v.title.MinSize().Height)/2, width-end, v.title.MinSize().Height)
	top += end + theme.SpaceL
	if v.text != nil {
		put(v.text, left, top, width+theme.SpaceM, y+h-top-theme.SpaceM)
		return
	}
	v.page.width = width
	put(v.scroll, left, top, width+theme.SpaceL, y+h-top)
	v.scroll.Refresh()
}

func (v *View) colour() {
	v.panel.FillColor = theme.Color(theme.ColorPage)
	v.panel.StrokeColor, v.panel.StrokeWidth = theme.Color(theme.ColorLine), 1
	v.edge.FillColor = theme.Color(theme.ColorLine)
	v.title.Color = theme.Color(fynetheme.ColorNameForeground)
}

// name is a section in the list of them.
type name struct {
	pressed
	section Section
	slim    bool
	back    *canvas.Rectangle
	icon    *canvas.Image
	text    *canvas.Text
}

func (v *View) newName(s Section) *name {
	n := &name{section: s, back: canvas.NewRectangle(nil), icon: picture(), text: newText(v.loc.T(s.title()), theme.TextBody, false)}
	n.label, n.role, n.escape = n.text.Text, fyne.AccessibleRoleButton, v.Close
	n.act = func() {
		v.GoTo(s)
		v.canvas.Focus(v.names[s])
	}
	n.typed = func(k fyne.KeyName) bool {
		to := s
		switch k {
		case fyne.KeyUp:
			to = max(s-1, General)
		case fyne.KeyDown:
			to = min(s+1, About)
		}
		if to != s {
			v.GoTo(to)
		}
		return to != s
	}
	n.objects = []fyne.CanvasObject{n.back, n.icon, n.text}
	n.least = func() fyne.Size {
		if n.slim {
			return fyne.NewSquareSize(40)
		}
		return fyne.NewSize(n.wide(), max(40, n.text.MinSize().Height+theme.SpaceL))
	}
	n.place = func(size fyne.Size) {
		put(n.back, 0, 0, size.Width, size.Height)
		x := theme.SpaceM
		if n.slim {
			x = (size.Width - 20) / 2
		}
		put(n.icon, x, (size.Height-20)/2, 20, 20)
		h := n.text.MinSize().Height
		put(n.text, x+20+theme.SpaceS, (size.Height-h)/2, n.text.MinSize().Width, h)
	}
	n.paint = func() {
		n.text.Hidden = n.slim
		n.back.CornerRadius = theme.RadiusS + 2
		fill, colour := fyne.ThemeColorName(""), fynetheme.ColorNameForeground
		switch {
		case v.section == s:
			fill, colour = fynetheme.ColorNamePrimary, fynetheme.ColorNameForegroundOnPrimary
		case n.over:
			fill = fynetheme.ColorNameHover
		}
		n.back.FillColor = nil
		if fill != "" {
			n.back.FillColor = theme.Color(fill)
		}
		n.ring(n.back, "")
		n.text.Color = theme.Color(colour)
		colourIn(n.icon, s.icon(), colour)
	}
	n.ExtendBaseWidget(n)
	return n
}

// wide is how wide it is with its words.
func (n *name) wide() float32 {
	return n.text.MinSize().Width + 20 + theme.SpaceS + 2*theme.SpaceM
}

// shade darkens the window beneath the page; a tap on it closes the page. It takes the taps between what is on the page too.
type shade struct {
	drawn
	tapped func(fyne.Position)
}

func newShade(tapped func(fyne.Position)) *shade {
	r := canvas.NewRectangle(nil)
	s := &shade{tapped: tapped}
	s.objects = []fyne.CanvasObject{r}
	s.least = func() fyne.Size { return fyne.Size{} }
	s.place = func(size fyne.Size) { put(r, 0, 0, size.Width, size.Height) }
	s.paint = func() { r.FillColor = theme.Color(theme.ColorDim) }
	s.ExtendBaseWidget(s)
	return s
}

var (
	_ fyne.Tappable     = (*shade)(nil)
	_ desktop.Hoverable = (*shade)(nil)
)

// Tapped implements fyne.Tappable.
func (s *shade) Tapped(e *fyne.PointEvent) { s.tapped(e.Position) }

// MouseIn keeps the mouse from what lies beneath.
func (s *shade) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements desktop.Hoverable.
func (s *shade) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (s *shade) MouseOut() {}

// passUp gives a shortcut of the window to the window: the driver asks nobody
// but the widget that has the focus.
func passUp(o fyne.CanvasObject, s fyne.Shortcut) bool {
	custom, is := s.(*desktop.CustomShortcut)
	if !is {
		return false
	}
	c, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable)
	if ok {
		c.TypedShortcut(custom)
	}
	return ok
}

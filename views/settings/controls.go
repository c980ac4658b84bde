package settings

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/keys"
	"parley/views/theme"
)

// toggle is a switch.
type toggle struct {
	pressed
	on    bool
	track *canvas.Rectangle
	knob  *canvas.Circle
}

func (v *View) newToggle(label string, on bool, changed func(bool)) *toggle {
	t := &toggle{on: on, track: canvas.NewRectangle(nil), knob: canvas.NewCircle(nil)}
	t.label, t.role, t.escape = label, fyne.AccessibleRoleButton, v.Close
	t.act = func() {
		t.on = !t.on
		t.Refresh()
		changed(t.on)
	}
	t.objects = []fyne.CanvasObject{t.track, t.knob}
	t.least = func() fyne.Size { return fyne.NewSize(44, 26) }
	t.place = func(size fyne.Size) {
		put(t.track, 0, 0, size.Width, size.Height)
		t.track.CornerRadius = size.Height / 2
		x := float32(4)
		if t.on {
			x = size.Width - size.Height + 4
		}
		put(t.knob, x, 4, size.Height-8, size.Height-8)
	}
	t.paint = func() {
		fill, knob, edge := fynetheme.ColorNameInputBackground, theme.ColorMuted, theme.ColorMuted
		if t.on {
			fill, knob, edge = fynetheme.ColorNamePrimary, fynetheme.ColorNameForegroundOnPrimary, fynetheme.ColorNamePrimary
		}
		if t.disabled {
			fill, knob, edge = fynetheme.ColorNameDisabledButton, fynetheme.ColorNameDisabled, theme.ColorLine
		}
		t.track.FillColor, t.knob.FillColor = theme.Color(fill), theme.Color(knob)
		t.ring(t.track, edge)
	}
	t.ExtendBaseWidget(t)
	return t
}

// AccessibilityLabel implements fyne.Accessible.
func (t *toggle) AccessibilityLabel() string {
	if t.on {
		return t.label + ": ✓"
	}
	return t.label + ": –"
}

// choice is one of the segments.
type choice struct{ value, says string }

// segments is one of a few choices, all to be seen.
type segments struct {
	pressed
	choices []choice
	chosen  int
	back    *canvas.Rectangle
	mark    *canvas.Rectangle
	texts   []*canvas.Text
	at      fyne.Position // of the last tap
	changed func(value string)
}

func (v *View) newSegments(label, value string, choices []choice, changed func(value string)) *segments {
	s := &segments{choices: choices, back: canvas.NewRectangle(nil), mark: canvas.NewRectangle(nil), changed: changed}
	s.label, s.role, s.escape = label, fyne.AccessibleRoleContainer, v.Close
	s.objects = []fyne.CanvasObject{s.back, s.mark}
	for i, c := range choices {
		t := newText(c.says, theme.TextSmall, false)
		t.Alignment = fyne.TextAlignCenter
		s.texts = append(s.texts, t)
		s.objects = append(s.objects, t)
		if c.value == value {
			s.chosen = i
		}
	}
	s.act = func() { s.choose(int(s.at.X / max(s.Size().Width/float32(len(s.choices)), 1))) }
	s.typed = func(k fyne.KeyName) bool {
		switch k {
		case fyne.KeyLeft, fyne.KeyUp:
			s.choose(s.chosen - 1)
		case fyne.KeyRight, fyne.KeyDown:
			s.choose(s.chosen + 1)
		default:
			return false
		}
		return true
	}
	s.least = func() fyne.Size {
		width, height := float32(0), float32(0)
		for _, t := range s.texts {
			width, height = max(width, t.MinSize().Width), max(height, t.MinSize().Height)
		}
		return fyne.NewSize((width+2*theme.SpaceM)*float32(len(s.texts)), height+theme.SpaceM+2)
	}
	s.place = func(size fyne.Size) {
		put(s.back, 0, 0, size.Width, size.Height)
		each := size.Width / float32(len(s.texts))
		for i, t := range s.texts {
			h := t.MinSize().Height
			put(t, each*float32(i), (size.Height-h)/2, each, h)
		}
		put(s.mark, each*float32(s.chosen)+2, 2, each-4, size.Height-4)
	}
	s.paint = func() {
		s.back.FillColor, s.back.CornerRadius = theme.Color(fynetheme.ColorNameInputBackground), theme.RadiusS+2
		s.mark.FillColor, s.mark.CornerRadius = theme.Color(fynetheme.ColorNamePrimary), theme.RadiusS
		s.ring(s.back, fynetheme.ColorNameInputBorder)
		for i, t := range s.texts {
			t.Color = theme.Color(fynetheme.ColorNameForeground)
			if i == s.chosen {
				t.Color = theme.Color(fynetheme.ColorNameForegroundOnPrimary)
			}
		}
	}
	s.ExtendBaseWidget(s)
	return s
}

// Tapped chooses what is under the pointer.
func (s *segments) Tapped(e *fyne.PointEvent) {
	if e != nil { // Space and Enter choose nothing else
		s.at = e.Position
		s.act()
	}
}

func (s *segments) choose(i int) {
	if i = max(0, min(i, len(s.choices)-1)); i != s.chosen {
		s.chosen = i
		s.Refresh()
		s.changed(s.choices[i].value)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (s *segments) AccessibilityLabel() string { return s.label + ": " + s.choices[s.chosen].says }

// button is a button with words, and an icon before them where it has one.
type button struct {
	pressed
	name string
	back *canvas.Rectangle
	icon *canvas.Image
	text *canvas.Text
}

func (v *View) newButton(icon, says string, act func()) *button {
	b := &button{name: icon, back: canvas.NewRectangle(nil), icon: picture(), text: newText(says, theme.TextSmall, true)}
	b.label, b.role, b.escape, b.act = says, fyne.AccessibleRoleButton, v.Close, act
	b.text.Alignment = fyne.TextAlignCenter
	b.objects = []fyne.CanvasObject{b.back, b.icon, b.text}
	b.least = func() fyne.Size {
		size := b.text.MinSize().AddWidthHeight(2*theme.SpaceM, theme.SpaceM+2)
		if b.name != "" {
			size.Width += 16 + theme.SpaceS
		}
		return size
	}
	b.place = func(size fyne.Size) {
		put(b.back, 0, 0, size.Width, size.Height)
		x := theme.SpaceM
		if b.text.Text == "" {
			x = (size.Width - 16) / 2
		}
		if b.name != "" {
			if b.text.Text != "" { // both in the middle, beside each other
				x = (size.Width - 16 - theme.SpaceS - b.text.MinSize().Width) / 2
			}
			put(b.icon, x, (size.Height-16)/2, 16, 16)
			x += 16 + theme.SpaceS
		}
		h := b.text.MinSize().Height
		if b.name == "" {
			x = (size.Width - b.text.MinSize().Width) / 2
		}
		put(b.text, x, (size.Height-h)/2, b.text.MinSize().Width, h)
	}
	b.paint = func() {
		fill, text := fynetheme.ColorNameButton, fynetheme.ColorNameForeground
		if b.over {
			fill = theme.ColorControlHover
		}
		if b.disabled {
			fill, text = fynetheme.ColorNameDisabledButton, fynetheme.ColorNameDisabled
		}
		b.back.FillColor, b.back.CornerRadius = theme.Color(fill), theme.RadiusS+2
		b.text.Color = theme.Color(text)
		b.ring(b.back, fynetheme.ColorNameInputBorder)
		if b.icon.Hidden = b.name == ""; b.name != "" {
			colourIn(b.icon, b.name, text)
		}
	}
	b.ExtendBaseWidget(b)
	return b
}

// newCopy is a button that copies a text, and says that it did.
func (v *View) newCopy(text string) *button {
	says, did := v.loc.T("settings.copy"), v.loc.T("copied")
	b := v.newButton("copy", says, nil)
	b.act = func() {
		v.actions.Copy(text)
		b.text.Text = did
		b.Refresh()
	}
	least, other := b.least, newText(did, theme.TextSmall, true)
	b.least = func() fyne.Size { // as wide as it will be
		size := least()
		size.Width += max(other.MinSize().Width-b.text.MinSize().Width, 0)
		return size
	}
	return b
}

// chooser chooses a device by name.
type chooser struct {
	widget.Select
	escape func()
	first  string // what the system's default is called
	chosen func(name string)
}

func (v *View) newChooser(d Device, chosen func(name string)) *chooser {
	c := &chooser{escape: v.Close, first: v.loc.T("join.default"), chosen: chosen}
	c.ExtendBaseWidget(c)
	c.set(d)
	return c
}

// set offers other devices; the one that is chosen is among them, though it may
// not be there now.
func (c *chooser) set(d Device) {
	c.OnChanged = nil
	options := []string{c.first}
	seen := map[string]bool{"": true, c.first: true}
	for _, name := range append(append([]string(nil), d.Names...), d.Chosen) {
		if !seen[name] {
			seen[name] = true
			options = append(options, name)
		}
	}
	c.SetOptions(options)
	selected := d.Chosen
	if selected == "" {
		selected = c.first
	}
	c.SetSelected(selected)
	c.OnChanged = func(name string) {
		if name == c.first {
			name = ""
		}
		c.chosen(name)
	}
}

// TypedKey closes the page with Escape.
func (c *chooser) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		c.escape()
		return
	}
	if !keys.PassOn(c, e) {
		c.Select.TypedKey(e)
	}
}

// field is where a name is written.
type field struct {
	widget.Entry
	escape func()
}

func (v *View) newField(text, hint string, changed func(string)) *field {
	f := &field{escape: v.Close}
	f.ExtendBaseWidget(f)
	f.SetPlaceHolder(hint)
	f.SetText(text)
	f.OnChanged = changed
	return f
}

// MinSize is wide enough for a name.
func (f *field) MinSize() fyne.Size {
	size := f.Entry.MinSize()
	return fyne.NewSize(max(size.Width, theme.Scaled(220)), size.Height)
}

// TypedKey closes the page with Escape.
func (f *field) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		f.escape()
		return
	}
	if !keys.PassOn(f, e) {
		f.Entry.TypedKey(e)
	}
}

// TypedShortcut leaves those of the window to it.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	if passUp(f, s) {
		return
	}
	f.Entry.TypedShortcut(s)
}

// meter is how loud the microphone is, in bars that light up one by one.
type meter struct {
	drawn
	level int // 0 to 100
	bars  [meterBars]*canvas.Rectangle
}

const meterBars = 24

func newMeter() *meter {
	m := &meter{}
	for i := range m.bars {
		m.bars[i] = canvas.NewRectangle(color.Transparent)
		m.bars[i].CornerRadius = 2
		m.objects = append(m.objects, m.bars[i])
	}
	m.least = func() fyne.Size { return fyne.NewSize(meterBars*6, 14) }
	m.place = func(size fyne.Size) {
		each := size.Width / meterBars
		for i, bar := range m.bars {
			put(bar, each*float32(i), 0, each-3, size.Height)
		}
	}
	m.paint = func() {
		for i, bar := range m.bars {
			bar.FillColor = theme.Color(theme.ColorTile)
			if i < m.lit() {
				bar.FillColor = theme.Color(theme.ColorSpeaking)
			}
		}
	}
	m.ExtendBaseWidget(m)
	return m
}

func (m *meter) lit() int { return (m.level*meterBars + 50) / 100 }

func (m *meter) set(level int) {
	before := m.lit()
	if m.level = max(0, min(level, 100)); m.lit() != before {
		m.Refresh()
	}
}

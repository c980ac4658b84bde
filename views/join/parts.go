package join

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/keys"
	"parley/views/theme"
)

// columns puts the devices left of the form, or above it where it is narrow.
type columns struct {
	left, right fyne.CanvasObject
	preview     *previewPanel // in the left one
	narrow      bool
}

// page gives the whole room to a scroll, and tells the columns in it how wide
// that is before they say how high they are.
type page struct{ columns *columns }

func (p *page) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 240) }

func (p *page) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	p.columns.narrow = size.Width < narrow
	left, _ := p.columns.widths(size.Width)
	p.columns.preview.height = left * 9 / 16
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(size)
	}
}

const (
	narrow   = 760 // below this width the columns stand on each other
	formMost = 440
	leftMost = 520
)

func (c *columns) MinSize([]fyne.CanvasObject) fyne.Size {
	l, r := c.left.MinSize(), c.right.MinSize()
	if c.narrow {
		return fyne.NewSize(320, l.Height+r.Height+3*theme.SpaceXL)
	}
	return fyne.NewSize(320, max(l.Height, r.Height)+2*theme.SpaceXL)
}

// widths are those of both columns in a window of a width.
func (c *columns) widths(window float32) (left, right float32) {
	if c.narrow {
		w := min(window-2*theme.SpaceXL, formMost)
		return w, w
	}
	right = min(formMost, window*0.42)
	return min(leftMost, window-right-theme.SpaceXXL-2*theme.SpaceXL), right
}

func (c *columns) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	margin := theme.SpaceXL
	left, right := c.widths(size.Width)
	if c.narrow {
		w := left
		x := (size.Width - w) / 2
		h := c.right.MinSize().Height
		c.right.Move(fyne.NewPos(x, margin))
		c.right.Resize(fyne.NewSize(w, h))
		c.left.Move(fyne.NewPos(x, margin+h+margin))
		c.left.Resize(fyne.NewSize(w, c.left.MinSize().Height))
		return
	}
	gap := theme.SpaceXXL
	x := (size.Width - left - gap - right) / 2
	y := max(margin, (size.Height-max(c.left.MinSize().Height, c.right.MinSize().Height))/3)
	c.left.Move(fyne.NewPos(x, y))
	c.left.Resize(fyne.NewSize(left, c.left.MinSize().Height))
	c.right.Move(fyne.NewPos(x+left+gap, y))
	c.right.Resize(fyne.NewSize(right, c.right.MinSize().Height))
}

// newHeading begins as high as what stands beside it, but for the air of its line.
func newHeading(text string) fyne.CanvasObject {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.SizeName = fynetheme.SizeNameHeadingText
	return container.New(layout.NewCustomPaddedLayout(-theme.SpaceM, 0, 0, 0), l)
}

func hint(text string) *widget.RichText { return theme.Hint(text, fynetheme.SizeNameText, true) }

// labelled puts a small label above a control.
func labelled(text string, object fyne.CanvasObject) *fyne.Container {
	label := theme.Hint(text, fynetheme.SizeNameCaptionText, false)
	return container.New(layout.NewCustomPaddedVBoxLayout(-theme.SpaceS), label, object)
}

// thin is as high as a line, whatever is in it would be by itself.
type thin struct{}

const thinHeight float32 = 6

// MinSize implements fyne.Layout.
func (thin) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, thinHeight) }

// Layout implements fyne.Layout.
func (thin) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// newTrouble is a line for why a device does not work.
func newTrouble() *widget.RichText {
	t := theme.Hint("", fynetheme.SizeNameCaptionText, true)
	if segment, ok := t.Segments[0].(*widget.TextSegment); ok {
		segment.Style.ColorName = fynetheme.ColorNameError
	}
	t.Hide()
	return t
}

// troubled puts the line right below a device.
func troubled(device, trouble fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedVBoxLayout(-theme.SpaceXS), device, trouble)
}

// field is an entry that joins with Enter and tells what was put into it.
type field struct {
	widget.Entry
}

func newField(hint string, submit func(), changed func(*field, string)) *field {
	f := &field{}
	f.SetPlaceHolder(hint)
	f.OnSubmitted = func(string) { submit() }
	f.OnChanged = func(text string) { changed(f, text) }
	f.ExtendBaseWidget(f)
	return f
}

// previewPanel is the tile of the own picture: the camera's, or words.
type previewPanel struct {
	widget.BaseWidget
	video  fyne.CanvasObject
	height float32 // of the shape of a picture
	back   *canvas.Rectangle
	icon   *canvas.Image
	notice *widget.RichText
}

func newPreviewPanel(video fyne.CanvasObject) *previewPanel {
	p := &previewPanel{video: video, back: canvas.NewRectangle(nil), icon: canvas.NewImageFromResource(nil), notice: hint("")}
	p.back.CornerRadius = theme.RadiusL
	p.icon.FillMode = canvas.ImageFillContain
	if segment, ok := p.notice.Segments[0].(*widget.TextSegment); ok {
		segment.Style.Alignment = fyne.TextAlignCenter
	}
	p.ExtendBaseWidget(p)
	return p
}

func (p *previewPanel) set(on bool, notice string) {
	theme.SetHint(p.notice, notice)
	p.notice.Hidden, p.icon.Hidden = on, on
	if on {
		p.video.Show()
	} else {
		p.video.Hide()
	}
	p.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (p *previewPanel) CreateRenderer() fyne.WidgetRenderer {
	r := &previewRenderer{p}
	r.Refresh()
	return r
}

type previewRenderer struct{ p *previewPanel }

func (r *previewRenderer) Destroy()           {}
func (r *previewRenderer) MinSize() fyne.Size { return fyne.NewSize(280, r.p.height) }
func (r *previewRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.p.back, r.p.icon, r.p.notice, r.p.video}
}

func (r *previewRenderer) Layout(size fyne.Size) {
	r.p.back.Resize(size)
	r.p.video.Resize(size)
	const icon = 40
	h := r.p.notice.MinSize().Height
	top := (size.Height - icon - h) / 2
	r.p.icon.Resize(fyne.NewSquareSize(icon))
	r.p.icon.Move(fyne.NewPos((size.Width-icon)/2, top))
	r.p.notice.Resize(fyne.NewSize(size.Width-2*theme.SpaceL, h))
	r.p.notice.Move(fyne.NewPos(theme.SpaceL, top+icon+theme.SpaceXS))
}

func (r *previewRenderer) Refresh() {
	r.p.back.FillColor = theme.Color(theme.ColorTile)
	r.p.icon.Resource = theme.Icon("camera-off", theme.ColorMuted)
	r.Layout(r.p.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

// toggle is a round button that is on, or off and says so in red.
type toggle struct {
	widget.BaseWidget
	on              bool
	hovered         bool
	focused         bool
	onIcon, offIcon string
	onText, offText string
	changed         func(bool)
	circle          *canvas.Circle
	icon            *canvas.Image
}

var (
	_ fyne.Tappable      = (*toggle)(nil)
	_ fyne.Focusable     = (*toggle)(nil)
	_ fyne.Accessible    = (*toggle)(nil)
	_ desktop.Hoverable  = (*toggle)(nil)
	_ desktop.Cursorable = (*toggle)(nil)
)

func newToggle(onIcon, offIcon, onText, offText string, changed func(bool)) *toggle {
	t := &toggle{onIcon: onIcon, offIcon: offIcon, onText: onText, offText: offText, changed: changed,
		circle: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil)}
	t.icon.FillMode = canvas.ImageFillContain
	t.ExtendBaseWidget(t)
	return t
}

func (t *toggle) set(on bool) {
	t.on = on
	t.Refresh()
}

// Tapped implements fyne.Tappable.
func (t *toggle) Tapped(*fyne.PointEvent) {
	t.set(!t.on)
	t.changed(t.on)
}

// MouseIn implements desktop.Hoverable.
func (t *toggle) MouseIn(*desktop.MouseEvent) { t.hover(true) }

// MouseMoved implements desktop.Hoverable.
func (t *toggle) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (t *toggle) MouseOut() { t.hover(false) }

func (t *toggle) hover(on bool) {
	t.hovered = on
	t.Refresh()
}

// FocusGained implements fyne.Focusable.
func (t *toggle) FocusGained() { t.focus(true) }

// FocusLost implements fyne.Focusable.
func (t *toggle) FocusLost() { t.focus(false) }

func (t *toggle) focus(on bool) {
	t.focused = on
	t.Refresh()
}

// TypedRune implements fyne.Focusable.
func (t *toggle) TypedRune(rune) {}

// TypedKey turns it on or off with Space or Enter.
func (t *toggle) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.Tapped(nil)
	default:
		keys.PassOn(t, e)
	}
}

// Cursor implements desktop.Cursorable.
func (t *toggle) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityRole implements fyne.Accessible.
func (t *toggle) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityLabel says what the button does.
func (t *toggle) AccessibilityLabel() string {
	if t.on {
		return t.onText
	}
	return t.offText
}

// CreateRenderer implements fyne.Widget.
func (t *toggle) CreateRenderer() fyne.WidgetRenderer {
	r := &toggleRenderer{t}
	r.Refresh()
	return r
}

type toggleRenderer struct{ t *toggle }

func (r *toggleRenderer) Destroy()           {}
func (r *toggleRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(48) }
func (r *toggleRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.circle, r.t.icon}
}

func (r *toggleRenderer) Layout(size fyne.Size) {
	r.t.circle.Resize(size)
	r.t.icon.Resize(fyne.NewSquareSize(22))
	r.t.icon.Move(fyne.NewPos((size.Width-22)/2, (size.Height-22)/2))
}

func (r *toggleRenderer) Refresh() {
	fill, icon, name := theme.ColorControl, theme.ColorControlIcon, r.t.onIcon
	if r.t.hovered {
		fill = theme.ColorControlHover
	}
	if !r.t.on {
		fill, icon, name = theme.ColorDanger, theme.ColorOnDanger, r.t.offIcon
	}
	r.t.circle.FillColor, r.t.circle.StrokeWidth = theme.Color(fill), 0
	if r.t.focused {
		r.t.circle.StrokeColor, r.t.circle.StrokeWidth = theme.Color(fynetheme.ColorNameFocus), 3
	}
	r.t.icon.Resource = theme.Icon(name, icon)
	r.t.circle.Refresh()
	r.t.icon.Refresh()
}

// picker chooses a device by name.
type picker struct {
	object *widget.Select
	first  string // what the system's default is called
}

func newPicker(first string, changed func(string)) *picker {
	p := &picker{first: first}
	p.object = widget.NewSelect([]string{first}, nil)
	p.object.SetSelected(first)
	p.object.OnChanged = func(string) { changed(p.value()) }
	return p
}

// value is the name chosen; empty is the system's default.
func (p *picker) value() string {
	if p.object.Selected == p.first {
		return ""
	}
	return p.object.Selected
}

func (p *picker) choose(name string) {
	changed := p.object.OnChanged
	p.object.OnChanged = nil
	if name == "" {
		name = p.first
	}
	p.offer(append(p.object.Options[1:], name))
	p.object.SetSelected(name)
	p.object.OnChanged = changed
}

// offer sets the names; the chosen one stays among them.
func (p *picker) offer(names []string) {
	options := []string{p.first}
	seen := map[string]bool{p.first: true}
	for _, name := range append(names, p.object.Selected) {
		if name != "" && !seen[name] {
			seen[name] = true
			options = append(options, name)
		}
	}
	p.object.SetOptions(options)
}

// meter is a bar that moves when one speaks.
type meter struct {
	widget.BaseWidget
	level int
	back  *canvas.Rectangle
	bar   *canvas.Rectangle
}

func newMeter() *meter {
	m := &meter{back: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil)}
	m.back.CornerRadius, m.bar.CornerRadius = 3, 3
	m.ExtendBaseWidget(m)
	return m
}

func (m *meter) set(level int) {
	if level != m.level {
		m.level = level
		m.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{m}
	r.Refresh()
	return r
}

type meterRenderer struct{ m *meter }

func (r *meterRenderer) Destroy()           {}
func (r *meterRenderer) MinSize() fyne.Size { return fyne.NewSize(80, 14) }
func (r *meterRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.m.back, r.m.bar}
}

func (r *meterRenderer) Layout(size fyne.Size) {
	r.m.back.Move(fyne.NewPos(0, 4))
	r.m.back.Resize(fyne.NewSize(size.Width, 6))
	r.m.bar.Move(fyne.NewPos(0, 4))
	r.m.bar.Resize(fyne.NewSize(size.Width*float32(r.m.level)/100, 6))
}

func (r *meterRenderer) Refresh() {
	r.m.back.FillColor = theme.Color(theme.ColorTile)
	r.m.bar.FillColor = theme.Color(theme.ColorSpeaking)
	r.Layout(r.m.Size())
	r.m.back.Refresh()
	r.m.bar.Refresh()
}

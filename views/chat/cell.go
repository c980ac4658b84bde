package chat

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
	"parley/views/theme"
)

// cell draws one row. It holds every part that a message can have, and hides
// those that this one has not.
type cell struct {
	box      *fyne.Container
	divider  *canvas.Text
	avatar   *canvas.Circle
	initials *canvas.Text
	name     *canvas.Text
	bubble   *canvas.Rectangle
	lines    []*canvas.Text
	clock    *canvas.Text
	mark     *canvas.Image
	failed   *tapText
}

func newCell() *cell {
	c := &cell{
		divider:  canvas.NewText("", nil),
		avatar:   canvas.NewCircle(nil),
		initials: canvas.NewText("", theme.Color(theme.ColorOnShade)),
		name:     canvas.NewText("", nil),
		bubble:   canvas.NewRectangle(nil),
		clock:    canvas.NewText("", nil),
		mark:     canvas.NewImageFromResource(nil),
		failed:   newTapText(),
	}
	c.divider.Alignment, c.divider.TextSize = fyne.TextAlignCenter, theme.TextCaption
	c.initials.Alignment, c.initials.TextSize = fyne.TextAlignCenter, theme.TextSmall
	c.initials.TextStyle.Bold = true
	c.name.TextSize, c.name.TextStyle.Bold = theme.TextCaption, true
	c.clock.TextSize = theme.TextCaption
	c.bubble.CornerRadius = theme.RadiusM
	c.mark.FillMode = canvas.ImageFillContain
	c.box = container.NewWithoutLayout(c.divider, c.avatar, c.initials, c.name, c.bubble, c.clock, c.mark, c.failed)
	return c
}

// put places an object, or hides it where there is no room for it.
func put(o fyne.CanvasObject, r frames.Rect) {
	if r.Empty() {
		o.Hide()
		return
	}
	o.Move(fyne.NewPos(r.X, r.Y))
	o.Resize(fyne.NewSize(r.W, r.H))
	o.Show()
}

// bind shows m by its frames.
func (c *cell) bind(l *list, m Message, f frames.Frames) {
	muted := theme.Color(theme.ColorMuted)
	c.divider.Text, c.divider.Color = f.Says, muted
	put(c.divider, f.Divider)

	c.avatar.FillColor = theme.AvatarColor(m.UserID)
	put(c.avatar, f.Avatar)
	name := m.Name
	if name == "" {
		name = m.UserID
	}
	c.initials.Text = theme.Initials(name)
	put(c.initials, f.Avatar)
	c.name.Text, c.name.Color = shorten(name, f.Name.W), theme.AvatarColor(m.UserID)
	put(c.name, f.Name)

	fill, text := theme.ColorBubbleOther, theme.ColorBubbleText
	if m.Own {
		fill, text = theme.ColorBubbleOwn, theme.ColorOwnText
	}
	c.bubble.FillColor = theme.Color(fill)
	if f.Large {
		c.bubble.FillColor = color.Transparent // emoji alone stand without a bubble
	}
	put(c.bubble, f.Bubble)
	for len(c.lines) < len(f.Lines) {
		line := canvas.NewText("", nil)
		c.lines = append(c.lines, line)
		c.box.Add(line)
	}
	for i, line := range c.lines {
		if i >= len(f.Lines) {
			line.Hide()
			continue
		}
		line.Text, line.Color, line.TextSize = f.Lines[i].Text, theme.Color(text), theme.TextBody
		line.TextStyle.Italic = m.Unsupported
		if f.Large {
			line.TextSize = sizes().Emoji
		}
		put(line, f.Lines[i].Rect)
	}
	c.clock.Text, c.clock.Color = l.loc.Clock(m.Time), muted
	put(c.clock, f.Clock)
	icon, colour := "clock", theme.ColorMuted
	switch m.Status {
	case Stored:
		icon = "tick"
	case Seen:
		icon, colour = "ticks", fyne.ThemeColorName("primary")
	case Failed:
		icon, colour = "warning", theme.ColorDanger
	}
	c.mark.Resource = theme.Icon(icon, colour)
	put(c.mark, f.Mark)
	if !f.Failed.Empty() {
		c.failed.set(l.reason(m)+" · "+l.loc.T("chat.retry"), func() { l.actions.Retry(m.ID) })
	}
	put(c.failed, f.Failed)
	c.box.Refresh()
}

// shorten cuts a name that is wider than its room.
func shorten(name string, width float32) string {
	if (fyneMetrics{}).Width(name, theme.TextCaption, true) <= width {
		return name
	}
	runes := []rune(name)
	for len(runes) > 1 {
		runes = runes[:len(runes)-1]
		if cut := string(runes) + "…"; (fyneMetrics{}).Width(cut, theme.TextCaption, true) <= width {
			return cut
		}
	}
	return string(runes)
}

// tapText is a line that can be tapped.
type tapText struct {
	widget.BaseWidget
	text  *canvas.Text
	tapOn func()
}

var (
	_ fyne.Tappable      = (*tapText)(nil)
	_ desktop.Cursorable = (*tapText)(nil)
)

func newTapText() *tapText {
	t := &tapText{text: canvas.NewText("", nil)}
	t.text.TextSize, t.text.Alignment = theme.TextCaption, fyne.TextAlignTrailing
	t.ExtendBaseWidget(t)
	return t
}

func (t *tapText) set(text string, tapOn func()) {
	t.text.Text, t.text.Color, t.tapOn = text, theme.Color(theme.ColorDanger), tapOn
	t.Refresh()
}

// Tapped implements fyne.Tappable.
func (t *tapText) Tapped(*fyne.PointEvent) {
	if t.tapOn != nil {
		t.tapOn()
	}
}

// Cursor implements desktop.Cursorable.
func (t *tapText) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (t *tapText) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.text) }

// downButton is the round button that leads to the newest message.
type downButton struct {
	widget.BaseWidget
	tapOn  func()
	circle *canvas.Circle
	icon   *canvas.Image
	badge  *canvas.Rectangle
	number *canvas.Text
}

func newDownButton(tapOn func()) *downButton {
	d := &downButton{tapOn: tapOn, circle: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil),
		badge: canvas.NewRectangle(nil), number: canvas.NewText("", nil)}
	d.icon.FillMode = canvas.ImageFillContain
	d.badge.CornerRadius = 9
	d.number.TextSize, d.number.Alignment, d.number.TextStyle.Bold = theme.TextCaption, fyne.TextAlignCenter, true
	d.ExtendBaseWidget(d)
	return d
}

func (d *downButton) set(shown bool, unseen int) {
	d.number.Text = count(unseen)
	d.badge.Hidden, d.number.Hidden = unseen == 0, unseen == 0
	if shown == d.Visible() {
		d.Refresh()
		return
	}
	if shown {
		d.Show()
	} else {
		d.Hide()
	}
}

// Tapped implements fyne.Tappable.
func (d *downButton) Tapped(*fyne.PointEvent) { d.tapOn() }

// CreateRenderer implements fyne.Widget.
func (d *downButton) CreateRenderer() fyne.WidgetRenderer {
	return &downRenderer{d}
}

type downRenderer struct{ d *downButton }

func (r *downRenderer) Destroy()           {}
func (r *downRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(44) }
func (r *downRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.d.circle, r.d.icon, r.d.badge, r.d.number}
}

func (r *downRenderer) Layout(size fyne.Size) {
	d := r.d
	d.circle.Move(fyne.NewPos(2, 6))
	d.circle.Resize(fyne.NewSquareSize(size.Width - 6))
	d.icon.Move(fyne.NewPos(12, 16))
	d.icon.Resize(fyne.NewSquareSize(size.Width - 26))
	w := max(18, fyne.MeasureText(d.number.Text, theme.TextCaption, d.number.TextStyle).Width+10)
	d.badge.Move(fyne.NewPos(size.Width-w, 0))
	d.badge.Resize(fyne.NewSize(w, 18))
	d.number.Move(fyne.NewPos(size.Width-w, 0))
	d.number.Resize(fyne.NewSize(w, 18))
}

func (r *downRenderer) Refresh() {
	d := r.d
	d.circle.FillColor = theme.Color(theme.ColorControl)
	d.circle.StrokeColor, d.circle.StrokeWidth = theme.Color(theme.ColorLine), 1
	d.icon.Resource = theme.Icon("down", theme.ColorControlIcon)
	d.badge.FillColor = theme.Color("primary")
	d.number.Color = theme.Color("foregroundOnPrimary")
	r.Layout(d.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

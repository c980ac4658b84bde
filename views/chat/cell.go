package chat

import (
	"image/color"
	"slices"

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

	unread     *canvas.Text
	unreadLine *canvas.Line
	quote      *canvas.Rectangle
	quoteBar   *canvas.Rectangle
	quoteName  *canvas.Text
	quoteText  *canvas.Text
	picture    *canvas.Image
	empty      *canvas.Rectangle // where a picture will be
	progress   *canvas.Rectangle
	button     *canvas.Circle
	icon       *canvas.Image
	wave       *canvas.Image
	length     *canvas.Text
	dot        *canvas.Circle // not heard yet
	fileName   *canvas.Text
	fileNote   *canvas.Text
	chips      []*chipView
	hit        *hit
}

// chipView is a reaction.
type chipView struct {
	back *canvas.Rectangle
	text *canvas.Text
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
	c.unread, c.unreadLine = canvas.NewText("", nil), canvas.NewLine(nil)
	c.unread.TextSize, c.unread.Alignment, c.unread.TextStyle.Bold = theme.TextCaption, fyne.TextAlignCenter, true
	c.quote, c.quoteBar = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	c.quote.CornerRadius, c.quoteBar.CornerRadius = theme.RadiusS/2, 1.5
	c.quoteName, c.quoteText = canvas.NewText("", nil), canvas.NewText("", nil)
	c.quoteName.TextSize, c.quoteName.TextStyle.Bold, c.quoteText.TextSize = theme.TextCaption, true, theme.TextCaption
	c.picture, c.empty, c.progress = canvas.NewImageFromImage(nil), canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	c.picture.FillMode, c.picture.ScaleMode, c.picture.CornerRadius = canvas.ImageFillCover, canvas.ImageScaleFastest, theme.RadiusS
	c.empty.CornerRadius, c.progress.CornerRadius = theme.RadiusS, 2
	c.button, c.icon, c.wave = canvas.NewCircle(nil), canvas.NewImageFromResource(nil), canvas.NewImageFromImage(nil)
	c.icon.FillMode, c.wave.FillMode, c.wave.ScaleMode = canvas.ImageFillContain, canvas.ImageFillStretch, canvas.ImageScaleFastest
	c.length, c.dot = canvas.NewText("", nil), canvas.NewCircle(nil)
	c.length.TextSize = theme.TextCaption
	c.fileName, c.fileNote = canvas.NewText("", nil), canvas.NewText("", nil)
	c.fileName.TextSize, c.fileNote.TextSize = theme.TextBody, theme.TextCaption
	c.hit = newHit()
	c.box = container.NewWithoutLayout(c.divider, c.unreadLine, c.unread, c.avatar, c.initials, c.name, c.bubble, c.quote, c.quoteBar, c.quoteName, c.quoteText,
		c.empty, c.picture, c.progress, c.button, c.icon, c.wave, c.length, c.dot, c.fileName, c.fileNote, c.clock, c.mark, c.hit, c.failed)
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

	fill, text := theme.ColorBubbleOther, bubbleText(m)
	if m.Own {
		fill = theme.ColorBubbleOwn
	}
	c.bubble.FillColor = theme.Color(fill)
	if f.Large {
		c.bubble.FillColor = color.Transparent // emoji alone stand without a bubble
	}
	if m.ID == l.marked {
		c.bubble.FillColor = theme.Color("selection")
	}
	put(c.bubble, f.Bubble)
	c.bindQuote(m, f, text)
	c.bindMedia(l, m, f, text)
	c.bindReactions(m, f)
	c.unread.Text, c.unread.Color = l.loc.T("chat.unread"), theme.Color("primary")
	c.unreadLine.StrokeColor, c.unreadLine.StrokeWidth = theme.Color("primary"), 1
	put(c.unread, f.Unread)
	c.unreadLine.Hidden = f.Unread.Empty()
	c.unreadLine.Position1, c.unreadLine.Position2 = fyne.NewPos(f.Unread.X, f.Unread.Y+f.Unread.H), fyne.NewPos(f.Unread.X+f.Unread.W, f.Unread.Y+f.Unread.H)
	c.hit.list, c.hit.id, c.hit.frames = l, m.ID, f
	c.hit.Move(fyne.NewPos(0, 0))
	c.hit.Resize(fyne.NewSize(l.width, f.Height))
	for len(c.lines) < len(f.Lines) {
		line := canvas.NewText("", nil)
		c.lines = append(c.lines, line)
		c.under(line)
	}
	for i, line := range c.lines {
		if i >= len(f.Lines) {
			line.Hide()
			continue
		}
		line.Text, line.Color, line.TextSize = f.Lines[i].Text, theme.Color(text), theme.TextBody
		line.TextStyle.Italic = m.Unsupported || m.Deleted
		if f.Large {
			line.TextSize = sizes().Emoji
		}
		put(line, f.Lines[i].Rect)
	}
	c.clock.Text, c.clock.Color = l.loc.Clock(m.Time), muted
	if m.Edited && !m.Deleted {
		c.clock.Text = l.loc.T("chat.edited") + " " + c.clock.Text
	}
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

// under adds an object below what takes the taps.
func (c *cell) under(o fyne.CanvasObject) {
	at := len(c.box.Objects) - 2
	c.box.Objects = slices.Insert(c.box.Objects, at, o)
}

func (c *cell) bindQuote(m Message, f frames.Frames, text fyne.ThemeColorName) {
	c.quote.FillColor = theme.Color("hover")
	c.quoteBar.FillColor = theme.Color("primary")
	put(c.quote, f.Quote)
	put(c.quoteBar, frames.Rect{X: f.Quote.X, Y: f.Quote.Y, W: 3, H: f.Quote.H})
	c.quoteName.Text, c.quoteName.Color = f.QuoteName.Text, theme.Color("primary")
	if m.Own {
		c.quoteName.Color = theme.Color(text)
	}
	c.quoteText.Text, c.quoteText.Color = f.QuoteText.Text, theme.Color(text)
	put(c.quoteName, f.QuoteName.Rect)
	put(c.quoteText, f.QuoteText.Rect)
}

func (c *cell) bindMedia(l *list, m Message, f frames.Frames, text fyne.ThemeColorName) {
	c.empty.FillColor = theme.Color("hover")
	put(c.empty, f.Picture)
	if c.picture.Image != m.Image {
		c.picture.Image = m.Image
	}
	if m.Image != nil {
		put(c.picture, f.Picture)
	} else {
		c.picture.Hide()
	}
	if !f.Picture.Empty() && l.actions.NeedImage != nil {
		l.actions.NeedImage(m.ID)
	}
	under := f.Picture
	if under.Empty() {
		under = f.Button
		under.W = max(f.FileName.X+f.FileName.W-under.X, 0)
	}
	c.progress.FillColor = theme.Color("primary")
	if m.Progress > 0 && m.Progress < 1 && !under.Empty() {
		put(c.progress, frames.Rect{X: under.X, Y: under.Y + under.H - 4, W: under.W * m.Progress, H: 4})
	} else {
		c.progress.Hide()
	}
	c.button.FillColor = theme.Color("primary")
	put(c.button, f.Button)
	icon, playing := "file", l.voice.id == m.ID && l.voice.playing
	switch {
	case m.Kind == frames.Voice && playing:
		icon = "pause"
	case m.Kind == frames.Voice:
		icon = "play"
	case !m.Here:
		icon = "download"
	}
	c.icon.Resource = theme.Icon(icon, "foregroundOnPrimary")
	inset := f.Button.W * 0.26
	put(c.icon, frames.Rect{X: f.Button.X + inset, Y: f.Button.Y + inset, W: f.Button.W - 2*inset, H: f.Button.H - 2*inset})
	c.bindVoice(l, m, f)
	c.fileName.Text, c.fileName.Color = f.FileName.Text, theme.Color(text)
	c.fileNote.Text, c.fileNote.Color = f.FileNote.Text, theme.Color(theme.ColorMuted)
	put(c.fileName, f.FileName.Rect)
	put(c.fileNote, f.FileNote.Rect)
}

func (c *cell) bindVoice(l *list, m Message, f frames.Frames) {
	if f.Wave.Empty() {
		c.wave.Hide()
		c.length.Hide()
		c.dot.Hide()
		return
	}
	position := float32(0)
	if l.voice.id == m.ID {
		position = l.voice.position
	}
	lit, unlit := waveColours(m.Own)
	c.wave.Image = wave(m.Waveform, int(f.Wave.W), int(f.Wave.H), position, lit, unlit)
	put(c.wave, f.Wave)
	c.length.Text, c.length.Color = lengthText(m.Duration), theme.Color(theme.ColorMuted)
	put(c.length, f.Length)
	c.dot.FillColor = theme.Color("primary")
	if m.Own || m.Heard {
		c.dot.Hide()
		return
	}
	put(c.dot, frames.Rect{X: f.Length.X + f.Length.W - 7, Y: f.Length.Y - 9, W: 7, H: 7})
}

func (c *cell) bindReactions(m Message, f frames.Frames) {
	for len(c.chips) < len(f.Reactions) {
		v := &chipView{back: canvas.NewRectangle(nil), text: canvas.NewText("", nil)}
		v.back.CornerRadius, v.text.TextSize, v.text.Alignment = 10, theme.TextBody, fyne.TextAlignCenter
		c.chips = append(c.chips, v)
		c.under(v.back)
		c.under(v.text)
	}
	for i, v := range c.chips {
		if i >= len(f.Reactions) || i >= len(m.Reactions) {
			v.back.Hide()
			v.text.Hide()
			continue
		}
		fill, text := theme.ColorBubbleOther, theme.ColorBubbleText
		v.back.StrokeWidth = 0
		if m.Reactions[i].Own {
			v.back.StrokeColor, v.back.StrokeWidth = theme.Color("primary"), 1
		}
		v.back.FillColor, v.text.Color, v.text.Text = theme.Color(fill), theme.Color(text), f.Reactions[i].Text
		put(v.back, f.Reactions[i].Rect)
		put(v.text, f.Reactions[i].Rect)
	}
}

func bubbleText(m Message) fyne.ThemeColorName {
	if m.Own {
		return theme.ColorOwnText
	}
	return theme.ColorBubbleText
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

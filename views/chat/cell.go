package chat

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

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
	behind   *layer[*canvas.Rectangle] // code, the selection, what was searched
	text     *layer[*canvas.Text]
	under    *layer[*canvas.Line] // links
	clock    *canvas.Text
	mark     *icon
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
	icon       *icon
	wave       *canvas.Image
	length     *canvas.Text
	dot        *canvas.Circle // not heard yet
	fileName   *canvas.Text
	fileNote   *canvas.Text
	chips      *layer[*canvas.Rectangle]
	chipTexts  *layer[*canvas.Text]
	emoji      *emojiLayer // of the text and the reactions
	hit        *hit

	epoch uint32  // of the list when it was bound
	scale float32 // of the texts
	drawn waveKey
}

// layer holds as many objects of a sort as a row needs.
type layer[O fyne.CanvasObject] struct {
	box     *fyne.Container
	objects []O
	fresh   func() O
	used    int
}

func newLayer[O fyne.CanvasObject](fresh func() O) *layer[O] {
	return &layer[O]{box: container.NewWithoutLayout(), fresh: fresh}
}

// next gives an object to use; end hides those that were not.
func (l *layer[O]) next() O {
	if l.used == len(l.objects) {
		o := l.fresh()
		l.objects = append(l.objects, o)
		l.box.Objects = append(l.box.Objects, o)
	}
	l.used++
	return l.objects[l.used-1]
}

func (l *layer[O]) end() {
	for _, o := range l.objects[l.used:] {
		o.Hide()
	}
	l.used = 0
}

// emojiLayer is a layer of emoji.
type emojiLayer struct {
	box   *fyne.Container
	faces []*emojiImage
	used  int
}

// show draws an emoji, and reports whether it could.
func (l *emojiLayer) show(all *emojis, text string, r frames.Rect) bool {
	if l.used == len(l.faces) {
		face := newEmojiImage()
		l.faces = append(l.faces, face)
		l.box.Objects = append(l.box.Objects, face.image)
	}
	face := l.faces[l.used]
	if !face.set(all, text) {
		return false
	}
	l.used++
	put(face.image, r)
	return true
}

func (l *emojiLayer) end() {
	for _, face := range l.faces[l.used:] {
		face.image.Hide()
	}
	l.used = 0
}

// emojiRect is where an emoji of a text is drawn: a square in the middle of its
// piece.
func emojiRect(r frames.Rect) frames.Rect {
	side := min(r.W*0.9, r.H)
	return frames.Rect{X: r.X + (r.W-side)/2, Y: r.Y + (r.H-side)/2, W: side, H: side}
}

func newCell() *cell {
	c := &cell{
		divider:  canvas.NewText("", nil),
		avatar:   canvas.NewCircle(nil),
		initials: canvas.NewText("", theme.Color(theme.ColorOnShade)),
		name:     canvas.NewText("", nil),
		bubble:   canvas.NewRectangle(nil),
		clock:    canvas.NewText("", nil),
		mark:     newIcon(),
		failed:   newTapText(),
	}
	c.divider.Alignment, c.initials.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	c.initials.TextSize = theme.TextSmall // in a circle that does not grow
	c.initials.TextStyle.Bold = true
	c.name.TextStyle.Bold = true
	c.bubble.CornerRadius = theme.RadiusM
	c.unread, c.unreadLine = canvas.NewText("", nil), canvas.NewLine(nil)
	c.unread.Alignment, c.unread.TextStyle.Bold = fyne.TextAlignCenter, true
	c.quote, c.quoteBar = canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	c.quote.CornerRadius, c.quoteBar.CornerRadius = theme.RadiusS/2, 1.5
	c.quoteName, c.quoteText = canvas.NewText("", nil), canvas.NewText("", nil)
	c.quoteName.TextStyle.Bold = true
	c.picture, c.empty, c.progress = canvas.NewImageFromImage(nil), canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	c.picture.FillMode, c.picture.ScaleMode, c.picture.CornerRadius = canvas.ImageFillCover, canvas.ImageScaleFastest, theme.RadiusS
	c.empty.CornerRadius, c.progress.CornerRadius = theme.RadiusS, 2
	c.button, c.icon, c.wave = canvas.NewCircle(nil), newIcon(), canvas.NewImageFromImage(nil)
	c.wave.FillMode, c.wave.ScaleMode = canvas.ImageFillStretch, canvas.ImageScaleFastest
	c.length, c.dot = canvas.NewText("", nil), canvas.NewCircle(nil)
	c.fileName, c.fileNote = canvas.NewText("", nil), canvas.NewText("", nil)
	c.behind = newLayer(func() *canvas.Rectangle { return canvas.NewRectangle(nil) })
	c.text = newLayer(func() *canvas.Text { return canvas.NewText("", nil) })
	c.under = newLayer(func() *canvas.Line { return canvas.NewLine(nil) })
	c.chips = newLayer(func() *canvas.Rectangle { return canvas.NewRectangle(nil) })
	c.chipTexts = newLayer(func() *canvas.Text { return canvas.NewText("", nil) })
	c.emoji = &emojiLayer{box: container.NewWithoutLayout()}
	c.hit = newHit()
	c.box = container.NewWithoutLayout(c.divider, c.unreadLine, c.unread, c.avatar, c.initials, c.name, c.bubble, c.behind.box, c.quote, c.quoteBar, c.quoteName, c.quoteText,
		c.empty, c.picture, c.progress, c.button, c.icon.image, c.wave, c.length, c.dot, c.fileName, c.fileNote, c.text.box, c.under.box, c.chips.box, c.chipTexts.box, c.emoji.box,
		c.clock, c.mark.image, c.hit, c.failed)
	return c
}

// icon is a small picture that is drawn again only when it is another one.
type icon struct {
	image  *canvas.Image
	name   string
	colour color.Color
}

func newIcon() *icon {
	i := &icon{image: canvas.NewImageFromResource(nil)}
	i.image.FillMode = canvas.ImageFillContain
	return i
}

func (i *icon) set(name string, colour fyne.ThemeColorName, r frames.Rect) {
	if r.Empty() {
		i.image.Hide()
		return
	}
	now := theme.Color(colour)
	if name != i.name || now != i.colour {
		i.name, i.colour, i.image.Resource = name, now, theme.Icon(name, colour)
		i.image.Refresh()
	}
	put(i.image, r)
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

// rescale gives the texts their sizes at the text scale.
func (c *cell) rescale(l *list) {
	if c.scale == l.look.scale {
		return
	}
	c.scale = l.look.scale
	for _, t := range []*canvas.Text{c.divider, c.name, c.clock, c.unread, c.quoteName, c.quoteText, c.length, c.fileNote, c.failed.text} {
		t.TextSize = theme.TextCaption * c.scale
	}
	c.fileName.TextSize = theme.TextBody * c.scale
}

// bind shows m by its frames.
func (c *cell) bind(l *list, m Message, f frames.Frames) {
	c.rescale(l)
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
	c.name.Text, c.name.Color = shorten(name, f.Name.W), theme.NameColor(m.UserID)
	put(c.name, f.Name)

	fill, text := theme.ColorBubbleOther, bubbleText(m)
	if m.Own {
		fill = theme.ColorBubbleOwn
	}
	c.bubble.FillColor = theme.Color(fill)
	switch {
	case f.Large:
		c.bubble.FillColor = color.Transparent // emoji alone stand without a bubble
	case m.Kind == frames.Notice:
		c.bubble.FillColor = theme.Color("hover")
	}
	if m.ID == l.marked {
		c.bubble.FillColor = theme.Color("selection")
	}
	c.bubble.StrokeWidth = 0
	if l.focused && m.ID == l.current {
		c.bubble.StrokeColor, c.bubble.StrokeWidth = theme.Color("primary"), 2
	}
	put(c.bubble, f.Bubble)
	c.bindQuote(m, f, text)
	c.bindMedia(l, m, f, text)
	c.bindReactions(l, m, f)
	c.unread.Text, c.unread.Color = l.loc.T("chat.unread"), theme.Color("primary")
	c.unreadLine.StrokeColor, c.unreadLine.StrokeWidth = theme.Color("primary"), 1
	put(c.unread, f.Unread)
	c.unreadLine.Hidden = f.Unread.Empty()
	c.unreadLine.Position1, c.unreadLine.Position2 = fyne.NewPos(f.Unread.X, f.Unread.Y+f.Unread.H), fyne.NewPos(f.Unread.X+f.Unread.W, f.Unread.Y+f.Unread.H)
	c.hit.list, c.hit.id, c.hit.frames = l, m.ID, f
	c.hit.Move(fyne.NewPos(0, 0))
	c.hit.Resize(fyne.NewSize(l.width, f.Height))
	c.bindText(l, m, f, text)
	c.emoji.end()
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
	c.mark.set(icon, colour, f.Mark)
	if !f.Failed.Empty() {
		// What can be done stays to be read, whatever the reason.
		measure := func(s string) float32 { return fyneMetrics{}.Width(s, c.failed.text.TextSize, frames.Regular) }
		retry := " · " + l.loc.T("chat.retry")
		c.failed.set(frames.Elide(l.reason(m), f.Failed.W-measure(retry), measure)+retry, func() { l.actions.Retry(m.ID) })
	}
	put(c.failed, f.Failed)
	// The texts and shapes are drawn by what they hold: to draw is enough. What
	// has a texture of its own, the pictures, is refreshed where it changes.
	canvas.Refresh(c.bubble)
}

// bindText shows the lines, and behind them what is selected or was searched.
func (c *cell) bindText(l *list, m Message, f frames.Frames, colour fyne.ThemeColorName) {
	back := func(r frames.Rect, name fyne.ThemeColorName, radius float32) {
		o := c.behind.next()
		o.FillColor, o.CornerRadius = theme.Color(name), radius
		put(o, r)
	}
	for _, r := range f.Codes {
		back(r, "hover", theme.RadiusS)
	}
	for _, r := range l.hits(m, f) {
		back(r, theme.ColorFound, 2)
	}
	if l.selection.id == m.ID {
		from, to := l.selection.ends()
		for _, r := range f.Range(from, to, fyneMetrics{}) {
			back(r, "selection", 2)
		}
	}
	for _, line := range f.Lines {
		for _, p := range line.Pieces {
			if p.Face == frames.Emoji && c.emoji.show(l.emojis, p.Text, emojiRect(p.Rect)) {
				continue
			}
			o := c.text.next()
			o.Text = p.Draw
			o.Color, o.TextSize = theme.Color(colour), f.Size
			o.TextStyle = fyne.TextStyle{Italic: m.Unsupported || m.Deleted, Monospace: p.Face == frames.Mono}
			if p.Link != "" {
				link := theme.Color("hyperlink")
				if m.Own {
					link = theme.Color(colour)
				}
				o.Color = link
				u := c.under.next()
				u.StrokeColor, u.StrokeWidth = link, 1
				u.Position1, u.Position2 = fyne.NewPos(p.X, p.Y+p.H-2), fyne.NewPos(p.X+p.W, p.Y+p.H-2)
				u.Show()
			}
			put(o, p.Rect)
		}
	}
	c.behind.end()
	c.text.end()
	c.under.end()
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
		canvas.Refresh(c.picture)
	}
	if m.Image != nil {
		put(c.picture, f.Picture)
	} else {
		c.picture.Hide()
	}
	if !f.Picture.Empty() && l.actions.NeedImage != nil {
		l.actions.NeedImage(m.ID)
	}
	under := frames.Rect{X: f.Picture.X, Y: f.Picture.Y + f.Picture.H - 4, W: f.Picture.W, H: 4}
	if f.Picture.Empty() {
		under = frames.Rect{X: f.FileName.X, Y: f.Button.Y + f.Button.H + 2, W: max(f.FileName.W, f.FileNote.W), H: 3}
	}
	c.progress.FillColor = theme.Color("primary")
	if m.Progress > 0 && m.Progress < 1 && m.Kind != frames.Text {
		under.W *= m.Progress
		put(c.progress, under)
	} else {
		c.progress.Hide()
	}
	c.bindButton(l, m, f)
	c.bindVoice(l, m, f)
	c.fileName.Text, c.fileName.Color = f.FileName.Text, theme.Color(text)
	c.fileNote.Text, c.fileNote.Color = f.FileNote.Text, theme.Color(theme.ColorMuted)
	put(c.fileName, f.FileName.Rect)
	note := f.FileNote.Rect
	if m.Problem && !f.Picture.Empty() {
		c.fileNote.Text = l.loc.T("chat.picture.problem")
		width := (fyneMetrics{}).Width(c.fileNote.Text, c.fileNote.TextSize, frames.Regular)
		if note = (frames.Rect{X: f.Picture.X + (f.Picture.W-width)/2, Y: f.Picture.Y + f.Picture.H/2 + sizes().Button/2 + theme.SpaceXS, W: width, H: f.FileNote.H + theme.SpaceL}); width > f.Picture.W {
			note = frames.Rect{}
		}
	}
	put(c.fileNote, note)
}

// bindButton shows what a tap does: that of a voice message or file, or the
// one on a picture that is on its way or did not come.
func (c *cell) bindButton(l *list, m Message, f frames.Frames) {
	at, moving := f.Button, m.Progress >= 0 && m.Progress < 1
	icon, playing := "file", l.voice.id == m.ID && l.voice.playing
	if m.Kind == frames.Picture && !f.Picture.Empty() && (moving || m.Problem) {
		side := sizes().Button
		at = frames.Rect{X: f.Picture.X + (f.Picture.W-side)/2, Y: f.Picture.Y + (f.Picture.H-side)/2, W: side, H: side}
	}
	switch {
	case m.Problem:
		icon = "retry"
	case moving && m.Kind != frames.Voice:
		icon = "close"
	case m.Kind == frames.Voice && playing:
		icon = "pause"
	case m.Kind == frames.Voice:
		icon = "play"
	case !m.Here:
		icon = "download"
	}
	c.button.FillColor = theme.Color("primary")
	put(c.button, at)
	inset := at.W * 0.26
	c.icon.set(icon, "foregroundOnPrimary", frames.Rect{X: at.X + inset, Y: at.Y + inset, W: at.W - 2*inset, H: at.H - 2*inset})
}

func (c *cell) bindVoice(l *list, m Message, f frames.Frames) {
	if f.Wave.Empty() {
		c.wave.Hide()
		c.length.Hide()
		c.dot.Hide()
		return
	}
	key := waveKey{id: m.ID, width: int(f.Wave.W), height: int(f.Wave.H), own: m.Own}
	c.length.Text, c.length.Color = lengthText(m.Duration), theme.Color(theme.ColorMuted)
	if l.voice.id == m.ID {
		key.lit = int(l.voice.position * float32(key.bars()))
		c.length.Text, c.length.Color = speedText(l.voice.speed), theme.Color("primary")
	}
	key.litColour, key.unlitColour = waveColours(m.Own)
	if key != c.drawn {
		c.drawn = key
		c.wave.Image = wave(m.Waveform, key)
		c.wave.Refresh()
	}
	put(c.wave, f.Wave)
	put(c.length, f.Length)
	c.dot.FillColor = theme.Color("primary")
	if m.Own || m.Heard {
		c.dot.Hide()
		return
	}
	put(c.dot, frames.Rect{X: f.Length.X + f.Length.W - 7, Y: f.Length.Y - 9, W: 7, H: 7})
}

func (c *cell) bindReactions(l *list, m Message, f frames.Frames) {
	for i := range min(len(f.Reactions), len(m.Reactions)) {
		chip, back, text := f.Reactions[i], c.chips.next(), c.chipTexts.next()
		back.FillColor, back.CornerRadius, back.StrokeWidth = theme.Color(theme.ColorBubbleOther), 10*c.scale, 0
		if m.Reactions[i].Own {
			back.StrokeColor, back.StrokeWidth = theme.Color("primary"), 1
		}
		text.Text, text.Color, text.TextSize = chip.Count.Text, theme.Color(theme.ColorBubbleText), theme.TextBody*c.scale
		put(back, chip.Rect)
		if !c.emoji.show(l.emojis, chip.Emoji, chip.Face) {
			text.Text, chip.Count.Rect = chip.Emoji+" "+chip.Count.Text, chip.Rect
		}
		put(text, chip.Count.Rect)
	}
	c.chips.end()
	c.chipTexts.end()
}

func bubbleText(m Message) fyne.ThemeColorName {
	switch {
	case m.Kind == frames.Notice:
		return theme.ColorMuted
	case m.Own:
		return theme.ColorOwnText
	default:
		return theme.ColorBubbleText
	}
}

// shorten cuts a name that is wider than its room.
func shorten(name string, width float32) string {
	size := theme.Scaled(theme.TextCaption)
	if (fyneMetrics{}).Width(name, size, frames.Bold) <= width {
		return name
	}
	runes := []rune(name)
	for len(runes) > 1 {
		runes = runes[:len(runes)-1]
		if cut := string(runes) + "…"; (fyneMetrics{}).Width(cut, size, frames.Bold) <= width {
			return cut
		}
	}
	return string(runes)
}

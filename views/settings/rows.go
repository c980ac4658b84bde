package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// block is a part of a section: given a width, it says how high it is. What is
// wrapped is known by then, so that nothing is laid out twice.
type block interface {
	fyne.CanvasObject
	heightFor(width float32) float32
}

// page stacks the blocks of a section.
type page struct {
	blocks []block
	width  float32
}

const blockGap = theme.SpaceM

// MinSize implements fyne.Layout.
func (p *page) MinSize([]fyne.CanvasObject) fyne.Size {
	height := float32(0)
	for _, b := range p.blocks {
		if b.Visible() {
			height += b.heightFor(p.width) + blockGap
		}
	}
	return fyne.NewSize(1, height)
}

// Layout implements fyne.Layout.
func (p *page) Layout([]fyne.CanvasObject, fyne.Size) {
	y := float32(0)
	for _, b := range p.blocks {
		if !b.Visible() {
			continue
		}
		h := b.heightFor(p.width)
		put(b, 0, y, p.width, h)
		y += h + blockGap
	}
}

// card is a surface with rows, and the words above it.
type card struct {
	drawn
	title *canvas.Text // nil for none
	back  *canvas.Rectangle
	rows  []block
	lines []*canvas.Rectangle
}

func newCard(title string, rows ...block) *card {
	c := &card{back: canvas.NewRectangle(nil), rows: rows}
	c.back.CornerRadius = theme.RadiusM
	c.objects = append(c.objects, c.back)
	if title != "" {
		c.title = newText(title, theme.TextSmall, true)
		c.objects = append(c.objects, c.title)
	}
	for i, r := range rows {
		c.objects = append(c.objects, r)
		if i > 0 {
			line := canvas.NewRectangle(nil)
			c.lines = append(c.lines, line)
			c.objects = append(c.objects, line)
		}
	}
	c.least = func() fyne.Size { return fyne.NewSize(1, c.heightFor(c.Size().Width)) }
	c.place = func(size fyne.Size) {
		y := float32(0)
		if c.title != nil {
			put(c.title, theme.SpaceXS, 0, size.Width-theme.SpaceXS, c.title.MinSize().Height)
			y = c.title.MinSize().Height + theme.SpaceS
		}
		put(c.back, 0, y, size.Width, size.Height-y)
		for i, r := range c.rows {
			if i > 0 {
				put(c.lines[i-1], theme.SpaceL, y, size.Width-2*theme.SpaceL, 1)
			}
			h := r.heightFor(size.Width)
			put(r, 0, y, size.Width, h)
			y += h
		}
	}
	c.paint = func() {
		c.back.FillColor = theme.Color(theme.ColorSurface)
		c.back.StrokeColor, c.back.StrokeWidth = theme.Color(theme.ColorLine), 1
		if c.title != nil {
			c.title.Color = theme.Color(theme.ColorMuted)
		}
		for _, l := range c.lines {
			l.FillColor = theme.Color(theme.ColorLine)
		}
	}
	c.ExtendBaseWidget(c)
	return c
}

func (c *card) heightFor(width float32) float32 {
	height := float32(0)
	if c.title != nil {
		height = c.title.MinSize().Height + theme.SpaceS
	}
	for _, r := range c.rows {
		height += r.heightFor(width)
	}
	return height
}

// row is a name with words below it, and what is chosen at its right, or below
// where there is no room.
type row struct {
	drawn
	title   *canvas.Text
	words   *widget.RichText // nil for none
	control fyne.CanvasObject
	wide    bool // the control takes all of the width, below
	grey    bool // there is nothing to choose now
}

func newRow(title, words string, control fyne.CanvasObject) *row {
	r := &row{title: newText(title, theme.TextBody, false), control: control}
	r.objects = []fyne.CanvasObject{r.title}
	if words != "" {
		r.words = theme.Hint(words, fynetheme.SizeNameCaptionText, true)
		r.objects = append(r.objects, r.words)
	}
	if control != nil {
		r.objects = append(r.objects, control)
	}
	r.least = func() fyne.Size { return fyne.NewSize(1, r.heightFor(r.Size().Width)) }
	r.place = r.arrange
	r.paint = func() {
		r.title.Color = theme.Color(fynetheme.ColorNameForeground)
		if r.grey {
			r.title.Color = theme.Color(fynetheme.ColorNameDisabled)
		}
	}
	r.ExtendBaseWidget(r)
	return r
}

// below has the control below the name, over all of the width.
func (r *row) below() *row {
	r.wide = true
	return r
}

const (
	rowSide  = theme.SpaceL
	rowAbove = theme.SpaceM - 2
	// richInset is what a RichText leaves around its text.
	richInset = theme.SpaceS + 1
)

// beside reports whether the control has room at the right, and what is left of
// the width for the words.
func (r *row) beside(width float32) (words float32, beside bool) {
	all := width - 2*rowSide
	if r.control == nil {
		return all, true
	}
	left := all - r.control.MinSize().Width - theme.SpaceL
	if r.wide || left < r.title.MinSize().Width || r.words != nil && left < 160 {
		return all, false
	}
	return left, true
}

// texts is how high the words are.
func (r *row) texts(width float32) float32 {
	height := r.title.MinSize().Height
	if r.words != nil {
		height += r.wordsHeight(width)
	}
	return height
}

func (r *row) wordsHeight(width float32) float32 {
	r.words.Resize(fyne.NewSize(max(width, 1)+2*richInset, r.words.Size().Height))
	return r.words.MinSize().Height - 2*richInset + 2
}

func (r *row) heightFor(width float32) float32 {
	words, beside := r.beside(width)
	height := r.texts(words)
	switch {
	case r.control == nil:
	case beside:
		height = max(height, r.control.MinSize().Height)
	default:
		height += theme.SpaceS + r.control.MinSize().Height
	}
	return height + 2*rowAbove
}

func (r *row) arrange(size fyne.Size) {
	width, beside := r.beside(size.Width)
	height := r.texts(width)
	y := rowAbove
	if beside {
		y = (size.Height - height) / 2
	}
	put(r.title, rowSide, y, width, r.title.MinSize().Height)
	if r.words != nil {
		put(r.words, rowSide-richInset, y+r.title.MinSize().Height+2-richInset, width+2*richInset, r.words.MinSize().Height)
	}
	if r.control == nil {
		return
	}
	least := r.control.MinSize()
	switch {
	case beside:
		put(r.control, size.Width-rowSide-least.Width, (size.Height-least.Height)/2, least.Width, least.Height)
	case r.wide:
		put(r.control, rowSide, y+height+theme.SpaceS, size.Width-2*rowSide, least.Height)
	default:
		put(r.control, rowSide, y+height+theme.SpaceS, min(least.Width, size.Width-2*rowSide), least.Height)
	}
}

// note is words in a row of their own: a problem where it is bad.
type note struct {
	drawn
	text *widget.RichText
	bad  bool
}

func newNote(words string, bad bool) *note {
	n := &note{text: theme.Hint(words, fynetheme.SizeNameCaptionText, true), bad: bad}
	n.objects = []fyne.CanvasObject{n.text}
	n.least = func() fyne.Size { return fyne.NewSize(1, n.heightFor(n.Size().Width)) }
	n.place = func(size fyne.Size) {
		put(n.text, rowSide-richInset, rowAbove-richInset, size.Width-2*rowSide+2*richInset, n.text.MinSize().Height)
	}
	n.paint = func() {
		if segment, ok := n.text.Segments[0].(*widget.TextSegment); ok {
			segment.Style.ColorName = theme.ColorMuted
			if n.bad {
				segment.Style.ColorName = fynetheme.ColorNameError
			}
		}
	}
	n.ExtendBaseWidget(n)
	return n
}

func (n *note) say(words string) {
	n.paint() // before the words are drawn
	theme.SetHint(n.text, words)
	n.Refresh()
}

func (n *note) heightFor(width float32) float32 {
	if segment, ok := n.text.Segments[0].(*widget.TextSegment); ok && segment.Text == "" {
		return 0
	}
	n.text.Resize(fyne.NewSize(max(width-2*rowSide+2*richInset, 1), n.text.Size().Height))
	return n.text.MinSize().Height - 2*richInset + 2*rowAbove
}

// plain is a picture in a row of its own, on a ground that shows where it will
// be while there is none.
type plain struct {
	drawn
	back   *canvas.Rectangle
	height func(width float32) float32
}

func newPlain(o fyne.CanvasObject, height func(width float32) float32) *plain {
	p := &plain{back: canvas.NewRectangle(nil), height: height}
	p.back.CornerRadius = theme.RadiusS
	p.objects = []fyne.CanvasObject{p.back, o}
	p.least = func() fyne.Size { return fyne.NewSize(1, p.heightFor(p.Size().Width)) }
	p.place = func(size fyne.Size) {
		h := size.Height - 2*rowAbove
		w := min(size.Width-2*rowSide, h*16/9)
		put(p.back, (size.Width-w)/2, rowAbove, w, h)
		put(o, (size.Width-w)/2, rowAbove, w, h)
	}
	p.paint = func() { p.back.FillColor = theme.Color(theme.ColorTile) }
	p.ExtendBaseWidget(p)
	return p
}

func (p *plain) heightFor(width float32) float32 { return p.height(width-2*rowSide) + 2*rowAbove }

package chat

import (
	"slices"

	"fyne.io/fyne/v2"

	"parley/views/chat/frames"
	"parley/views/theme"
)

// fyneMetrics measures with the fonts of the window.
type fyneMetrics struct{}

func (fyneMetrics) Width(text string, size float32, face frames.Face) float32 {
	return fyne.MeasureText(text, size, fyne.TextStyle{Bold: face == frames.Bold, Monospace: face == frames.Mono}).Width
}

func (fyneMetrics) LineHeight(size float32) float32 {
	return fyne.MeasureText("Mg", size, fyne.TextStyle{}).Height
}

// sizes are the lengths of the layout at the text scale: what holds text grows
// with it.
func sizes() frames.Sizes {
	scale := theme.Scale()
	return frames.Sizes{
		Margin: theme.SpaceM, Avatar: 34, Gap: theme.SpaceS, GroupGap: 2, BubblePadding: theme.SpaceM - 2,
		Text: theme.TextBody * scale, Emoji: 38 * scale, Caption: theme.TextCaption * scale, Mark: 14 * scale, MaxBubble: 480 * scale,
		PictureMost: 320, PictureLeast: 80, VoiceLeast: 70, VoiceMost: 250, Button: 36,
	}
}

// estimate guesses how high a row will be, without measuring anything.
func (l *list) estimate(m Message) float32 {
	const line, around, perLine = 19, 30, 7
	height := float32(around)
	switch m.Kind {
	case frames.Picture:
		height += 220
	case frames.Voice, frames.File:
		height += 36
	default:
	}
	if m.Kind == frames.Notice {
		return around
	}
	if m.Text != "" || m.Kind == frames.Text {
		height += line * float32(1+int(float32(len(m.Text)*perLine)/max(l.width-80, 100)))
	}
	return height
}

// place is what the reader looks at: a message, and how far its bubble is
// below the top of the view.
type place struct {
	row    *row
	offset float32
	middle bool // in the middle of the view
	bottom bool // at the newest
}

// place finds what the reader looks at. A row that is laid out is preferred to
// one whose height is a guess.
func (l *list) place() place {
	if l.atBottom() {
		return place{bottom: true}
	}
	return l.lookedAt()
}

// lookedAt is place for a reader who may just be leaving the bottom.
func (l *list) lookedAt() place {
	if l.rows.len() == 0 || l.width <= 0 {
		return place{bottom: true}
	}
	y := l.scroll.Offset.Y
	x := l.rows.find(y)
	for candidate := x; candidate != nil && l.rows.top(candidate) < y+l.scroll.Size().Height; candidate = l.rows.next(candidate) {
		if candidate.epoch == l.epoch {
			x = candidate
			break
		}
	}
	return place{row: x, offset: l.rows.top(x) + x.frames.Bubble.Y - y}
}

// ensure lays a row out, where that is not done.
func (l *list) ensure(x *row) {
	if x.epoch == l.epoch {
		return
	}
	var before *frames.Message
	if previous := l.rows.previous(x); previous != nil {
		m := previous.message
		before = &frames.Message{UserID: m.UserID, Own: m.Own, Kind: m.Kind, Time: m.Time, Day: l.loc.Day(m.Time, l.now())}
	}
	x.frames = frames.Compute(l.model(x.message), before, l.width, fyneMetrics{}, sizes())
	x.epoch = l.epoch
	l.rows.setHeight(x, x.frames.Height)
	if x.cell != nil {
		x.cell.epoch = 0
	}
}

// bottomSpace is left below the last message, ahead is how far beyond the view
// rows are laid out.
const (
	bottomSpace = theme.SpaceM
	ahead       = 500
)

// settle lays out the rows around a place, brings the view there, and binds
// the cells.
func (l *list) settle(p place) {
	if l.width <= 0 {
		return
	}
	view := l.scroll.Size().Height
	offset := float32(0)
	for range 3 {
		x := p.row
		if p.bottom || x == nil {
			x = l.rows.last()
		}
		if x == nil {
			break
		}
		l.ensure(x)
		y := p.offset - x.frames.Bubble.Y
		switch {
		case p.middle:
			y = max((view-x.height)/2, 0)
		case p.bottom || p.row == nil:
			y = view - bottomSpace - x.height
		}
		top := y
		for above := l.rows.previous(x); above != nil && top > -ahead; above = l.rows.previous(above) {
			l.ensure(above)
			top -= above.height
		}
		end := y + x.height
		for below := l.rows.next(x); below != nil && end < view+ahead; below = l.rows.next(below) {
			l.ensure(below)
			end += below.height
		}
		offset = l.rows.top(x) - y
		least, most := float32(0), max(0, l.rows.total()+bottomSpace-view)
		if offset >= least && offset <= most {
			break
		}
		// The list is not as long as that there: what is in view is other.
		offset = min(max(offset, least), most)
		x = l.rows.find(offset)
		p = place{row: x, offset: l.rows.top(x) + x.frames.Bubble.Y - offset}
	}
	l.size.height = l.rows.total() + bottomSpace
	if size := fyne.NewSize(l.width, max(l.size.height, view)); size != l.content.Size() {
		l.content.Resize(size)
	}
	if y := max(0, min(offset, l.size.height-view)); y != l.scroll.Offset.Y {
		l.scroll.Offset.Y = y
		l.hover.out()
	}
	l.bindVisible()
	l.scroll.Base.Refresh() // the bars and the place: the cells have what they show
	l.reached()
}

// scrolled lays out what came near, and keeps what was in view in its place.
// Whoever scrolls to the end is at the end, whatever the rows there turn out to
// be high.
func (l *list) scrolled() {
	l.hover.out()
	if !l.more && l.scroll.Offset.Y+l.scroll.Size().Height >= l.size.height-0.5 {
		l.settle(place{bottom: true})
		return
	}
	l.settle(l.lookedAt())
}

// bindVisible gives cells to the rows in view, and takes them from others.
func (l *list) bindVisible() {
	top, height := l.scroll.Offset.Y, l.scroll.Size().Height
	first := l.rows.find(top)
	var visible []*row
	for x, y := first, top; x != nil && y < top+height; x = l.rows.next(x) {
		if x == first {
			y = l.rows.top(x)
		}
		visible = append(visible, x)
		y += x.height
	}
	gone := l.bound[:0]
	for _, x := range l.bound {
		if !slices.Contains(visible, x) {
			gone = append(gone, x)
		}
	}
	l.unbind(gone)
	l.bound = visible
	for _, x := range visible {
		if x.cell == nil {
			x.cell = l.take()
		}
		if x.cell.epoch != l.epoch {
			x.cell.bind(l, x.message, x.frames)
			x.cell.epoch = l.epoch
		}
		if at := fyne.NewPos(0, l.rows.top(x)); x.cell.box.Position() != at {
			x.cell.box.Move(at)
		}
		if size := fyne.NewSize(l.width, x.height); x.cell.box.Size() != size {
			x.cell.box.Resize(size)
		}
		x.cell.box.Show()
	}
	for _, c := range l.pool {
		if c.box.Visible() {
			c.box.Hide()
		}
	}
}

func (l *list) unbind(gone []*row) {
	for _, x := range gone {
		if x.cell != nil {
			l.pool = append(l.pool, x.cell)
			x.cell.epoch = 0
			x.cell = nil
		}
	}
}

func (l *list) take() *cell {
	if n := len(l.pool); n > 0 {
		c := l.pool[n-1]
		l.pool = l.pool[:n-1]
		return c
	}
	c := newCell()
	l.content.Add(c.box)
	return c
}

// near is how close to an end of the loaded rows more are asked for.
const near = 800

// reached tells what came into view, and asks for more near the ends.
func (l *list) reached() {
	if l.atBottom() {
		l.unseen = 0
	}
	l.down.set(!l.atBottom(), l.unseen)
	if l.rows.len() == 0 {
		return
	}
	top, height := l.scroll.Offset.Y, l.scroll.Size().Height
	l.tellSeen(top + height)
	if first := l.rows.first().message.ID; top < near && l.actions.LoadOlder != nil && l.asked != first {
		l.asked = first
		l.actions.LoadOlder()
	}
	if last := l.rows.last().message.ID; l.more && l.size.height-top-height < near && l.actions.LoadNewer != nil && l.askedNewer != last {
		l.askedNewer = last
		l.actions.LoadNewer()
	}
}

// tellSeen tells the newest message of others that is above end.
func (l *list) tellSeen(end float32) {
	if l.actions.Seen == nil {
		return
	}
	for i := len(l.bound) - 1; i >= 0; i-- {
		x := l.bound[i]
		if x.message.Own || i > 0 && l.rows.top(x)+x.height > end+slack {
			continue
		}
		if x.message.Order > l.seen {
			l.seen = x.message.Order
			l.actions.Seen(x.message.ID)
		}
		return
	}
}

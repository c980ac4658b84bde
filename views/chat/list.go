package chat

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
	"parley/views/i18n"
	"parley/views/theme"
)

// list is the virtualised list: rows are laid out by frames, only those in
// view have a cell, and cells are used again.
type list struct {
	widget.BaseWidget
	loc     *i18n.Localizer
	actions Actions
	now     func() time.Time

	messages []Message
	index    map[string]int
	frames   []frames.Frames
	offsets  offsets
	width    float32

	scroll  *container.Scroll
	content *fyne.Container
	rows    *rowsLayout
	cells   map[string]*cell
	pool    []*cell
	down    *downButton
	unseen  int
	asked   string // the oldest message when older ones were last asked for
	divider string // the first message that is new, when the room was opened
	marked  string // the message that a jump led to, for a moment
	voice   voiceState

	reply, edit func(Message) // what the composer does with a message
}

// voiceState is what is played.
type voiceState struct {
	id       string
	playing  bool
	position float32 // 0 to 1
}

func newList(loc *i18n.Localizer, a Actions) *list {
	l := &list{loc: loc, actions: a, now: time.Now, index: make(map[string]int), cells: make(map[string]*cell), rows: &rowsLayout{}}
	l.content = container.New(l.rows)
	l.scroll = container.NewVScroll(l.content)
	l.scroll.OnScrolled = func(fyne.Position) { l.scrolled() }
	l.down = newDownButton(func() { l.toBottom() })
	l.down.Hide()
	l.ExtendBaseWidget(l)
	return l
}

// rowsLayout leaves the rows where they are and says how high they are in all.
type rowsLayout struct{ height float32 }

func (r *rowsLayout) Layout([]fyne.CanvasObject, fyne.Size) {}
func (r *rowsLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, r.height) }

// CreateRenderer implements fyne.Widget.
func (l *list) CreateRenderer() fyne.WidgetRenderer { return &listRenderer{l} }

type listRenderer struct{ l *list }

func (r *listRenderer) Destroy()           {}
func (r *listRenderer) MinSize() fyne.Size { return fyne.NewSize(160, 80) }
func (r *listRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.l.scroll, r.l.down}
}

func (r *listRenderer) Refresh() {
	r.l.relayout()
	r.l.scroll.Refresh()
	r.l.down.Refresh()
}

func (r *listRenderer) Layout(size fyne.Size) {
	l := r.l
	bottom, place := l.atBottom(), l.anchor()
	l.scroll.Resize(size)
	d := l.down.MinSize()
	l.down.Resize(d)
	l.down.Move(fyne.NewPos(size.Width-d.Width-theme.SpaceM, size.Height-d.Height-theme.SpaceM))
	if size.Width != l.width {
		l.width = size.Width
		l.compute()
	}
	l.restore(bottom, place)
}

// fyneMetrics measures with the fonts of the window.
type fyneMetrics struct{}

func (fyneMetrics) Width(text string, size float32, bold bool) float32 {
	return fyne.MeasureText(text, size, fyne.TextStyle{Bold: bold}).Width
}

func (fyneMetrics) LineHeight(size float32) float32 {
	return fyne.MeasureText("Mg", size, fyne.TextStyle{}).Height
}

func sizes() frames.Sizes {
	return frames.Sizes{
		Margin: theme.SpaceM, Avatar: 34, Gap: theme.SpaceS, GroupGap: 2, BubblePadding: theme.SpaceM - 2,
		Text: theme.TextBody, Emoji: 38, Caption: theme.TextCaption, Mark: 14, MaxBubble: 480,
		PictureMost: 320, PictureLeast: 80, VoiceLeast: 70, VoiceMost: 250, Button: 36,
	}
}

func (l *list) model(m Message) frames.Message {
	f := frames.Message{
		UserID: m.UserID, Own: m.Own, Text: m.Text, Time: m.Time, Clock: l.loc.Clock(m.Time), Day: l.loc.Day(m.Time, l.now()), Marked: m.Own,
	}
	switch {
	case m.Unsupported:
		f.Text = l.loc.T("chat.unsupported")
	case m.Deleted:
		f.Text, f.Marked = l.loc.T("chat.deleted"), false
	default:
		f.Kind, f.Width, f.Height, f.Duration, f.FileName = m.Kind, m.Width, m.Height, m.Duration, m.FileName
		if m.Kind == frames.File {
			f.FileNote = fileNote(m)
		}
		if m.Reply != nil {
			f.QuoteName, f.QuoteText = m.Reply.Name, m.Reply.Text
		}
		for _, r := range m.Reactions {
			f.Reactions = append(f.Reactions, chip(r))
		}
		if m.Edited {
			f.Clock = l.loc.T("chat.edited") + " " + f.Clock
		}
	}
	if l.divider != "" && m.ID == l.divider {
		f.Unread = l.loc.T("chat.unread")
	}
	if m.Own && m.Status == Failed {
		f.Failed = l.reason(m)
	}
	return f
}

func (l *list) reason(m Message) string {
	key := "chat.failed.refused"
	switch m.Reason {
	case "not_allowed":
		key = "chat.failed.not_allowed"
	case "too_long":
		key = "chat.failed.too_long"
	case "room_gone":
		key = "chat.failed.room_gone"
	case "file_missing":
		key = "chat.failed.file_missing"
	case "file_size":
		key = "chat.failed.file_size"
	}
	return l.loc.T(key)
}

func (l *list) frame(i int) frames.Frames {
	m := l.model(l.messages[i])
	if i == 0 {
		return frames.Compute(m, nil, l.width, fyneMetrics{}, sizes())
	}
	before := l.model(l.messages[i-1])
	return frames.Compute(m, &before, l.width, fyneMetrics{}, sizes())
}

// compute lays out every row anew: after a change of the width or the font.
func (l *list) compute() {
	l.frames = l.frames[:0]
	heights := make([]float32, 0, len(l.messages))
	clear(l.index)
	for i := range l.messages {
		l.index[l.messages[i].ID] = i
		f := l.frame(i)
		l.frames = append(l.frames, f)
		heights = append(heights, f.Height)
	}
	l.offsets.reset(heights)
	l.free()
}

// free gives every cell back to the pool.
func (l *list) free() {
	for id, c := range l.cells {
		l.pool = append(l.pool, c)
		delete(l.cells, id)
	}
}

func (l *list) relayout() {
	if l.width > 0 {
		bottom, place := l.atBottom(), l.anchor()
		l.compute()
		l.restore(bottom, place)
	}
}

// place is what the reader looks at: a message, and how far its top is from
// that of the view.
type place struct {
	id     string
	offset float32
}

func (l *list) anchor() place {
	if l.offsets.len() == 0 {
		return place{}
	}
	i := l.offsets.at(l.scroll.Offset.Y)
	return place{l.messages[i].ID, l.offsets.top(i) - l.scroll.Offset.Y}
}

// slack is how far from the bottom still counts as there.
const slack = 4

func (l *list) atBottom() bool {
	return l.scroll.Offset.Y+l.scroll.Size().Height >= l.rows.height-slack
}

// bottomSpace is left below the last message.
const bottomSpace = theme.SpaceM

// restore brings the reader back to where they were before a change.
func (l *list) restore(bottom bool, p place) {
	l.rows.height = l.offsets.total() + bottomSpace
	view := l.scroll.Size().Height
	l.content.Resize(fyne.NewSize(l.width, max(l.rows.height, view)))
	y := l.scroll.Offset.Y
	if i, ok := l.index[p.id]; ok {
		y = l.offsets.top(i) - p.offset
	}
	if bottom {
		y = l.rows.height - view
	}
	l.scroll.Offset.Y = max(0, min(y, l.rows.height-view))
	l.scroll.Refresh()
	l.scrolled()
}

func (l *list) toBottom() { l.restore(true, place{}) }

// reset shows other messages: from where reading stopped, or from their end.
func (l *list) reset(messages []Message, unread string) {
	l.messages = append(l.messages[:0], messages...)
	l.unseen, l.asked, l.divider, l.marked = 0, "", unread, ""
	l.compute()
	if i, ok := l.index[unread]; ok && l.offsets.total()-l.offsets.top(i) > l.scroll.Size().Height {
		l.restore(false, place{unread, 0})
		return
	}
	l.restore(true, place{})
}

// change changes what a message shows, where it is.
func (l *list) change(id string, change func(*Message)) {
	if i, ok := l.index[id]; ok {
		m := l.messages[i]
		change(&m)
		bottom, p := l.atBottom(), l.anchor()
		l.replace(m)
		l.restore(bottom, p)
	}
}

// setVoice shows what is played; the row keeps its place and its height.
func (l *list) setVoice(v voiceState) {
	before := l.voice.id
	l.voice = v
	for _, id := range []string{before, v.id} {
		if c, i := l.cells[id], l.index[id]; c != nil && (id != before || id == v.id || before != v.id) {
			c.bindMedia(l, l.messages[i], l.frames[i], bubbleText(l.messages[i]))
			c.icon.Refresh()
			c.wave.Refresh()
			c.dot.Refresh()
		}
	}
}

// markFor is how long the message stands out that a jump led to.
const markFor = time.Second

// show brings a message to the middle of the view and lets it stand out for a
// moment; it reports whether the message is there.
func (l *list) show(id string) bool {
	i, ok := l.index[id]
	if !ok {
		return false
	}
	l.marked = id
	l.replace(l.messages[i])
	l.restore(false, place{id, max((l.scroll.Size().Height-l.frames[i].Height)/2, 0)})
	fyne.NewAnimation(markFor, func(done float32) {
		if done < 1 || l.marked != id {
			return
		}
		l.marked = ""
		if i, ok := l.index[id]; ok {
			bottom, p := l.atBottom(), l.anchor()
			l.replace(l.messages[i])
			l.restore(bottom, p)
		}
	}).Start()
	return true
}

func (l *list) append(messages []Message) {
	bottom, p := l.atBottom(), l.anchor()
	own := false
	for _, m := range messages {
		if _, known := l.index[m.ID]; known {
			l.replace(m)
			continue
		}
		own = own || m.Own
		l.messages = append(l.messages, m)
		i := len(l.messages) - 1
		l.index[m.ID] = i
		f := l.frame(i)
		l.frames = append(l.frames, f)
		l.offsets.push(f.Height)
		if !bottom && !m.Own {
			l.unseen++
		}
	}
	l.restore(bottom || own, p)
}

func (l *list) prepend(messages []Message) {
	fresh := make([]Message, 0, len(messages)+len(l.messages))
	for _, m := range messages {
		if _, known := l.index[m.ID]; !known {
			fresh = append(fresh, m)
		}
	}
	bottom, p := l.atBottom() && len(l.messages) == 0, l.anchor()
	l.messages = append(fresh, l.messages...)
	l.compute()
	l.restore(bottom, p)
}

// update changes a message, or puts a new one where its order says. What is
// older than all that is here belongs to a page that was not loaded.
func (l *list) update(m Message) {
	i, known := l.index[m.ID]
	if known && l.inOrder(i, m.Order) {
		bottom, p := l.atBottom(), l.anchor()
		l.replace(m)
		l.restore(bottom, p)
		return
	}
	if known {
		l.remove(m.ID)
	}
	at := len(l.messages)
	for at > 0 && l.messages[at-1].Order > m.Order {
		at--
	}
	switch {
	case at == len(l.messages):
		l.append([]Message{m})
	case at > 0 || known:
		bottom, p := l.atBottom(), l.anchor()
		l.messages = slices.Insert(l.messages, at, m)
		l.compute()
		l.restore(bottom, p)
	}
}

// inOrder reports whether a message at index i stays there with that order.
func (l *list) inOrder(i int, order int64) bool {
	return (i == 0 || l.messages[i-1].Order <= order) && (i == len(l.messages)-1 || l.messages[i+1].Order >= order)
}

func (l *list) remove(id string) {
	i, known := l.index[id]
	if !known {
		return
	}
	bottom, p := l.atBottom(), l.anchor()
	l.messages = slices.Delete(l.messages, i, i+1)
	l.compute()
	l.restore(bottom, p)
}

// replace changes a row, and the next one's dividers with it.
func (l *list) replace(m Message) {
	i := l.index[m.ID]
	l.messages[i] = m
	for j := i; j < min(i+2, len(l.messages)); j++ {
		l.frames[j] = l.frame(j)
		l.offsets.set(j, l.frames[j].Height)
		if c := l.cells[l.messages[j].ID]; c != nil {
			l.pool = append(l.pool, c)
			delete(l.cells, l.messages[j].ID)
		}
	}
}

// near is how close to the top older messages are asked for.
const near = 400

// scrolled binds cells to the rows in view.
func (l *list) scrolled() {
	if l.width <= 0 {
		return
	}
	top, height := l.scroll.Offset.Y, l.scroll.Size().Height
	first, last := l.offsets.at(top), l.offsets.at(top+height)
	if l.offsets.len() == 0 {
		first, last = 0, -1
	}
	for id, c := range l.cells {
		if i, ok := l.index[id]; !ok || i < first || i > last {
			l.pool = append(l.pool, c)
			delete(l.cells, id)
		}
	}
	for i := first; i <= last; i++ {
		id := l.messages[i].ID
		c := l.cells[id]
		if c == nil {
			c = l.take()
			l.cells[id] = c
			c.bind(l, l.messages[i], l.frames[i])
		}
		c.box.Move(fyne.NewPos(0, l.offsets.top(i)))
		c.box.Resize(fyne.NewSize(l.width, l.frames[i].Height))
		c.box.Show()
	}
	for _, c := range l.pool {
		c.box.Hide()
	}
	if l.atBottom() {
		l.unseen = 0
	}
	l.down.set(!l.atBottom(), l.unseen)
	if l.offsets.len() > 0 && top < near && l.actions.LoadOlder != nil && l.asked != l.messages[0].ID {
		l.asked = l.messages[0].ID
		l.actions.LoadOlder()
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

// count is a number as the round button shows it.
func count(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

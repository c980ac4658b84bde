package chat

import (
	"image/color"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
	"parley/views/i18n"
	"parley/views/theme"
)

// list is the virtualised list: rows are laid out by frames when they come
// near the view, those in view have a cell, and cells are used again. It holds
// a window of the history, which moves as the reader does.
type list struct {
	widget.BaseWidget
	loc     *i18n.Localizer
	actions Actions
	now     func() time.Time
	after   func(d time.Duration, act func()) (stop func()) // on the UI thread

	rows  *rows
	epoch uint32 // of the layout: another one with another width or font
	look  look
	width float32
	more  bool // there are newer messages than the last row

	scroll  *container.Scroll
	content *fyne.Container
	size    *rowsLayout
	bound   []*row // with cells, from top to bottom
	pool    []*cell
	down    *downButton
	hover   *hoverBar
	unseen  int
	seen    int64 // the order of the newest message that was in view

	asked, askedNewer string // the ends when more was last asked for there
	divider           string // the first message that is new, when the room was opened
	marked            string // the message that a jump led to, for a moment
	voice             voiceState
	selection         selection
	words             []string // what a search marks, in lower case
	current           string   // the message that the keyboard is at
	focused           bool

	emojis             *emojis
	reply, edit, react func(Message) // what the composer does with a message
}

// voiceState is what is played.
type voiceState struct {
	id       string
	playing  bool
	position float32 // 0 to 1
	speed    float32
}

// rowsMost is how many messages the list holds; it lets go of the far end.
const rowsMost = 2000

func newList(loc *i18n.Localizer, a Actions) *list {
	l := &list{loc: loc, actions: a, now: time.Now, emojis: &emojis{}, rows: newRows(), epoch: 1, size: &rowsLayout{}}
	l.after = func(d time.Duration, act func()) (stop func()) {
		timer := time.AfterFunc(d, func() { a.Dispatch(act) })
		return func() { timer.Stop() }
	}
	l.content = container.New(l.size)
	l.scroll = container.NewVScroll(l.content)
	l.scroll.OnScrolled = func(fyne.Position) { l.scrolled() }
	l.down = newDownButton(loc.T("chat.down"), l.toNewest)
	l.down.Hide()
	l.look = l.currentLook()
	l.hover = newHoverBar(l)
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
	return []fyne.CanvasObject{r.l.scroll, r.l.hover, r.l.down}
}

// Refresh lays out anew only what looks other than before: the window around
// the list is refreshed every second.
func (r *listRenderer) Refresh() {
	if now := r.l.currentLook(); now != r.l.look {
		r.l.look = now
		r.l.relayout()
	}
	r.l.scroll.Base.Refresh()
	r.l.down.Refresh()
}

// look is what the layout, the words and the colours of all rows depend on.
type look struct {
	line      float32 // the height of a line
	scale     float32 // of the text
	language  string
	text, own color.Color
}

func (l *list) currentLook() look {
	return look{
		line: fyneMetrics{}.LineHeight(theme.TextBody), scale: theme.Scale(), language: l.loc.Language(),
		text: theme.Color("foreground"), own: theme.Color(theme.ColorBubbleOwn),
	}
}

func (r *listRenderer) Layout(size fyne.Size) {
	l := r.l
	p := l.place()
	l.scroll.Resize(size)
	d := l.down.MinSize()
	l.down.Resize(d)
	l.down.Move(fyne.NewPos(size.Width-d.Width-theme.SpaceM, size.Height-d.Height-theme.SpaceM))
	if size.Width != l.width {
		l.width = size.Width
		l.epoch++
	}
	l.settle(p)
}

// renew takes other words, colours and text sizes.
func (l *list) renew() {
	l.down.label = l.loc.T("chat.down")
	for _, label := range l.hover.labels {
		label()
	}
	l.Refresh()
}

// relayout lays everything out anew, for another font or text size.
func (l *list) relayout() {
	p := l.place()
	l.epoch++
	l.settle(p)
}

// slack is how far from the bottom still counts as there.
const slack = 4

func (l *list) atBottom() bool {
	return !l.more && l.scroll.Offset.Y+l.scroll.Size().Height >= l.size.height-slack
}

// toNewest leads to the newest message, which may not be loaded.
func (l *list) toNewest() {
	if l.more && l.actions.ToNewest != nil {
		l.actions.ToNewest()
		return
	}
	l.settle(place{bottom: true})
}

// unreadBelow is how far below the top the first new message is shown, for
// what was before it to be seen.
const unreadBelow = 96

// reset shows other messages.
func (l *list) reset(messages []Message, o Opening) {
	l.unbind(l.bound)
	l.bound = l.bound[:0]
	l.rows.clear()
	l.unseen, l.asked, l.askedNewer, l.divider, l.marked, l.more = 0, "", "", o.Unread, "", o.More
	l.selection, l.current = selection{}, ""
	for i, m := range messages {
		l.rows.insert(i, m, l.estimate(m))
	}
	p := place{bottom: !o.More}
	if x := l.rows.byID[o.Unread]; x != nil {
		p = place{row: x, offset: unreadBelow}
	}
	if x := l.rows.byID[o.At]; x != nil {
		p = place{row: x, offset: o.Offset}
	}
	if p.row == nil && o.More {
		p.row = l.rows.first()
	}
	l.settle(p)
}

// change changes what a message shows, where it is.
func (l *list) change(id string, change func(*Message)) {
	if x := l.rows.byID[id]; x != nil {
		p := l.place()
		change(&x.message)
		l.stale(x)
		l.settle(p)
	}
}

// stale has a row laid out anew, and the next one, whose dividers depend on it.
func (l *list) stale(x *row) {
	x.epoch = 0
	if next := l.rows.next(x); next != nil {
		next.epoch = 0
	}
}

// markFor is how long the message stands out that a jump led to.
const markFor = time.Second

// show brings a message to the middle of the view and lets it stand out for a
// moment; it reports whether the message is there.
func (l *list) show(id string) bool {
	x := l.rows.byID[id]
	if x == nil {
		return false
	}
	l.marked = id
	l.settle(place{row: x, middle: true})
	l.rebind(x)
	l.after(markFor, func() {
		if l.marked != id {
			return
		}
		l.marked = ""
		if x := l.rows.byID[id]; x != nil {
			l.rebind(x)
		}
	})
	return true
}

// rebind shows a row again that looks other than before; its height is the
// same.
func (l *list) rebind(x *row) {
	if x != nil && x.cell != nil {
		x.cell.bind(l, x.message, x.frames)
	}
}

// page adds messages that follow the last, in their order.
func (l *list) append(messages []Message, more bool) {
	p := l.place()
	own := false
	for _, m := range messages {
		if x := l.rows.byID[m.ID]; x != nil {
			x.message = m
			l.stale(x)
			continue
		}
		own = own || m.Own
		l.rows.insert(l.rows.len(), m, l.estimate(m))
		if !p.bottom && !m.Own && m.Order > l.seen {
			l.unseen++
		}
	}
	l.more = more
	if p.bottom || own && !more {
		p = place{bottom: true}
	}
	l.settle(p)
	l.trim(true)
}

// prepend adds older messages.
func (l *list) prepend(messages []Message) {
	p := l.place()
	if l.rows.len() == 0 {
		p = place{bottom: true}
	}
	at := 0
	for _, m := range messages {
		if l.rows.byID[m.ID] == nil {
			l.rows.insert(at, m, l.estimate(m))
			at++
		}
	}
	if x := l.rows.at(at); x != nil {
		x.epoch = 0 // it is the first no longer
	}
	l.settle(p)
	l.trim(false)
}

// trim lets go of the messages farthest from the view when there are too many:
// the oldest, or the newest.
func (l *list) trim(oldest bool) {
	if l.rows.len() <= rowsMost || len(l.bound) == 0 {
		return
	}
	p := l.place()
	for l.rows.len() > rowsMost*3/4 {
		x := l.rows.last()
		if oldest {
			x = l.rows.first()
		}
		if x.cell != nil || x == p.row {
			break
		}
		l.rows.remove(x)
		l.more = l.more || !oldest
	}
	if oldest {
		l.asked = ""
		if x := l.rows.first(); x != nil {
			x.epoch = 0
		}
	} else {
		l.askedNewer = ""
	}
	l.settle(p)
}

// update changes a message, or puts a new one where its order says. What is
// outside the loaded window belongs to a page that was not loaded.
func (l *list) update(m Message) {
	x := l.rows.byID[m.ID]
	if x != nil && l.inOrder(x, m.Order) {
		p := l.place()
		x.message = m
		l.stale(x)
		l.settle(p)
		return
	}
	known := x != nil
	p := l.place()
	if known {
		l.drop(x)
	}
	at := l.rows.after(m.Order)
	switch {
	case at == l.rows.len() && l.more:
		if !known && !m.Own && m.Order > l.seen {
			l.unseen++
		}
		l.settle(p)
		if m.Own && !known && l.actions.ToNewest != nil {
			l.actions.ToNewest()
		}
	case at == l.rows.len():
		l.append([]Message{m}, false)
		if p.bottom {
			l.settle(p)
		}
	case at > 0 || known:
		l.stale(l.rows.insert(at, m, l.estimate(m)))
		l.settle(p)
	}
}

// inOrder reports whether a message stays where it is with that order.
func (l *list) inOrder(x *row, order int64) bool {
	before, after := l.rows.previous(x), l.rows.next(x)
	return (before == nil || before.message.Order <= order) && (after == nil || after.message.Order >= order)
}

// drop takes a row out.
func (l *list) drop(x *row) {
	if next := l.rows.next(x); next != nil {
		next.epoch = 0
	}
	for i, b := range l.bound {
		if b == x {
			l.unbind(l.bound[i : i+1])
			l.bound = append(l.bound[:i], l.bound[i+1:]...)
			break
		}
	}
	l.rows.remove(x)
}

func (l *list) remove(id string) {
	x := l.rows.byID[id]
	if x == nil {
		return
	}
	p := l.place()
	if p.row == x {
		p.row = l.rows.next(x)
	}
	l.drop(x)
	l.settle(p)
}

// badge is a number as the round button shows it.
func badge(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// setVoice shows what is played; the row keeps its place and its height.
func (l *list) setVoice(v voiceState) {
	before := l.voice.id
	l.voice = v
	for _, id := range []string{before, v.id} {
		if x := l.rows.byID[id]; x != nil && x.cell != nil {
			x.cell.bindMedia(l, x.message, x.frames, bubbleText(x.message))
			canvas.Refresh(x.cell.bubble)
		}
		if before == v.id {
			break
		}
	}
}

// model is what the frames of a message depend on.
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
			f.Reactions = append(f.Reactions, frames.Reaction{Emoji: r.Emoji, Count: countText(r)})
		}
		if m.Edited {
			f.Edited = l.loc.T("chat.edited")
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

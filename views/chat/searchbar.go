package chat

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// header stands above the list: what this is, and the search.
type header struct {
	loc     *i18n.Localizer
	actions Actions
	list    *list
	title   *canvas.Text
	plain   *fyne.Container
	search  *fyne.Container
	entry   *searchEntry
	count   *canvas.Text
	older   *roundButton
	newer   *roundButton
	find    *roundButton
	date    *roundButton
	root    *fyne.Container

	found []string // messages, the newest first
	at    int
	query string

	resized func() // lays out what is around
	labels  []func()
}

// renew says everything anew, and takes another text size.
func (h *header) renew() {
	h.title.Text = h.loc.T("chat.title")
	h.entry.SetPlaceHolder(h.loc.T("search.hint"))
	for _, label := range h.labels {
		label()
	}
	h.settle()
}

func newHeader(loc *i18n.Localizer, a Actions, l *list) *header {
	h := &header{loc: loc, actions: a, list: l, title: canvas.NewText(loc.T("chat.title"), nil), count: canvas.NewText("", nil), resized: func() {}}
	h.title.TextStyle.Bold = true
	h.entry = newSearchEntry(h)
	h.entry.SetPlaceHolder(loc.T("search.hint"))
	h.entry.OnChanged = h.changed
	button := func(icon, label string, act func()) *roundButton {
		b := newRoundButton(icon, loc.T(label), false, act)
		b.side, b.flat = headerButton, true
		b.enable(true)
		h.labels = append(h.labels, func() { b.setIcon(icon, loc.T(label)) })
		return b
	}
	h.find = button("search", "search.open", h.open)
	h.date = button("calendar", "search.date", h.pickDate)
	h.older, h.newer = button("up", "search.older", func() { h.step(1) }), button("down", "search.newer", func() { h.step(-1) })
	closing := button("close", "search.close", h.close)
	h.plain = container.NewHBox(h.title, layout.NewSpacer(), h.date, h.find)
	h.search = container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(h.count), h.older, h.newer, closing), h.entry)
	h.search.Hide()
	h.root = container.NewStack(theme.NewPanel(theme.ColorSurface), container.New(layout.NewCustomPaddedLayout(theme.SpaceXS, theme.SpaceXS, theme.SpaceM, theme.SpaceS), container.NewStack(h.plain, h.search)))
	h.settle()
	return h
}

const headerButton = 30

func (h *header) settle() {
	h.title.TextSize, h.count.TextSize = theme.Scaled(theme.TextBody), theme.Scaled(theme.TextCaption)
	h.title.Color, h.count.Color = theme.Color("foreground"), theme.Color(theme.ColorMuted)
	h.older.enable(h.at+1 < len(h.found))
	h.newer.enable(h.at > 0)
	switch {
	case h.query == "":
		h.count.Text = ""
	case len(h.found) == 0:
		h.count.Text = h.loc.T("search.none")
	default:
		h.count.Text = h.loc.Tf("search.count", map[string]any{"At": h.at + 1, "Count": len(h.found)})
	}
	h.root.Refresh()
}

func (h *header) open() {
	h.plain.Hide()
	h.search.Show()
	h.settle()
	h.resized()
	if c := fyne.CurrentApp().Driver().CanvasForObject(h.root); c != nil { // the entry has none before it was drawn
		c.Focus(h.entry)
	}
}

func (h *header) close() {
	h.entry.SetText("")
	h.changed("")
	h.search.Hide()
	h.plain.Show()
	h.settle()
	h.resized()
	h.list.focus()
}

// changed looks for what is written by now.
func (h *header) changed(text string) {
	query := strings.TrimSpace(text)
	if query == h.query {
		return
	}
	h.query, h.found, h.at = query, nil, 0
	h.list.mark(strings.FieldsFunc(strings.ToLower(query), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	}))
	if query != "" && h.actions.Search != nil {
		h.actions.Search(query)
	}
	h.settle()
}

// result takes what was found for a query that still stands there.
func (h *header) result(query string, found []string) {
	if query != h.query {
		return
	}
	h.found, h.at = slices.Clone(found), 0
	h.settle()
	h.jump()
}

// step goes to an older, 1, or newer, -1, message that was found.
func (h *header) step(by int) {
	if at := h.at + by; at >= 0 && at < len(h.found) {
		h.at = at
		h.settle()
		h.jump()
	}
}

func (h *header) jump() {
	if h.at < len(h.found) && h.actions.Jump != nil {
		h.actions.Jump(h.found[h.at])
	}
}

// pickDate opens a calendar below the button.
func (h *header) pickDate() {
	c := fyne.CurrentApp().Driver().CanvasForObject(h.date)
	if c == nil || h.actions.ToDate == nil {
		return
	}
	shown := h.list.now()
	if len(h.list.bound) > 0 {
		shown = h.list.bound[0].message.Time
	}
	var popUp *widget.PopUp
	month := newCalendar(h.loc, shown, h.list.now(), func(day time.Time) {
		popUp.Hide()
		h.actions.ToDate(day)
	})
	popUp = widget.NewPopUp(month, c)
	size := popUp.MinSize()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.date).AddXY(headerButton-size.Width, headerButton+theme.SpaceXS)
	popUp.ShowAtPosition(fyne.NewPos(max(at.X, 0), at.Y))
}

// mark changes what the list marks as found.
func (l *list) mark(words []string) {
	l.words = words
	for _, x := range l.bound {
		l.rebind(x)
	}
}

// searchEntry is where a search is written: Enter goes to the next older one,
// Shift+Enter back, Escape ends it.
type searchEntry struct {
	widget.Entry
	header *header
	shift  bool
}

func newSearchEntry(h *header) *searchEntry {
	e := &searchEntry{header: h}
	e.ExtendBaseWidget(e)
	return e
}

// KeyDown implements desktop.Keyable.
func (e *searchEntry) KeyDown(key *fyne.KeyEvent) {
	e.shift = e.shift || key.Name == "LeftShift" || key.Name == "RightShift"
	e.Entry.KeyDown(key)
}

// KeyUp implements desktop.Keyable.
func (e *searchEntry) KeyUp(key *fyne.KeyEvent) {
	e.shift = e.shift && key.Name != "LeftShift" && key.Name != "RightShift"
	e.Entry.KeyUp(key)
}

// TypedKey implements fyne.Focusable.
func (e *searchEntry) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyEscape:
		e.header.close()
	case fyne.KeyReturn, fyne.KeyEnter:
		if e.shift {
			e.header.step(-1)
		} else {
			e.header.step(1)
		}
	case fyne.KeyUp:
		e.header.step(1)
	case fyne.KeyDown:
		e.header.step(-1)
	default:
		e.Entry.TypedKey(key)
	}
}

// TypedShortcut leaves those of the window to it.
func (e *searchEntry) TypedShortcut(s fyne.Shortcut) {
	if passUp(e, s) {
		return
	}
	e.Entry.TypedShortcut(s)
}

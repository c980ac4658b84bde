package chat

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/session/wire"
	"parley/views/chat/frames"
	"parley/views/i18n"
	"parley/views/theme"
)

// composerRows is how many rows the composer grows to.
const composerRows = 6

// countFrom is how near the limit of a message its length is shown.
const countFrom = wire.TextMax - 512

// composer is where a message is written.
type composer struct {
	loc     *i18n.Localizer
	actions Actions
	entry   *messageEntry
	button  *roundButton
	counter *widget.Label
	root    *fyne.Container

	about composerMode
	draft string // what stood there before an edit
	bar   *composerBar

	resized func() // lays out what is around the composer
}

// composerMode is what is written: a message, an answer, or an edit.
type composerMode struct {
	id   string // of the message that it is about; empty for a new one
	edit bool
}

func newComposer(loc *i18n.Localizer, a Actions) *composer {
	c := &composer{loc: loc, actions: a, resized: func() {}}
	c.entry = newMessageEntry(c.submit, c.cancel)
	c.bar = newComposerBar(loc.T("chat.cancel"), c.cancel)
	c.entry.SetPlaceHolder(loc.T("chat.hint"))
	c.entry.OnChanged = c.changed
	c.button = newRoundButton("send", loc.T("chat.send"), true, c.submit)
	c.counter = widget.NewLabel("")
	c.counter.SizeName, c.counter.Alignment = fynetheme.SizeNameCaptionText, fyne.TextAlignTrailing
	c.counter.Hide()
	var attach fyne.CanvasObject
	if a.Attach != nil {
		button := newRoundButton("attach", loc.T("chat.attach"), false, a.Attach)
		button.enable(true)
		attach = container.NewVBox(layout.NewSpacer(), button)
	}
	row := container.NewBorder(nil, nil, attach, container.NewVBox(layout.NewSpacer(), c.button), c.entry)
	padded := container.New(layout.NewCustomPaddedLayout(theme.SpaceS, theme.SpaceS, theme.SpaceM, theme.SpaceM), container.NewVBox(c.bar.root, c.counter, row))
	c.root = container.NewStack(theme.NewPanel(theme.ColorSurface), padded)
	c.changed("")
	return c
}

func (c *composer) object() fyne.CanvasObject { return c.root }

func (c *composer) submit() {
	text := strings.TrimSpace(c.entry.Text)
	if text == "" {
		return
	}
	var err error
	switch {
	case c.about.edit:
		err = c.actions.Edit(c.about.id, text)
	case c.about.id != "":
		err = c.actions.Reply(c.about.id, text)
	default:
		err = c.actions.Send(text)
	}
	if err != nil {
		return
	}
	draft := ""
	if c.about.edit {
		draft = c.draft
	}
	c.about, c.draft = composerMode{}, ""
	c.bar.hide()
	c.resized()
	c.entry.SetText(draft)
}

// reply begins an answer to a message.
func (c *composer) reply(m Message) {
	c.cancel()
	c.about = composerMode{id: m.ID}
	name := m.Name
	if name == "" {
		name = m.UserID
	}
	c.bar.show(c.loc.Tf("chat.replying", map[string]any{"Name": name}), m.Text)
	c.resized()
	c.focus()
}

// edit begins an edit of an own message; what stood in the composer comes back
// afterwards.
func (c *composer) edit(m Message) {
	c.cancel()
	c.about, c.draft = composerMode{id: m.ID, edit: true}, c.entry.Text
	c.bar.show(c.loc.T("chat.editing"), m.Text)
	c.entry.SetText(m.Text)
	c.resized()
	c.focus()
}

// cancel ends a reply or an edit; without one it does nothing.
func (c *composer) cancel() {
	if c.about.id == "" {
		return
	}
	if c.about.edit {
		c.entry.SetText(c.draft)
	}
	c.about, c.draft = composerMode{}, ""
	c.bar.hide()
	c.resized()
}

// typed takes what was typed where nothing else wants it.
func (c *composer) typed(r rune) {
	c.focus()
	c.entry.TypedRune(r)
}

// pasted likewise.
func (c *composer) pasted(s fyne.Shortcut) {
	c.focus()
	c.entry.TypedShortcut(s)
}

func (c *composer) focus() {
	if canvas := fyne.CurrentApp().Driver().CanvasForObject(c.entry); canvas != nil {
		canvas.Focus(c.entry)
	}
}

func (c *composer) changed(text string) {
	c.entry.grow()
	if c.actions.Typing != nil && !c.about.edit {
		c.actions.Typing(text)
	}
	c.button.enable(strings.TrimSpace(text) != "" && len(text) <= wire.TextMax)
	if len(text) < countFrom {
		c.counter.Hide()
		return
	}
	c.counter.Importance = widget.MediumImportance
	if len(text) > wire.TextMax {
		c.counter.Importance = widget.DangerImportance
	}
	c.counter.SetText(c.loc.Tf("chat.left", map[string]any{"Count": wire.TextMax - len(text)}))
	c.counter.Show()
}

// messageEntry sends with Enter, breaks the line with Shift+Enter, and grows.
type messageEntry struct {
	widget.Entry
	submit func()
	cancel func()
	shift  bool
	rows   int
}

var _ desktop.Keyable = (*messageEntry)(nil)

func newMessageEntry(submit, cancel func()) *messageEntry {
	e := &messageEntry{submit: submit, cancel: cancel}
	e.MultiLine, e.Wrapping = true, fyne.TextWrapWord
	e.SetMinRowsVisible(1)
	e.rows = 1
	e.ExtendBaseWidget(e)
	return e
}

// KeyDown implements desktop.Keyable.
func (e *messageEntry) KeyDown(key *fyne.KeyEvent) {
	if key.Name == desktop.KeyShiftLeft || key.Name == desktop.KeyShiftRight {
		e.shift = true
	}
	e.Entry.KeyDown(key)
}

// KeyUp implements desktop.Keyable.
func (e *messageEntry) KeyUp(key *fyne.KeyEvent) {
	if key.Name == desktop.KeyShiftLeft || key.Name == desktop.KeyShiftRight {
		e.shift = false
	}
	e.Entry.KeyUp(key)
}

// FocusLost forgets a Shift whose release goes elsewhere.
func (e *messageEntry) FocusLost() {
	e.shift = false
	e.Entry.FocusLost()
}

// TypedKey sends with Enter.
func (e *messageEntry) TypedKey(key *fyne.KeyEvent) {
	if (key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter) && !e.shift {
		e.submit()
		return
	}
	if key.Name == fyne.KeyEscape {
		e.cancel()
		return
	}
	e.Entry.TypedKey(key)
}

// TypedShortcut keeps what an entry knows, and leaves the rest to the window:
// the driver asks nobody but the widget that has the focus.
func (e *messageEntry) TypedShortcut(shortcut fyne.Shortcut) {
	if custom, is := shortcut.(*desktop.CustomShortcut); is {
		if c, ok := fyne.CurrentApp().Driver().CanvasForObject(e).(fyne.Shortcutable); ok {
			c.TypedShortcut(custom)
			return
		}
	}
	e.Entry.TypedShortcut(shortcut)
}

// Resize fits the rows to another width.
func (e *messageEntry) Resize(size fyne.Size) {
	changed := size.Width != e.Size().Width
	e.Entry.Resize(size)
	if changed {
		e.grow()
	}
}

// grow shows as many rows as the text has, up to composerRows.
func (e *messageEntry) grow() {
	rows := 1
	if width := e.Size().Width - 2*theme.SpaceL; width > 0 {
		rows = len(frames.Break(e.Text, width, func(s string) float32 { return fyneMetrics{}.Width(s, theme.TextBody, frames.Regular) }))
	}
	if rows = min(max(rows, 1), composerRows); rows != e.rows {
		e.rows = rows
		e.SetMinRowsVisible(rows)
	}
}

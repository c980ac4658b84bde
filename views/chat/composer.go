package chat

import (
	"slices"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/session/wire"
	"parley/views/chat/frames"
	"parley/views/i18n"
	"parley/views/keys"
	"parley/views/theme"
)

// composerRows is how many rows the composer grows to.
const composerRows = 6

// countFrom is how near the limit of a message its length is shown.
const countFrom = wire.TextMax - 512

// composer is where a message is written.
type composer struct {
	loc      *i18n.Localizer
	actions  Actions
	entry    *messageEntry
	button   *mainButton
	counter  *widget.Label
	recorder *recorderRow
	complete *completion
	emoji    *roundButton
	root     *fyne.Container
	writing  *fyne.Container

	about    composerMode
	draft    string // what stood there before an edit
	bar      *composerBar
	members  []Member
	mentions []Member // that were completed
	emojis   *emojis

	resized func() // lays out what is around the composer
	labels  []func()
}

// renew says everything anew, and takes another text size. What is written
// stays.
func (c *composer) renew() {
	c.entry.SetPlaceHolder(c.loc.T("chat.hint"))
	for _, label := range c.labels {
		label()
	}
	c.bar.end.setIcon("close", c.loc.T("chat.cancel"))
	if c.bar.root.Visible() {
		title := c.loc.T("chat.editing")
		if !c.about.edit {
			title = c.loc.Tf("chat.replying", map[string]any{"Name": c.about.name})
		}
		c.bar.show(title, c.bar.text.whole)
	}
	c.recorder.bin.setIcon("bin", c.loc.T("recorder.discard"))
	if c.recorder.state.State != NotRecording {
		c.recorder.show(c.recorder.state)
	}
	c.settleButton()
	c.suggest()
	c.entry.grow()
}

// composerMode is what is written: a message, an answer, or an edit.
type composerMode struct {
	id   string // of the message that it is about; empty for a new one
	name string // who is answered
	edit bool
}

func newComposer(loc *i18n.Localizer, a Actions) *composer {
	c := &composer{loc: loc, actions: a, resized: func() {}, emojis: &emojis{}}
	c.complete = newCompletion(c.emojis, c.completed)
	c.entry = newMessageEntry(c.submit, c.cancel)
	c.entry.intercept, c.entry.moved, c.entry.paste = c.complete.key, c.suggest, a.Paste
	c.entry.offers = func() bool { return len(c.complete.offers) > 0 }
	c.bar = newComposerBar(loc.T("chat.cancel"), c.cancel)
	c.entry.SetPlaceHolder(loc.T("chat.hint"))
	c.entry.OnChanged = c.changed
	c.button = newMainButton(loc.T("chat.send"), c.submit, c.record, c.recorded)
	c.counter = widget.NewLabel("")
	c.counter.SizeName, c.counter.Alignment = fynetheme.SizeNameCaptionText, fyne.TextAlignTrailing
	c.counter.Hide()
	c.recorder = newRecorderRow(loc, a)
	c.emoji = newRoundButton("smile", loc.T("chat.emoji"), false, c.pickEmoji)
	c.emoji.flat = true
	c.emoji.enable(true)
	c.labels = append(c.labels, func() { c.emoji.setIcon("smile", loc.T("chat.emoji")) })
	left := container.NewHBox(c.emoji)
	if a.Attach != nil {
		button := newRoundButton("attach", loc.T("chat.attach"), false, a.Attach)
		button.flat = true
		button.enable(true)
		c.labels = append(c.labels, func() { button.setIcon("attach", loc.T("chat.attach")) })
		left = container.New(layout.NewCustomPaddedHBoxLayout(0), button, c.emoji)
	}
	c.writing = container.NewBorder(nil, nil, container.NewVBox(layout.NewSpacer(), left), nil, c.entry)
	row := container.NewBorder(nil, nil, nil, container.NewVBox(layout.NewSpacer(), c.button), container.NewStack(c.writing, c.recorder.root))
	padded := container.New(layout.NewCustomPaddedLayout(theme.SpaceS, theme.SpaceS, theme.SpaceS, theme.SpaceM),
		container.NewVBox(c.complete.box, c.bar.root, c.counter, row))
	c.root = container.NewStack(theme.NewPanel(theme.ColorSurface), padded)
	c.changed("")
	return c
}

func (c *composer) object() fyne.CanvasObject { return c.root }

// Written is what a person wrote.
type Written struct {
	Text     string
	ReplyTo  string   // the message that it answers; empty for none
	Mentions []string // user IDs
}

func (c *composer) submit() {
	if c.recorder.state.State != NotRecording {
		c.sendRecording()
		return
	}
	text := strings.TrimSpace(c.entry.Text)
	if text == "" || len(text) > wire.TextMax {
		return
	}
	var err error
	if c.about.edit {
		err = c.actions.Edit(c.about.id, text)
	} else {
		err = c.actions.Send(Written{Text: text, ReplyTo: c.about.id, Mentions: c.mentioned(text)})
	}
	if err != nil {
		return
	}
	c.done()
}

// done makes room for the next message.
func (c *composer) done() {
	draft := ""
	if c.about.edit {
		draft = c.draft
	}
	c.about, c.draft, c.mentions = composerMode{}, "", nil
	c.bar.hide()
	c.resized()
	c.entry.SetText(draft)
}

// mentioned are the IDs of those whose names still stand in the text.
func (c *composer) mentioned(text string) []string {
	var ids []string
	for _, m := range c.mentions {
		if strings.Contains(text, "@"+m.Name) && !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// reply begins an answer to a message.
func (c *composer) reply(m Message) {
	c.cancel()
	name := m.Name
	if name == "" {
		name = m.UserID
	}
	c.about = composerMode{id: m.ID, name: name}
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

// cancel ends what is under way, the latest first: suggestions, a recording, a
// reply or an edit.
func (c *composer) cancel() {
	switch {
	case len(c.complete.offers) > 0:
		c.offer(nil, 0)
		return
	case c.recorder.state.State != NotRecording:
		if c.actions.DiscardRecording != nil {
			c.actions.DiscardRecording()
		}
		return
	case c.about.id == "":
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
	c.settleButton()
	c.suggest()
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

// settleButton lets the main button send, or record where there is nothing to
// send.
func (c *composer) settleButton() {
	empty := strings.TrimSpace(c.entry.Text) == ""
	recording := c.recorder.state.State != NotRecording
	if empty && !recording && c.actions.Record != nil && !c.about.edit {
		c.button.setIcon("microphone", c.loc.T("recorder.begin"))
		c.button.enable(true)
		return
	}
	c.button.setIcon("send", c.loc.T("chat.send"))
	c.button.enable(recording || !empty && len(c.entry.Text) <= wire.TextMax)
}

// record begins a voice message where nothing is written.
func (c *composer) record() bool {
	if c.actions.Record == nil || c.about.edit || c.recorder.state.State != NotRecording || strings.TrimSpace(c.entry.Text) != "" {
		return false
	}
	c.actions.Record()
	return true
}

// recorded ends one that was held.
func (c *composer) recorded(away bool) {
	switch {
	case c.recorder.state.State == NotRecording:
	case away:
		c.actions.DiscardRecording()
	default:
		c.sendRecording()
	}
}

func (c *composer) sendRecording() {
	if c.actions.SendRecording != nil {
		c.actions.SendRecording(c.about.id)
		c.done()
	}
}

// setRecording shows what is recorded.
func (c *composer) setRecording(r Recording) {
	was := c.recorder.state.State != NotRecording
	c.recorder.state = r
	if r.State == NotRecording {
		c.recorder.root.Hide()
		c.writing.Show()
	} else {
		c.writing.Hide()
		c.recorder.show(r)
	}
	if was != (r.State != NotRecording) {
		c.settleButton()
		c.resized()
		if r.State == NotRecording {
			c.focus()
		} else if canvas := fyne.CurrentApp().Driver().CanvasForObject(c.button); canvas != nil {
			c.button.escape = c.cancel
			canvas.Focus(c.button)
		}
	}
}

// suggest offers what completes the word at the cursor.
func (c *composer) suggest() {
	text, cursor := c.entry.Text, c.entry.CursorTextOffset()
	if word, ok := wordBefore(text, cursor, '@'); ok {
		c.offer(members(c.members, word), utf8.RuneCountInString(word)+1)
		return
	}
	if word, ok := wordBefore(text, cursor, ':'); ok && len(word) > 1 {
		c.offer(c.emojis.complete(word), utf8.RuneCountInString(word)+1)
		return
	}
	c.offer(nil, 0)
}

func (c *composer) offer(offers []suggestion, word int) {
	if len(offers) == 0 && len(c.complete.offers) == 0 {
		return
	}
	if c.complete.offer(offers, word) {
		c.resized()
	}
}

// completed replaces the word at the cursor.
func (c *composer) completed(s suggestion, word int) {
	if s.mention.ID != "" {
		c.mentions = append(c.mentions, s.mention)
	}
	for range word {
		c.entry.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
	}
	c.insert(s.text)
	c.offer(nil, 0)
	c.focus()
}

// insert puts text where the cursor is.
func (c *composer) insert(text string) {
	for _, r := range text {
		c.entry.TypedRune(r)
	}
}

// messageEntry sends with Enter, breaks the line with Shift+Enter, and grows.
type messageEntry struct {
	widget.Entry
	submit func()
	cancel func()
	shift  bool
	rows   int

	intercept func(*fyne.KeyEvent) bool // takes the keys of the suggestions
	moved     func()                    // the cursor is elsewhere
	paste     func() bool               // takes what is no text
	offers    func() bool               // there are suggestions
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
	if e.intercept(key) || keys.PassOn(e, key, fyne.KeyEscape) {
		return
	}
	if (key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter) && !e.shift {
		e.submit()
		return
	}
	if key.Name == fyne.KeyEscape {
		e.cancel()
		return
	}
	e.Entry.TypedKey(key)
	e.moved()
}

// AccessibilityLabel implements fyne.Accessible.
func (e *messageEntry) AccessibilityLabel() string { return e.PlaceHolder }

// AccessibilityRole implements fyne.Accessible.
func (e *messageEntry) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AcceptsTab leaves the key to the window: it leads to the next control.
func (e *messageEntry) AcceptsTab() bool { return len(e.Text) > 0 && e.completes() }

// completes reports whether Tab would take a suggestion.
func (e *messageEntry) completes() bool { return e.offers != nil && e.offers() }

// TypedShortcut keeps what an entry knows, and leaves the rest to the window.
func (e *messageEntry) TypedShortcut(shortcut fyne.Shortcut) {
	if passUp(e, shortcut) {
		return
	}
	if _, is := shortcut.(*fyne.ShortcutPaste); is && e.paste != nil && e.paste() {
		return
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
		rows = len(frames.Break(e.Text, width, func(s string) float32 { return fyneMetrics{}.Width(s, theme.Scaled(theme.TextBody), frames.Regular) }))
	}
	if rows = min(max(rows, 1), composerRows); rows != e.rows {
		e.rows = rows
		e.SetMinRowsVisible(rows)
	}
}

package chat

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
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

// rowsMost is how many rows the composer grows to.
const rowsMost = 6

// countFrom is how near the limit of a message its length is shown.
const countFrom = wire.TextMax - 512

// composer is where a message is written.
type composer struct {
	loc     *i18n.Localizer
	send    func(string) error
	entry   *messageEntry
	button  *sendButton
	counter *widget.Label
	root    *fyne.Container
}

func newComposer(loc *i18n.Localizer, send func(string) error) *composer {
	c := &composer{loc: loc, send: send}
	c.entry = newMessageEntry(c.submit)
	c.entry.SetPlaceHolder(loc.T("chat.hint"))
	c.entry.OnChanged = c.changed
	c.button = newSendButton(c.submit)
	c.counter = widget.NewLabel("")
	c.counter.SizeName, c.counter.Alignment = fynetheme.SizeNameCaptionText, fyne.TextAlignTrailing
	c.counter.Hide()
	row := container.NewBorder(nil, nil, nil, container.NewVBox(layout.NewSpacer(), c.button), c.entry)
	padded := container.New(layout.NewCustomPaddedLayout(theme.SpaceS, theme.SpaceS, theme.SpaceM, theme.SpaceM), container.NewVBox(c.counter, row))
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
	if c.send(text) == nil {
		c.entry.SetText("")
	}
}

func (c *composer) changed(text string) {
	c.entry.grow()
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
	shift  bool
	rows   int
}

var _ desktop.Keyable = (*messageEntry)(nil)

func newMessageEntry(submit func()) *messageEntry {
	e := &messageEntry{submit: submit}
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

// grow shows as many rows as the text has, up to rowsMost.
func (e *messageEntry) grow() {
	rows := 1
	if width := e.Size().Width - 2*theme.SpaceL; width > 0 {
		rows = len(frames.Break(e.Text, width, func(s string) float32 { return fyneMetrics{}.Width(s, theme.TextBody, false) }))
	}
	if rows = min(max(rows, 1), rowsMost); rows != e.rows {
		e.rows = rows
		e.SetMinRowsVisible(rows)
	}
}

// sendButton is the round button beside the entry.
type sendButton struct {
	widget.BaseWidget
	tapOn   func()
	enabled bool
	circle  *canvas.Circle
	icon    *canvas.Image
}

func newSendButton(tapOn func()) *sendButton {
	b := &sendButton{tapOn: tapOn, circle: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil)}
	b.icon.FillMode = canvas.ImageFillContain
	b.ExtendBaseWidget(b)
	return b
}

func (b *sendButton) enable(on bool) {
	if b.enabled != on {
		b.enabled = on
		b.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (b *sendButton) Tapped(*fyne.PointEvent) {
	if b.enabled {
		b.tapOn()
	}
}

// Cursor implements desktop.Cursorable.
func (b *sendButton) Cursor() desktop.Cursor {
	if b.enabled {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// CreateRenderer implements fyne.Widget.
func (b *sendButton) CreateRenderer() fyne.WidgetRenderer {
	r := &sendRenderer{b}
	r.Refresh()
	return r
}

type sendRenderer struct{ b *sendButton }

func (r *sendRenderer) Destroy()           {}
func (r *sendRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(36) }
func (r *sendRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.circle, r.b.icon}
}

func (r *sendRenderer) Layout(size fyne.Size) {
	r.b.circle.Resize(size)
	r.b.icon.Move(fyne.NewPos(size.Width*0.25, size.Height*0.24))
	r.b.icon.Resize(fyne.NewSize(size.Width*0.52, size.Height*0.52))
}

func (r *sendRenderer) Refresh() {
	fill, icon := fyne.ThemeColorName("button"), fyne.ThemeColorName("disabled")
	if r.b.enabled {
		fill, icon = "primary", "foregroundOnPrimary"
	}
	r.b.circle.FillColor = theme.Color(fill)
	r.b.icon.Resource = theme.Icon("send", icon)
	r.b.circle.Refresh()
	r.b.icon.Refresh()
}

package settings

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"parley/views/keys"
	"parley/views/theme"
)

// shortcuts is the table of all keys: those that can be chosen, and those that
// can't.
func (v *View) shortcuts() []block {
	t := v.loc.T
	problem := newNote(t("settings.keys.words"), false)
	var rows []block
	for _, a := range keys.All() {
		rows = append(rows, newRow(t("keys."+string(a)), "", v.newChord(a, problem)))
	}
	blocks := []block{newCard("", append([]block{problem}, rows...)...)}
	if len(v.state.Keys.Kept()) > 0 {
		blocks = append(blocks, newCard("", newRow(t("settings.keys.default"), "", v.newButton("retry", t("settings.keys.reset"), func() { v.setKeys(keys.NewTable(nil)) }))))
	}
	for _, group := range fixed() {
		var rows []block
		for _, f := range group.keys {
			rows = append(rows, newRow(t(f.key), "", newValue(f.named)))
		}
		blocks = append(blocks, newCard(t(group.title), rows...))
	}
	return blocks
}

// fixedKeys are those of a place, which nobody chooses.
type fixedKeys struct {
	title string
	keys  []struct{ key, named string }
}

func fixed() []fixedKeys {
	type list = []struct{ key, named string }
	ctrl := keys.Chord{Modifier: fyne.KeyModifierShortcutDefault, Key: fyne.KeyC}.String()
	ctrl = ctrl[:len(ctrl)-1]
	return []fixedKeys{
		{"settings.keys.call", list{{"keys.hold", string(keys.Hold)}, {"keys.help", string(keys.Help)}, {"keys.full", string(keys.Full)}}},
		{"settings.keys.writing", list{
			{"keys.send", "Enter"}, {"keys.break", "Shift+Enter"}, {"keys.cancel", "Esc"}, {"keys.paste", ctrl + "V"}, {"keys.complete", ": @ Tab"},
		}},
		{"settings.keys.reading", list{
			{"keys.step", "↑ / ↓"}, {"keys.page", "PgUp / PgDn"}, {"keys.ends", "Home / End"}, {"keys.open", "Enter"}, {"keys.copy", ctrl + "C"}, {"keys.menu", "Menu"},
		}},
	}
}

func (v *View) setKeys(table keys.Table) {
	v.state.Keys = table
	v.actions.SetKeys(table)
	v.Renew()
}

// chord is the keys of an action. Tapped, it waits for others.
type chord struct {
	pressed
	view    *View
	action  keys.Action
	waits   bool
	problem *note
	back    *canvas.Rectangle
	text    *canvas.Text
}

var _ fyne.Shortcutable = (*chord)(nil)

func (v *View) newChord(a keys.Action, problem *note) *chord {
	c := &chord{view: v, action: a, problem: problem, back: canvas.NewRectangle(nil), text: newText("", theme.TextSmall, false)}
	c.label, c.role = v.loc.T("keys."+string(a)), fyne.AccessibleRoleButton
	c.text.Alignment = fyne.TextAlignCenter
	c.act = func() {
		c.wait(!c.waits)
		v.canvas.Focus(c)
	}
	c.escape = func() {
		if c.waits {
			c.wait(false)
			return
		}
		v.Close()
	}
	c.typed = func(k fyne.KeyName) bool {
		waits := c.waits
		if waits {
			c.take(keys.Chord{Key: k})
		}
		return waits
	}
	c.objects = []fyne.CanvasObject{c.back, c.text}
	c.least = func() fyne.Size {
		return fyne.NewSize(max(c.text.MinSize().Width+2*theme.SpaceM, theme.Scaled(96)), c.text.MinSize().Height+theme.SpaceM)
	}
	c.place = func(size fyne.Size) {
		put(c.back, 0, 0, size.Width, size.Height)
		h := c.text.MinSize().Height
		put(c.text, 0, (size.Height-h)/2, size.Width, h)
	}
	c.paint = func() {
		fill, text := fynetheme.ColorNameInputBackground, fynetheme.ColorNameForeground
		if c.over {
			fill = theme.ColorControlHover
		}
		if c.waits {
			text = fynetheme.ColorNamePrimary
		}
		c.back.FillColor, c.back.CornerRadius = theme.Color(fill), theme.RadiusS
		c.text.Color = theme.Color(text)
		c.ring(c.back, fynetheme.ColorNameInputBorder)
	}
	c.wait(false)
	c.ExtendBaseWidget(c)
	return c
}

// wait has the next keys that are pressed be those of the action.
func (c *chord) wait(on bool) {
	c.waits = on
	c.text.Text = c.view.state.Keys.Chord(c.action).String()
	if on {
		c.text.Text = c.view.loc.T("settings.keys.press")
	}
	if c.Size().IsZero() {
		return
	}
	c.say("settings.keys.words", false)
}

func (c *chord) say(key string, bad bool) {
	c.problem.bad = bad
	c.problem.say(c.view.loc.T(key))
	c.view.arrange(c.view.Size())
	c.Refresh()
}

// FocusLost gives up waiting.
func (c *chord) FocusLost() {
	if c.waits {
		c.wait(false)
	}
	c.pressed.FocusLost()
}

// TypedShortcut takes the keys, or leaves them to the window.
func (c *chord) TypedShortcut(s fyne.Shortcut) {
	if !c.waits {
		passUp(c, s)
		return
	}
	got, custom := keys.Of(s)
	if !custom { // Ctrl+C and the like, which have names of their own
		c.say("settings.keys.reserved", true)
		return
	}
	c.take(got)
}

// take gives the action these keys, where they can be a shortcut and nobody has
// them.
func (c *chord) take(got keys.Chord) {
	err := got.Check()
	switch {
	case errors.Is(err, keys.ErrUnknown):
		return // a modifier alone
	case errors.Is(err, keys.ErrReserved):
		c.say("settings.keys.reserved", true)
	case err != nil:
		c.say("settings.keys.plain", true)
	default:
		if other := c.view.state.Keys.Holder(got, c.action); other != "" {
			c.problem.bad = true
			c.problem.say(c.view.loc.Tf("settings.keys.taken", map[string]any{"Keys": got.String(), "Action": c.view.loc.T("keys." + string(other))}))
			c.view.arrange(c.view.Size())
			return
		}
		c.waits = false
		c.view.setKeys(c.view.state.Keys.With(c.action, got))
	}
}

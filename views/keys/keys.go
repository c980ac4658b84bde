// Package keys is the one table of the shortcuts: what has one, and which keys
// those are at first, in every view that names them and for whoever handles
// them.
package keys

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Action is something that has a shortcut.
type Action string

// The actions. Their names are also those of their words in the translations,
// behind "keys.".
const (
	Microphone Action = "microphone"
	Camera     Action = "camera"
	Share      Action = "share"
	Hand       Action = "hand"
	React      Action = "react"
	People     Action = "people"
	Chat       Action = "chat"
	Layout     Action = "layout"
	Search     Action = "search"
	Settings   Action = "settings"
	Stats      Action = "stats"
	FullScreen Action = "fullscreen"
	Shortcuts  Action = "shortcuts"
)

// All are the actions, in the order in which they are listed.
func All() []Action {
	return []Action{Microphone, Camera, Share, Hand, React, People, Chat, Layout, FullScreen, Search, Stats, Settings, Shortcuts}
}

// Chord is a key that is pressed while others are held. The zero Chord is none.
type Chord struct {
	Key      fyne.KeyName
	Modifier fyne.KeyModifier
}

// Default are the keys of an action as long as nobody chose others.
func Default(a Action) Chord {
	ctrl := fyne.KeyModifierShortcutDefault
	switch a {
	case Microphone:
		return Chord{fyne.KeyD, ctrl}
	case Camera:
		return Chord{fyne.KeyE, ctrl}
	case Share:
		return Chord{fyne.KeyE, ctrl | fyne.KeyModifierShift}
	case Hand:
		return Chord{fyne.KeyH, ctrl}
	case React:
		return Chord{fyne.KeyR, ctrl}
	case People:
		return Chord{fyne.KeyP, ctrl}
	case Stats:
		return Chord{fyne.KeyI, ctrl | fyne.KeyModifierShift}
	case FullScreen:
		return Chord{fyne.KeyF, ctrl | fyne.KeyModifierShift}
	case Chat:
		return Chord{fyne.KeyG, ctrl}
	case Layout:
		return Chord{fyne.KeyL, ctrl}
	case Search:
		return Chord{fyne.KeyF, ctrl}
	case Settings:
		return Chord{fyne.KeyComma, ctrl}
	case Shortcuts:
		return Chord{fyne.KeySlash, ctrl}
	default:
		return Chord{}
	}
}

// The keys that are held for something, or that a field takes for itself. They
// are not among the actions: nobody chooses others.
const (
	Hold = fyne.KeySpace // to talk while muted, to be silent while not
	Help = fyne.KeyF1    // the list of the shortcuts
	Full = fyne.KeyF11   // full screen, beside its shortcut
)

// PassOn gives Help and Full to the window, and the other keys that are named, and
// reports whether it did: the driver asks nobody but the widget that has the focus.
func PassOn(o fyne.CanvasObject, e *fyne.KeyEvent, others ...fyne.KeyName) bool {
	if e.Name != Help && e.Name != Full && !slices.Contains(others, e.Name) {
		return false
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil || c.OnTypedKey() == nil {
		return false
	}
	c.OnTypedKey()(e)
	return true
}

// named are the modifiers as they are written, in their order.
func named() []struct {
	modifier fyne.KeyModifier
	name     string
} {
	super := "Super"
	if runtime.GOOS == "darwin" {
		super = "Cmd"
	}
	return []struct {
		modifier fyne.KeyModifier
		name     string
	}{{fyne.KeyModifierControl, "Ctrl"}, {fyne.KeyModifierAlt, "Alt"}, {fyne.KeyModifierSuper, super}, {fyne.KeyModifierShift, "Shift"}}
}

// String is how the keys are named: "Ctrl+Shift+E", and nothing for none.
func (c Chord) String() string {
	if c.Key == "" {
		return ""
	}
	var b strings.Builder
	for _, m := range named() {
		if c.Modifier&m.modifier != 0 {
			b.WriteString(m.name + "+")
		}
	}
	return b.String() + string(c.Key)
}

// Errors of chords that can't be a shortcut.
var (
	ErrUnknown  = errors.New("it names no keys")
	ErrPlain    = errors.New("it is a key that one writes with")
	ErrReserved = errors.New("fields need these keys")
)

// Check finds out whether keys can be a shortcut: one that is not written with,
// and that no field needs, such as Ctrl+C.
func (c Chord) Check() error {
	held := fyne.KeyModifierControl | fyne.KeyModifierAlt | fyne.KeyModifierSuper
	if c.Modifier&^(held|fyne.KeyModifierShift) != 0 || !pressable(c.Key) {
		return ErrUnknown
	}
	if c.Modifier&held == 0 {
		return ErrPlain
	}
	if c.Modifier == fyne.KeyModifierShortcutDefault {
		switch c.Key {
		case fyne.KeyA, fyne.KeyC, fyne.KeyV, fyne.KeyX, fyne.KeyY, fyne.KeyZ, fyne.KeyInsert:
			return ErrReserved
		}
	}
	return nil
}

// pressable reports whether a key can be part of a shortcut.
func pressable(k fyne.KeyName) bool {
	if len(k) == 1 {
		return k[0] >= 'A' && k[0] <= 'Z' || k[0] >= '0' && k[0] <= '9' || strings.ContainsRune(",./;'[]\\-=`", rune(k[0]))
	}
	switch k {
	case fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6, fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12:
		return true
	default:
		return false
	}
}

// Parse reads keys as String names them. What can't be a shortcut is refused.
func Parse(text string) (Chord, error) {
	var c Chord
	rest := text
	for _, m := range named() {
		if after, held := strings.CutPrefix(rest, m.name+"+"); held {
			c.Modifier, rest = c.Modifier|m.modifier, after
		}
	}
	c.Key = fyne.KeyName(rest)
	if err := c.Check(); err != nil {
		return Chord{}, fmt.Errorf("the shortcut %q: %w", text, err)
	}
	return c, nil
}

// Of reads a shortcut that the window reports.
func Of(s fyne.Shortcut) (Chord, bool) {
	custom, is := s.(*desktop.CustomShortcut)
	if !is {
		return Chord{}, false
	}
	return Chord{custom.KeyName, custom.Modifier}, true
}

// Shortcut is what the window is asked to report.
func (c Chord) Shortcut() fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: c.Key, Modifier: c.Modifier}
}

// Table is which keys each action has: those that were chosen, and the default
// of the others.
type Table struct{ chosen map[Action]Chord }

// NewTable takes what was kept, by action. Entries that can't be are left out,
// and so are keys that another action has: damage costs a choice, not a
// shortcut.
func NewTable(kept map[string]string) Table {
	t := Table{chosen: make(map[Action]Chord)}
	for _, a := range All() {
		text, is := kept[string(a)]
		if !is {
			continue
		}
		if c, err := Parse(text); err == nil {
			t.chosen[a] = c
		}
	}
	// Not until nobody has another's keys: what gives way may be in the way.
	for again := true; again; {
		again = false
		for _, a := range All() {
			if _, is := t.chosen[a]; is && t.Holder(t.Chord(a), a) != "" {
				delete(t.chosen, a)
				again = true
			}
		}
	}
	return t
}

// Chord is the keys of an action.
func (t Table) Chord(a Action) Chord {
	if c, is := t.chosen[a]; is {
		return c
	}
	return Default(a)
}

// Holder is the action, other than but, that has these keys; empty for none.
func (t Table) Holder(c Chord, but Action) Action {
	for _, a := range All() {
		if a != but && t.Chord(a) == c {
			return a
		}
	}
	return ""
}

// With is the table after an action got other keys.
func (t Table) With(a Action, c Chord) Table {
	made := Table{chosen: make(map[Action]Chord)}
	for other, chord := range t.chosen {
		made.chosen[other] = chord
	}
	if made.chosen[a] = c; c == Default(a) {
		delete(made.chosen, a)
	}
	return made
}

// Kept is what NewTable takes: what differs from the defaults.
func (t Table) Kept() map[string]string {
	kept := make(map[string]string)
	for a, c := range t.chosen {
		kept[string(a)] = c.String()
	}
	return kept
}

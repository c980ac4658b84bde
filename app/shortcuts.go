package app

import (
	"fyne.io/fyne/v2"

	"parley/views/keys"
	"parley/views/settings"
)

// shortcut is what the keys of an action do.
type shortcut struct {
	act func()
	// anywhere is set for those that also act outside a room; beneath for those
	// that act while the settings lie over it: they take the keyboard nowhere.
	anywhere, beneath bool
}

// shortcutOf is the one place that says what keys do. The list of them, and the
// words of the buttons, come from the same table.
func (c *controller) shortcutOf(a keys.Action) shortcut {
	switch a {
	case keys.Microphone:
		return shortcut{act: func() { c.setMicrophone(!c.microphoneOn) }, beneath: true}
	case keys.Camera:
		return shortcut{act: func() { c.setCamera(!c.cameraOn) }, beneath: true}
	case keys.Share:
		return shortcut{act: func() { c.room.view.ToggleShare() }}
	case keys.Hand:
		return shortcut{act: func() { c.room.toggleHand() }, beneath: true}
	case keys.React:
		return shortcut{act: func() { c.room.view.OpenReactions() }}
	case keys.People:
		return shortcut{act: func() { c.room.togglePeople() }}
	case keys.Chat:
		return shortcut{act: func() { c.room.toggleChat() }}
	case keys.Layout:
		return shortcut{act: func() { c.setLayout(c.layout().Other()) }, beneath: true}
	case keys.Search:
		return shortcut{act: func() {
			if !c.room.chatOpen {
				c.room.toggleChat()
			}
			c.room.chat.OpenSearch()
		}}
	case keys.Stats:
		return shortcut{act: func() { c.room.toggleStats() }}
	case keys.FullScreen:
		return shortcut{act: c.toggleFullScreen}
	case keys.Settings:
		return shortcut{act: c.toggleSettings, anywhere: true, beneath: true}
	case keys.Shortcuts:
		return shortcut{act: func() { c.openSettings(settings.Shortcuts) }, anywhere: true, beneath: true}
	default:
		return shortcut{act: func() {}}
	}
}

// press does what the keys of an action do, where they do something now.
func (c *controller) press(a keys.Action) {
	if a == keys.Search && c.reading != nil && c.page == nil {
		c.reading.chat.OpenSearch()
		return
	}
	s := c.shortcutOf(a)
	if (c.room != nil || s.anywhere) && (c.page == nil || s.beneath) {
		s.act()
	}
}

func (c *controller) addShortcuts() {
	table := c.keyTable()
	for _, a := range keys.All() {
		c.window.Canvas().AddShortcut(table.Chord(a).Shortcut(), func(fyne.Shortcut) { c.press(a) })
	}
	// Where nothing has the keyboard.
	c.window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch {
		case e.Name == keys.Help:
			c.openSettings(settings.Shortcuts)
		case e.Name == keys.Full:
			c.press(keys.FullScreen)
		case e.Name == fyne.KeyEscape && c.page != nil:
			c.page.view.Close()
		case e.Name == fyne.KeyEscape && c.reading != nil:
			c.stopReading(c.showJoin)
		case e.Name == fyne.KeyEscape && c.window.FullScreen():
			c.leaveFullScreen()
		}
	})
}

func (c *controller) removeShortcuts() {
	table := c.keyTable()
	for _, a := range keys.All() {
		c.window.Canvas().RemoveShortcut(table.Chord(a).Shortcut())
	}
}

// named is how the keys of an action are called.
func (c *controller) named(a keys.Action) string { return c.keyTable().Chord(a).String() }

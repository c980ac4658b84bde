package chat

import (
	"fyne.io/fyne/v2"

	"parley/views/chat/emoji"
)

// emojis is what the composer knows of them. The catalogue is read when it is
// needed for the first time.
type emojis struct {
	catalogue *emoji.Catalogue
	recents   []string
	tone      int
}

// all gives the catalogue, or nil where it can't be read.
func (e *emojis) all() *emoji.Catalogue {
	if e.catalogue == nil {
		catalogue, err := emoji.Load()
		if err != nil {
			return nil
		}
		e.catalogue = catalogue.Drawn()
	}
	return e.catalogue
}

// complete finds what may be meant by what is written after ":".
func (e *emojis) complete(word string) []suggestion {
	all := e.all()
	if all == nil {
		return nil
	}
	var found []suggestion
	for _, one := range all.Complete(word, suggestionsMost) {
		text := emoji.Tone(one, e.tone)
		found = append(found, suggestion{shown: text + "  :" + one.Shortcodes[0] + ":", text: text})
	}
	return found
}

// recentsMost is how many emoji are remembered.
const recentsMost = 32

// used puts an emoji first among those that were used.
func (e *emojis) used(text string) {
	recents := []string{text}
	for _, r := range e.recents {
		if r != text && len(recents) < recentsMost {
			recents = append(recents, r)
		}
	}
	e.recents = recents
}

// pickEmoji opens the picker over the button.
func (c *composer) pickEmoji() {
	c.pick(c.emoji, func(text string) {
		c.insert(text)
	})
}

// pick has the person choose an emoji.
func (c *composer) pick(beside fyne.CanvasObject, chosen func(text string)) {
	canvas, all := fyne.CurrentApp().Driver().CanvasForObject(beside), c.emojis.all()
	if canvas == nil || all == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(beside)
	showEmojiPicker(canvas, at, c.loc, all, c.emojis.recents, c.emojis.tone, func(text string) {
		c.emojis.used(text)
		if c.actions.EmojiUsed != nil {
			c.actions.EmojiUsed(text)
		}
		chosen(text)
		c.focus()
	}, func(tone int) {
		c.emojis.tone = tone
		if c.actions.ToneChosen != nil {
			c.actions.ToneChosen(tone)
		}
	})
}

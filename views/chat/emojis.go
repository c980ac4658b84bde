package chat

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/chat/emoji"
)

// emojis is what the panel knows of them. Catalogue and pictures are read when
// they are needed for the first time.
type emojis struct {
	catalogue *emoji.Catalogue
	pictures  *emoji.Pictures
	recents   []string
	tone      int
}

// all gives the catalogue, or nil where it can't be read.
func (e *emojis) all() *emoji.Catalogue {
	if e.catalogue == nil && e.drawn() != nil {
		catalogue, err := emoji.Load()
		if err != nil {
			return nil
		}
		e.catalogue = catalogue.Only(e.pictures)
	}
	return e.catalogue
}

// drawn gives the pictures, or nil where they can't be read.
func (e *emojis) drawn() *emoji.Pictures {
	if e.pictures == nil {
		pictures, err := emoji.LoadPictures()
		if err != nil {
			return nil
		}
		e.pictures = pictures
	}
	return e.pictures
}

// picture is how an emoji looks, or nil where there is no picture of it.
func (e *emojis) picture(text string) image.Image {
	if pictures := e.drawn(); pictures != nil {
		return pictures.Image(text)
	}
	return nil
}

// emojiImage is an emoji on the screen.
type emojiImage struct {
	image *canvas.Image
	text  string
}

func newEmojiImage() *emojiImage {
	e := &emojiImage{image: canvas.NewImageFromImage(nil)}
	e.image.FillMode = canvas.ImageFillContain
	return e
}

// set shows an emoji, and reports whether there is a picture of it.
func (e *emojiImage) set(all *emojis, text string) bool {
	if e.text != text {
		e.text, e.image.Image = text, all.picture(text)
		canvas.Refresh(e.image)
	}
	return e.image.Image != nil
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
		found = append(found, suggestion{emoji: text, shown: ":" + one.Shortcodes[0] + ":", text: text})
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
	canvas := fyne.CurrentApp().Driver().CanvasForObject(beside)
	if canvas == nil || c.emojis.all() == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(beside)
	showEmojiPicker(canvas, at, c.loc, c.emojis, func(text string) {
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

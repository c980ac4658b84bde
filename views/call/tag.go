package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/theme"
)

func tagHeight() float32 { return theme.Scaled(20) }

// tag is a short line on a shade of its own, to be read on any picture. It
// begins hidden.
type tag struct {
	part
	back *canvas.Rectangle
	text *canvas.Text
}

func newTag() *tag {
	t := &tag{back: canvas.NewRectangle(nil), text: newText(theme.TextSmall, false)}
	t.text.Alignment = fyne.TextAlignCenter
	t.objects = []fyne.CanvasObject{t.back, t.text}
	t.minimum = func() fyne.Size { return fyne.NewSize(t.text.MinSize().Width+2*theme.SpaceS, tagHeight()) }
	t.arrange = func(size fyne.Size) {
		put(t.back, 0, 0, size.Width, size.Height)
		text := t.text.MinSize().Height
		put(t.text, 0, (size.Height-text)/2, size.Width, text)
	}
	t.paint = func() {
		t.back.CornerRadius = tagHeight() / 2
		t.back.FillColor, t.text.Color = theme.Color(theme.ColorShade), theme.Color(theme.ColorOnShade)
	}
	t.extend(t)
	t.Hide()
	return t
}

// say changes the words; without any there is no tag.
func (t *tag) say(text string) {
	show(t, text != "")
	if t.text.Text != text {
		t.text.Text = text
		t.Refresh()
	}
}

// hint says what a button does, and its keys, while the mouse is over it.
func (t *tag) hint(c *control) {
	text := ""
	if c.over {
		text = c.label + keyed(c.keys)
	}
	t.say(text)
}

// keyed is what follows the words of something that has a shortcut.
func keyed(keys string) string {
	if keys == "" {
		return ""
	}
	return "  ·  " + keys
}

// at puts the tag around a middle, inside a width.
func (t *tag) at(middle, y, width float32) {
	w := t.MinSize().Width
	put(t, max(min(middle-w/2, width-w), 0), y, w, tagHeight())
}

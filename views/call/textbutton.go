package call

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/theme"
)

// textButton is a small line that opens something.
type textButton struct {
	part
	pressing
	on   bool // what it opens is open
	back *canvas.Rectangle
	text *canvas.Text
}

func newTextButton(tap func(), hovered func(*textButton)) *textButton {
	b := &textButton{pressing: pressing{tap: tap}, back: canvas.NewRectangle(nil), text: newText(theme.TextSmall, false)}
	b.back.CornerRadius = theme.RadiusS
	b.objects = []fyne.CanvasObject{b.back, b.text}
	b.minimum = func() fyne.Size {
		text := b.text.MinSize()
		return fyne.NewSize(text.Width+2*theme.SpaceXS, text.Height+2)
	}
	b.arrange = func(size fyne.Size) {
		put(b.back, 0, 0, size.Width, size.Height)
		put(b.text, theme.SpaceXS, 1, size.Width-2*theme.SpaceXS, size.Height-2)
	}
	b.paint = func() {
		b.back.FillColor = color.Transparent
		b.text.Color = theme.Color(theme.ColorMuted)
		if b.on {
			b.text.Color = theme.Color("primary")
		}
		if b.over {
			b.back.FillColor = theme.Color("hover")
		}
		b.back.StrokeColor, b.back.StrokeWidth = b.ring()
	}
	b.changed = func() {
		b.Refresh()
		hovered(b)
	}
	b.pressing.self = b
	b.extend(b)
	return b
}

// say changes the words, and reports whether its size may be another.
func (b *textButton) say(text string, on bool) bool {
	words := b.text.Text != text
	if words || b.on != on {
		b.text.Text, b.on = text, on
		b.Refresh()
	}
	return words
}

// AccessibilityLabel is part of fyne.Accessible.
func (b *textButton) AccessibilityLabel() string { return b.text.Text }

// AccessibilityRole is part of fyne.Accessible.
func (b *textButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

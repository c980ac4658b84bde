package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"parley/views/theme"
)

// smallButton is a round icon on a picture, or on the stage itself.
type smallButton struct {
	part
	pressing
	label func() string
	back  *canvas.Circle
	icon  *icon
	off   bool // there is nothing to do
	plain bool // lies on no picture
	flat  bool // nor on the stage, and has no back until the mouse is over it
	// typed takes keys that the button has no use for; it may be nil.
	typed func(fyne.KeyName)
}

func newSmallButton(name string, label func() string, tap func()) *smallButton {
	b := &smallButton{pressing: pressing{tap: tap}, label: label, back: canvas.NewCircle(theme.Color(theme.ColorShade)), icon: newIcon(name, theme.ColorOnShade)}
	b.objects = []fyne.CanvasObject{b.back, b.icon.Image}
	b.arrange = func(size fyne.Size) {
		put(b.back, 0, 0, size.Width, size.Height)
		put(b.icon, size.Width*0.24, size.Height*0.24, size.Width*0.52, size.Height*0.52)
	}
	b.paint = func() {
		fill, colour := theme.ColorShade, theme.ColorOnShade
		if b.plain {
			fill, colour = b.fill(theme.ColorControl), theme.ColorControlIcon
		}
		if b.flat {
			fill = theme.ColorPage
			if b.over {
				fill = theme.ColorControlHover
			}
		}
		if b.off {
			colour = fynetheme.ColorNameDisabled
		}
		b.back.FillColor = theme.Color(fill)
		b.back.StrokeColor, b.back.StrokeWidth = b.ring()
		b.icon.set(b.icon.name, colour)
	}
	b.changed = func() { b.Refresh() }
	b.pressing.self = b
	b.extend(b)
	return b
}

// use gives the button another icon, and says whether there is something to do.
func (b *smallButton) use(name string, off bool) {
	if b.icon.name != name || b.off != off {
		b.icon.name, b.off = name, off
		b.Refresh()
	}
}

// TypedKey presses the button, or does what else there is to do.
func (b *smallButton) TypedKey(e *fyne.KeyEvent) {
	b.pressing.TypedKey(e)
	if b.typed != nil {
		b.typed(e.Name)
	}
}

// AccessibilityLabel is part of fyne.Accessible.
func (b *smallButton) AccessibilityLabel() string { return b.label() }

// AccessibilityRole is part of fyne.Accessible.
func (b *smallButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

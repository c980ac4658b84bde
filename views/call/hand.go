package call

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/theme"
)

const handSize float32 = 16

// handMark says on a tile that a hand is raised, and which one after the other.
type handMark struct {
	part
	back  *canvas.Rectangle
	icon  *icon
	order *canvas.Text
	at    int
}

func newHandMark() *handMark {
	m := &handMark{back: canvas.NewRectangle(nil), icon: newIcon("hand", theme.ColorOnHand), order: newText(theme.TextSmall, true)}
	m.objects = []fyne.CanvasObject{m.back, m.icon.Image, m.order}
	m.minimum = func() fyne.Size {
		return fyne.NewSize(handSize+m.order.MinSize().Width+theme.SpaceXS+2*theme.SpaceS-2, labelHeight())
	}
	m.arrange = func(size fyne.Size) {
		m.back.CornerRadius = size.Height / 2
		put(m.back, 0, 0, size.Width, size.Height)
		put(m.icon, theme.SpaceS-1, (size.Height-handSize)/2, handSize, handSize)
		text := m.order.MinSize()
		put(m.order, theme.SpaceS-1+handSize+theme.SpaceXS, (size.Height-text.Height)/2, text.Width, text.Height)
	}
	m.paint = func() {
		m.back.FillColor, m.order.Color = theme.Color(theme.ColorHand), theme.Color(theme.ColorOnHand)
		m.icon.paint()
	}
	m.extend(m)
	m.Hide()
	return m
}

// set shows a place among the raised hands; none for 0.
func (m *handMark) set(place int) {
	show(m, place > 0)
	if place == m.at || place == 0 {
		return
	}
	m.at = place
	m.order.Text = strconv.Itoa(place)
	m.Resize(m.MinSize())
	m.Refresh()
}

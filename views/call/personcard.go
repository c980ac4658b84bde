package call

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"parley/session/wire"
	"parley/views/i18n"
	"parley/views/theme"
)

const cardWidth float32 = 250

// volumeWords says how loud somebody is heard.
func volumeWords(loc *i18n.Localizer, gain float32) string {
	percent := int(math.Round(float64(1+gain) * 100))
	if percent <= 0 {
		return loc.T("people.volume.silent")
	}
	return loc.Tf("people.volume", map[string]any{"Percent": percent})
}

// personCard is what one does with somebody in the room: it is shown in a pop-up.
type personCard struct {
	part
	name, volume *canvas.Text
	slider       *volumeSlider
	buttons      []*widget.Button
	done         func()
}

// volumeSlider closes the card by Escape too.
type volumeSlider struct {
	widget.Slider
	escaped func()
}

// TypedKey is part of fyne.Focusable.
func (s *volumeSlider) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.escaped()
		return
	}
	s.Slider.TypedKey(e)
}

func newPersonCard(loc *i18n.Localizer, p Person, hosts bool, gain func(float32), act func(wire.Action)) *personCard {
	c := &personCard{name: newText(theme.TextBody, true), volume: newText(theme.TextSmall, false), slider: &volumeSlider{}}
	c.name.Text = ellipsis(personName(p), cardWidth-2*theme.SpaceM, theme.Scaled(theme.TextBody), c.name.TextStyle)
	c.volume.Text = loc.Tf("people.volume", map[string]any{"Percent": int(math.Round(float64(1+p.Gain) * 100))})
	c.slider.Max, c.slider.Step, c.slider.Orientation = 200, 5, widget.Horizontal
	c.slider.ExtendBaseWidget(c.slider)
	c.slider.SetValue(float64(1+p.Gain) * 100)
	c.slider.escaped = func() { c.done() }
	c.slider.OnChanged = func(percent float64) {
		g := float32(percent/100 - 1)
		c.volume.Text = volumeWords(loc, g)
		c.volume.Refresh()
		gain(g)
	}
	c.objects = []fyne.CanvasObject{c.name, c.volume, c.slider}
	if hosts {
		for _, item := range personMenu(loc, p, HostActions{Act: func(action wire.Action, _ wire.User) { act(action) }}).Items {
			if item.IsSeparator {
				continue
			}
			b := widget.NewButton(item.Label, func() {
				c.done()
				item.Action()
			})
			b.Alignment, b.Importance = widget.ButtonAlignLeading, widget.LowImportance
			if item.Disabled {
				b.Disable()
			}
			c.buttons = append(c.buttons, b)
			c.objects = append(c.objects, b)
		}
	}
	c.minimum = func() fyne.Size {
		h := theme.SpaceS + c.name.MinSize().Height + theme.SpaceS + c.volume.MinSize().Height + c.slider.MinSize().Height + theme.SpaceS
		for _, b := range c.buttons {
			h += b.MinSize().Height
		}
		return fyne.NewSize(cardWidth, h)
	}
	c.arrange = func(size fyne.Size) {
		inner := size.Width - 2*theme.SpaceM
		y := theme.SpaceS
		put(c.name, theme.SpaceM, y, inner, c.name.MinSize().Height)
		y += c.name.MinSize().Height + theme.SpaceS
		put(c.volume, theme.SpaceM, y, inner, c.volume.MinSize().Height)
		y += c.volume.MinSize().Height
		put(c.slider, theme.SpaceXS, y, size.Width-2*theme.SpaceXS, c.slider.MinSize().Height)
		y += c.slider.MinSize().Height + theme.SpaceXS
		for _, b := range c.buttons {
			put(b, theme.SpaceXS, y, size.Width-2*theme.SpaceXS, b.MinSize().Height)
			y += b.MinSize().Height
		}
	}
	c.paint = func() {
		c.name.Color, c.volume.Color = theme.Color("foreground"), theme.Color(theme.ColorMuted)
	}
	c.extend(c)
	return c
}

func (c *personCard) focus(canvas fyne.Canvas) { canvas.Focus(c.slider) }

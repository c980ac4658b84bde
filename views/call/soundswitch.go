package call

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"parley/views/i18n"
	"parley/views/theme"
)

// SoundSwitch is whether sound is shared beside a screen.
type SoundSwitch struct {
	On      bool
	Changed func(on bool)
}

// Dimensions of the switch itself.
const (
	switchWidth  float32 = 40
	switchHeight float32 = 22
	switchKnob   float32 = 14
)

// soundSwitch is the line with it in the chooser.
type soundSwitch struct {
	part
	pressing
	on    bool
	back  *canvas.Rectangle
	track *canvas.Rectangle
	knob  *canvas.Circle
	label *canvas.Text
	hint  *canvas.Text
	leave func() // gives up choosing
}

var _ fyne.Focusable = (*soundSwitch)(nil)

func newSoundSwitch(loc *i18n.Localizer, sound SoundSwitch, leave func()) *soundSwitch {
	s := &soundSwitch{
		on: sound.On, leave: leave, back: canvas.NewRectangle(nil), track: canvas.NewRectangle(nil), knob: canvas.NewCircle(nil),
		label: newText(theme.TextSmall, true), hint: newText(theme.TextCaption, false),
	}
	s.label.Text = loc.T("share.sound")
	hint := loc.T("share.sound.hint")
	s.back.CornerRadius, s.track.CornerRadius = theme.RadiusS, switchHeight/2
	s.tap = func() {
		s.on = !s.on
		s.Refresh()
		sound.Changed(s.on)
	}
	s.objects = []fyne.CanvasObject{s.back, s.track, s.knob, s.label, s.hint}
	s.minimum = func() fyne.Size {
		return fyne.NewSize(switchWidth+s.label.MinSize().Width+3*theme.SpaceS, s.label.MinSize().Height+s.hint.MinSize().Height+2*theme.SpaceXS)
	}
	s.arrange = func(size fyne.Size) {
		put(s.back, 0, 0, size.Width, size.Height)
		put(s.track, theme.SpaceS, (size.Height-switchHeight)/2, switchWidth, switchHeight)
		inset := (switchHeight - switchKnob) / 2
		x := inset
		if s.on {
			x = switchWidth - switchKnob - inset
		}
		put(s.knob, theme.SpaceS+x, (size.Height-switchKnob)/2, switchKnob, switchKnob)
		left := switchWidth + 2*theme.SpaceS
		width, height := size.Width-left-theme.SpaceS, s.label.MinSize().Height
		put(s.label, left, theme.SpaceXS, width, height)
		s.hint.Text = ellipsis(hint, width, s.hint.TextSize, s.hint.TextStyle)
		put(s.hint, left, theme.SpaceXS+height, width, s.hint.MinSize().Height)
	}
	s.paint = func() {
		s.arrange(s.Size())
		s.back.FillColor = color.Transparent
		if s.over {
			s.back.FillColor = theme.Color(theme.ColorControlHover)
		}
		s.back.StrokeColor, s.back.StrokeWidth = s.ring()
		fill, knob, edge := fynetheme.ColorNameInputBackground, theme.ColorMuted, theme.ColorMuted
		if s.on {
			fill, knob, edge = fynetheme.ColorNamePrimary, fynetheme.ColorNameForegroundOnPrimary, fynetheme.ColorNamePrimary
		}
		s.track.FillColor, s.knob.FillColor = theme.Color(fill), theme.Color(knob)
		s.track.StrokeColor, s.track.StrokeWidth = theme.Color(edge), 1
		s.label.Color, s.hint.Color = theme.Color(theme.ColorControlIcon), theme.Color(theme.ColorMuted)
	}
	s.changed = func() { s.Refresh() }
	s.pressing.self = s
	s.extend(s)
	return s
}

// TypedKey turns the switch with Space or Enter; Escape gives up.
func (s *soundSwitch) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		s.leave()
		return
	}
	s.pressing.TypedKey(e)
}

// AccessibilityLabel is part of fyne.Accessible.
func (s *soundSwitch) AccessibilityLabel() string {
	if s.on {
		return s.label.Text + ": ✓"
	}
	return s.label.Text + ": –"
}

// AccessibilityRole is part of fyne.Accessible.
func (s *soundSwitch) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

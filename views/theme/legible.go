package theme

import (
	"image/color"
	"math"
)

// legibleRatio is of WCAG 2.2, success criterion 1.4.3.
const legibleRatio = 4.5

// NameColor is AvatarColor for a name that is written on the stage: darker in light,
// and lighter in dark, where it could not be read otherwise.
func NameColor(userID string) color.Color {
	const steps = 16
	of, stage := AvatarColor(userID), Color(ColorStage)
	towards := uint32(0)
	if luminance(stage) < luminance(rgb(0x777777)) {
		towards = 0xffff
	}
	r, g, b, _ := of.RGBA()
	for step := uint32(0); step < steps; step++ {
		mix := func(v uint32) uint16 { return uint16((v*(steps-step) + towards*step) / steps) }
		if c := (color.NRGBA64{R: mix(r), G: mix(g), B: mix(b), A: 0xffff}); ratio(c, stage) >= legibleRatio {
			return c
		}
	}
	return color.Gray16{Y: uint16(towards)}
}

// luminance and ratio are those of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func ratio(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

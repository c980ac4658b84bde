package theme

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
)

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

func TestContrast(t *testing.T) {
	type pair struct{ over, under fyne.ThemeColorName }
	text := []pair{
		{fynetheme.ColorNameForeground, ColorPage},
		{fynetheme.ColorNameForeground, ColorSurface},
		{fynetheme.ColorNameForeground, fynetheme.ColorNameInputBackground},
		{fynetheme.ColorNameForeground, fynetheme.ColorNameButton},
		{ColorBubbleText, ColorBubbleOther},
		{ColorOwnText, ColorBubbleOwn},
		{ColorStageText, ColorStage},
		{ColorControlIcon, ColorControl},
	}
	small := []pair{
		{ColorMuted, ColorPage}, {ColorMuted, ColorSurface}, {ColorMuted, ColorBubbleOwn}, {ColorMuted, ColorBubbleOther},
		{ColorMuted, ColorStage},
		{fynetheme.ColorNamePlaceHolder, fynetheme.ColorNameInputBackground}, {fynetheme.ColorNameError, ColorSurface},
		{fynetheme.ColorNameError, ColorPage}, {ColorOnDanger, ColorDanger}, {fynetheme.ColorNamePrimary, ColorSurface},
		{fynetheme.ColorNameForegroundOnPrimary, fynetheme.ColorNamePrimary}, {fynetheme.ColorNameWarning, ColorSurface},
	}
	edges := []pair{{ColorLine, ColorSurface}, {fynetheme.ColorNameInputBorder, ColorSurface}, {ColorLine, ColorPage}}
	for name, look := range map[string]Look{
		"light": {Mode: Light}, "dark": {Mode: Dark}, "light with contrast": {Mode: Light, Contrast: true}, "dark with contrast": {Mode: Dark, Contrast: true},
	} {
		theme := NewLook(look)
		check := func(pairs []pair, least float64) {
			for _, p := range pairs {
				if got := ratio(theme.Color(p.over, 0), theme.Color(p.under, 0)); got < least {
					t.Errorf("%s: %s on %s has %.1f:1, less than %.1f:1", name, p.over, p.under, got, least)
				}
			}
		}
		if !look.Contrast {
			check(text, 7)
			check(small, 2.7)
			check([]pair{{fynetheme.ColorNameWarning, ColorStage}}, 4.5) // small, and of weight
			continue
		}
		check(text, 7)
		check(small, 7)
		check(edges, 4.5)
	}
}

func TestScale(t *testing.T) {
	app := test.NewTempApp(t)
	for _, c := range []struct{ asked, got float32 }{{0, 1}, {1.25, 1.25}, {9, ScaleMost}, {0.1, ScaleLeast}, {float32(math.NaN()), 1}, {-3, 1}} {
		app.Settings().SetTheme(NewLook(Look{Mode: Light, Scale: c.asked}))
		if Scale() != c.got || Scaled(10) != 10*c.got || fynetheme.TextSize() != TextBody*c.got {
			t.Errorf("%v: %v, %v, %v", c.asked, Scale(), Scaled(10), fynetheme.TextSize())
		}
	}
	app.Settings().SetTheme(test.Theme())
	if Scale() != 1 || Still() {
		t.Error("a foreign theme has a look of ours")
	}
}

func TestStill(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(NewLook(Look{Mode: Light, Still: true}))
	if _, _, _, a := Color(fynetheme.ColorNamePressed).RGBA(); !Still() || a != 0 {
		t.Error("buttons still have something run over them")
	}
}

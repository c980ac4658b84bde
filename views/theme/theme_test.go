package theme

import (
	"math"
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"
)

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
		{fynetheme.ColorNameError, ColorPage}, {fynetheme.ColorNamePrimary, ColorSurface},
		{fynetheme.ColorNameForegroundOnPrimary, fynetheme.ColorNamePrimary}, {fynetheme.ColorNameWarning, ColorSurface},
	}
	edges := []pair{{ColorLine, ColorSurface}, {fynetheme.ColorNameInputBorder, ColorSurface}, {ColorLine, ColorPage}}
	for name, look := range map[string]Look{
		"light": {Mode: Light}, "dark": {Mode: Dark}, "light with contrast": {Mode: Light, Contrast: true}, "dark with contrast": {Mode: Dark, Contrast: true},
	} {
		theme := NewLook(look)
		icons := []pair{{ColorOnDanger, ColorDanger}, {ColorOnHand, ColorHand}}
		check := func(pairs []pair, least float64) {
			for _, p := range pairs {
				if got := ratio(theme.Color(p.over, 0), theme.Color(p.under, 0)); got < least {
					t.Errorf("%s: %s on %s has %.1f:1, less than %.1f:1", name, p.over, p.under, got, least)
				}
			}
		}
		if !look.Contrast {
			check(text, 7)
			// WCAG 2.2, success criteria 1.4.3 and 1.4.11.
			check(small, 4.5)
			check([]pair{{fynetheme.ColorNameWarning, ColorStage}}, 4.5) // of weight
			check(icons, 3)
			continue
		}
		check(text, 7)
		check(small, 7)
		check(icons, 7)
		check(edges, 4.5)
	}
}

// TestNamesAreLegible in all of the palette, whatever it is.
func TestNamesAreLegible(t *testing.T) {
	app := test.NewTempApp(t)
	for _, look := range []Look{{Mode: Light}, {Mode: Dark}, {Mode: Light, Contrast: true}, {Mode: Dark, Contrast: true}} {
		app.Settings().SetTheme(NewLook(look))
		for id := range 100 {
			user := strconv.Itoa(id)
			if got := ratio(NameColor(user), Color(ColorStage)); got < 4.5 {
				t.Errorf("%+v: %v has %.1f:1", look, NameColor(user), got)
			}
		}
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

package call

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

// some are a screen, a window, and a window that has neither title nor picture.
func some() []Screen {
	thumbnail := func(c color.Color) *image.RGBA {
		picture := image.NewRGBA(image.Rect(0, 0, 320, 180))
		draw.Draw(picture, picture.Rect, image.NewUniform(c), image.Point{}, draw.Src)
		return picture
	}
	return []Screen{
		{ID: "screen:0", Name: "DP-1", Width: 2560, Height: 1440, Thumbnail: thumbnail(color.NRGBA{70, 110, 160, 255})},
		{ID: "window:1", Name: "A very long title of a document – Editor", Window: true, Width: 1280, Height: 720, Thumbnail: thumbnail(color.NRGBA{160, 110, 70, 255})},
		{ID: "window:2", Window: true, Width: 300, Height: 200},
	}
}

func TestChooser(t *testing.T) {
	for _, c := range []struct {
		name     string
		mode     theme.Mode
		language string
	}{{"chooser-light-en", theme.Light, "en"}, {"chooser-dark-zh", theme.Dark, "zh"}} {
		t.Run(c.name, func(t *testing.T) {
			v, w, _, _ := open(t, c.mode, c.language, fyne.NewSize(900, 600))
			chosen := ""
			v.ChooseScreen(some(), nil, func(id string) { chosen += id })
			test.AssertImageMatches(t, "call/"+c.name+".png", w.Canvas().Capture())
			focused := w.Canvas().Focused()
			if focused == nil {
				t.Fatal("nothing has the focus")
			}
			focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			if chosen != "" || w.Canvas().Overlays().Top() != nil {
				t.Errorf("Escape leaves %q chosen", chosen)
			}
			v.ChooseScreen(some(), nil, func(string) { t.Error("the chooser before was used") })
			v.ChooseScreen(some(), nil, func(id string) { chosen += id })
			if n := len(w.Canvas().Overlays().List()); n != 1 {
				t.Errorf("%d choosers are open", n)
			}
			w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			if chosen != "screen:0" || w.Canvas().Overlays().Top() != nil {
				t.Errorf("%q is chosen", chosen)
			}
		})
	}
}

// TestChooserSound turns the sound on, by the mouse and by keys.
func TestChooserSound(t *testing.T) {
	for _, c := range []struct {
		name     string
		mode     theme.Mode
		language string
	}{{"chooser-sound-light-zh", theme.Light, "zh"}, {"chooser-sound-dark-en", theme.Dark, "en"}} {
		t.Run(c.name, func(t *testing.T) {
			v, w, _, _ := open(t, c.mode, c.language, fyne.NewSize(900, 600))
			var told []bool
			chosen := 0
			v.ChooseScreen(some(), &SoundSwitch{Changed: func(on bool) { told = append(told, on) }}, func(string) { chosen++ })
			s := v.asking.Content.(*chooser).sound
			if s.on || s.AccessibilityLabel() != s.label.Text+": –" {
				t.Error("it is on")
			}
			test.Tap(s)
			if s.AccessibilityLabel() != s.label.Text+": ✓" {
				t.Error("it is not on")
			}
			test.AssertImageMatches(t, "call/"+c.name+".png", w.Canvas().Capture())
			w.Canvas().Focus(s)
			s.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
			if !slices.Equal(told, []bool{true, false}) || chosen != 0 {
				t.Errorf("told %v, %d chosen", told, chosen)
			}
			s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			if chosen != 0 || w.Canvas().Overlays().Top() != nil {
				t.Error("Escape leaves the chooser open, or chooses")
			}
		})
	}
}

func TestChooserWhereTheSystemAsks(t *testing.T) {
	v, w, _, _ := open(t, theme.Dark, "en", fyne.NewSize(900, 600))
	chosen := ""
	v.ChooseScreen([]Screen{{ID: "portal", Asks: true}}, &SoundSwitch{Changed: func(bool) {}}, func(id string) { chosen += id })
	test.AssertImageMatches(t, "call/chooser-asks.png", w.Canvas().Capture())
	w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if chosen != "portal" {
		t.Errorf("%q is chosen", chosen)
	}
}

package chat

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/i18n"
	"parley/views/theme"
)

func shades(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.NRGBA{R: byte(x * 255 / w), G: byte(y * 255 / h), B: 120, A: 255})
		}
	}
	return img
}

func TestSending(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	sent := 0
	s := NewSending(i18n.New("en"), []Sendable{{"a.png", "1 MB", shades(400, 3000)}}, SendSizes{"300 kB", "1 MB"}, fyne.NewSize(640, 360), func() { sent++ })
	if h := s.CanvasObject().MinSize().Height; h > 260 {
		t.Errorf("it is %v high in a low window", h)
	}
	if s.Original() {
		t.Error("the original is sent unasked")
	}
	s.size.SetSelected(s.size.Options[1])
	test.Type(s.caption, " The office ")
	s.caption.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !s.Original() || s.Caption() != "The office" || sent != 1 {
		t.Errorf("%v, %q, %d", s.Original(), s.Caption(), sent)
	}
}

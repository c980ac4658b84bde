package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/theme"
)

// overlay lies over the stage while the connection is away.
type overlay struct {
	part
	back  *canvas.Rectangle
	plate *canvas.Rectangle // behind the words: what is below them may have words too
	text  *canvas.Text
}

func newOverlay(words string) *overlay {
	o := &overlay{back: canvas.NewRectangle(nil), plate: canvas.NewRectangle(nil), text: newText(theme.TextLarge, true)}
	o.text.Text, o.text.Alignment = words, fyne.TextAlignCenter
	o.objects = []fyne.CanvasObject{o.back, o.plate, o.text}
	o.arrange = func(size fyne.Size) {
		put(o.back, 0, 0, size.Width, size.Height)
		text := o.text.MinSize()
		plate := fyne.NewSize(text.Width+2*theme.SpaceXL, text.Height+2*theme.SpaceM)
		o.plate.CornerRadius = plate.Height / 2
		put(o.plate, (size.Width-plate.Width)/2, (size.Height-plate.Height)/2, plate.Width, plate.Height)
		put(o.text, 0, (size.Height-text.Height)/2, size.Width, text.Height)
	}
	o.paint = func() {
		o.back.FillColor, o.text.Color = theme.Color(theme.ColorShade), theme.Color(theme.ColorOnShade)
		o.plate.FillColor = theme.Color(theme.ColorShade)
	}
	o.extend(o)
	o.Hide()
	return o
}

package chat

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// ShowPicture shows a picture over the whole window, until it is tapped or
// Escape is pressed.
func ShowPicture(c fyne.Canvas, img image.Image, save func()) {
	picture := canvas.NewImageFromImage(img)
	picture.FillMode, picture.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleFastest
	var content *fyne.Container
	former := c.OnTypedKey()
	end := func() {
		c.Overlays().Remove(content)
		c.SetOnTypedKey(former)
	}
	shade := newTapArea(end)
	closing := newRoundButton("close", "", false, end)
	closing.enable(true)
	saving := newRoundButton("download", "", false, save)
	saving.enable(true)
	buttons := container.New(layout.NewCustomPaddedLayout(theme.SpaceM, 0, theme.SpaceM, theme.SpaceM), container.NewHBox(layout.NewSpacer(), saving, closing))
	content = container.NewStack(
		canvas.NewRectangle(color.NRGBA{A: 0xe8}),
		container.New(layout.NewCustomPaddedLayout(theme.SpaceXL, theme.SpaceXL, theme.SpaceXL, theme.SpaceXL), picture),
		shade,
		container.NewBorder(buttons, nil, nil, nil),
	)
	content.Resize(c.Size())
	c.Overlays().Add(content)
	c.Unfocus()
	c.SetOnTypedKey(func(key *fyne.KeyEvent) {
		if key.Name == fyne.KeyEscape {
			end()
		}
	})
}

// tapArea takes taps, and shows nothing.
type tapArea struct {
	widget.BaseWidget
	tapOn func()
}

func newTapArea(tapOn func()) *tapArea {
	a := &tapArea{tapOn: tapOn}
	a.ExtendBaseWidget(a)
	return a
}

// Tapped implements fyne.Tappable.
func (a *tapArea) Tapped(*fyne.PointEvent) { a.tapOn() }

// CreateRenderer implements fyne.Widget.
func (a *tapArea) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&fyne.Container{})
}

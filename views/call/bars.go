package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"image/color"

	fynetheme "fyne.io/fyne/v2/theme"

	"parley/views/theme"
)

// bars shows a network quality as three bars. Unknown quality shows nothing:
// empty bars would say that it is bad.
type bars struct {
	part
	quality Quality
	base    fyne.ThemeColorName // of filled bars while all is well
	bar     [3]*canvas.Rectangle
}

func newBars(base fyne.ThemeColorName) *bars {
	b := &bars{base: base}
	for i := range b.bar {
		b.bar[i] = canvas.NewRectangle(color.Transparent)
		b.bar[i].CornerRadius = 1
		b.objects = append(b.objects, b.bar[i])
	}
	b.minimum = func() fyne.Size { return fyne.NewSize(15, 12) }
	b.arrange = func(size fyne.Size) {
		for i, bar := range b.bar {
			h := size.Height * float32(i+1) / 3
			put(bar, float32(i)*5.5, size.Height-h, 3.5, h)
		}
	}
	b.paint = func() {
		filled := theme.Color(b.base)
		switch b.quality {
		case QualityMedium:
			filled = theme.Color(fynetheme.ColorNameWarning)
		case QualityBad, QualityDead:
			filled = theme.Color(theme.ColorDanger)
		}
		r, g, bl, _ := theme.Color(b.base).RGBA()
		empty := color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(bl >> 8), A: 0x50}
		for i, bar := range b.bar {
			bar.FillColor = empty
			if i < b.quality.bars() {
				bar.FillColor = filled
			}
		}
	}
	b.extend(b)
	b.Hide()
	return b
}

func (b *bars) set(q Quality) {
	if b.quality == q {
		return
	}
	b.quality = q
	b.paint()
	show(b, q != QualityUnknown)
	canvas.Refresh(b)
}

package synthetic

import (
	"fmt"
	"image"
	"image/color"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"parley/devices"
)

const black, white = 16, 235

// glyphs are characters, drawn once.
type glyphs map[rune]*image.Alpha

func fill(row []byte, v byte) {
	for i := range row {
		row[i] = v
	}
}

// rect fills a rectangle with a grey.
func rect(f *devices.Frame, left, top, right, bottom int, luma byte) {
	left, top, right, bottom = max(left, 0), max(top, 0), min(right, f.Width), min(bottom, f.Height)
	for y := top; y < bottom; y++ {
		fill(f.Y[y*f.StrideY+left:y*f.StrideY+right], luma)
		if y%2 == 0 {
			l, r := y/2*f.StrideUV+left/2, y/2*f.StrideUV+(right+1)/2
			fill(f.U[l:r], 128)
			fill(f.V[l:r], 128)
		}
	}
}

// drawNumber draws the row of blocks of n (see DecodeFrame).
func drawNumber(f *devices.Frame, n uint16) {
	w, h := float64(f.Width), float64(f.Height)
	left, unit := w*numberLeft, w*(numberRight-numberLeft)/numberBlocks
	top, bottom := int(h*numberTop), int(h*numberBottom)
	margin := max(2, int(unit/2))
	rect(f, int(left)-2*margin, top-margin, int(left+unit*numberBlocks)+2*margin, bottom+margin, black)
	for i := range numberBlocks {
		if block(n, i) {
			rect(f, int(left+float64(i)*unit+0.5), top, int(left+float64(i+1)*unit+0.5), bottom, white)
		}
	}
}

// formatNumber is "#" and five digits.
func formatNumber(n uint16) [6]rune {
	return [6]rune{'#', digit(n / 10000), digit(n / 1000), digit(n / 100), digit(n / 10), digit(n)}
}

func formatClock(t time.Time) [8]rune {
	h, m, s := t.Clock()
	return [8]rune{digit(uint16(h / 10)), digit(uint16(h)), ':', digit(uint16(m / 10)), digit(uint16(m)), ':', digit(uint16(s / 10)), digit(uint16(s))}
}

func digit(n uint16) rune { return '0' + rune(n%10) }

// renderDigits draws the digits once, all as wide as a zero.
func renderDigits(size float64) (glyphs, error) {
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("digits of a synthetic picture: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: max(size, 6), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("digits of a synthetic picture: %w", err)
	}
	defer face.Close()
	zero, _ := face.GlyphAdvance('0')
	metrics := face.Metrics()
	digits := make(glyphs)
	for _, r := range "0123456789:#" {
		advance, _ := face.GlyphAdvance(r)
		if r != ':' {
			advance = max(advance, zero)
		}
		img := image.NewAlpha(image.Rect(0, 0, advance.Ceil(), (metrics.Ascent + metrics.Descent).Ceil()))
		own, _ := face.GlyphAdvance(r)
		drawer := font.Drawer{Dst: img, Src: image.NewUniform(color.Alpha{A: 255}), Face: face,
			Dot: fixed.Point26_6{X: (advance - own) / 2, Y: metrics.Ascent}}
		drawer.DrawString(string(r))
		digits[r] = img
	}
	return digits, nil
}

func (g glyphs) width(text []rune) int {
	w := 0
	for _, r := range text {
		w += g[r].Rect.Dx()
	}
	return w
}

// text draws white digits with a soft dark edge, so that they can be read on
// any wall.
func (g glyphs) text(f *devices.Frame, text []rune, x, y int) {
	edge := max(1, f.Height/240)
	for _, r := range text {
		glyph := g[r]
		blend(f, glyph, x+edge, y+edge, black, 110)
		blend(f, glyph, x, y, white, 255)
		x += glyph.Rect.Dx()
	}
}

func blend(f *devices.Frame, glyph *image.Alpha, x, y int, luma, opacity int) {
	for gy := range glyph.Rect.Dy() {
		py := y + gy
		if py < 0 || py >= f.Height {
			continue
		}
		for gx, a := range glyph.Pix[gy*glyph.Stride:][:glyph.Rect.Dx()] {
			if px := x + gx; a > 0 && px >= 0 && px < f.Width {
				p := &f.Y[py*f.StrideY+px]
				alpha := int(a) * opacity / 255
				*p = byte((int(*p)*(255-alpha) + luma*alpha) / 255)
			}
		}
	}
}

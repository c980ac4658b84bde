package video

import (
	"bytes"
	"image"
	"math"
	"testing"
)

func TestConverterMatchesReference(t *testing.T) {
	for _, c := range testCases {
		t.Run(c.name, func(t *testing.T) {
			f := c.frame(t)
			img := image.NewRGBA(image.Rect(0, 0, c.tileW, c.tileH))
			var conv converter
			conv.draw(img, f, c.d)
			worst := 0.0
			for y := range c.tileH {
				for x := range c.tileW {
					rgb, alpha := reference(f, c.d, c.tileW, c.tileH, x, y)
					got := img.RGBAAt(x, y)
					for i, v := range []uint8{got.R, got.G, got.B} {
						worst = max(worst, math.Abs(float64(v)-rgb[i]*alpha))
					}
					worst = max(worst, math.Abs(float64(got.A)-255*alpha))
				}
			}
			t.Logf("largest difference %.2f", worst)
			if worst > 2 {
				t.Errorf("differs by %.2f levels, want at most 2", worst)
			}
		})
	}
}

// TestColumnsInGroupsGiveTheSame compares columns read eight at a time with
// columns read one by one.
func TestColumnsInGroupsGiveTheSame(t *testing.T) {
	grouped := 0
	for _, c := range testCases {
		f := c.frame(t)
		together, alone := image.NewRGBA(image.Rect(0, 0, c.tileW, c.tileH)), image.NewRGBA(image.Rect(0, 0, c.tileW, c.tileH))
		var conv converter
		conv.draw(together, f, c.d)
		for _, at := range []*columns{&conv.lumaX[0], &conv.lumaX[1], &conv.chromaX} {
			if at.window != nil {
				grouped++
			}
			at.window = nil
		}
		conv.draw(alone, f, c.d)
		if !bytes.Equal(together.Pix, alone.Pix) {
			t.Errorf("%s: they differ", c.name)
		}
	}
	if grouped == 0 {
		t.Error("no columns are near enough for a group")
	}
}

func BenchmarkConvert720pTo640(b *testing.B) {
	f := pattern(b, 1280, 720, nil)
	img := image.NewRGBA(image.Rect(0, 0, 640, 360))
	var conv converter
	b.ReportAllocs()
	for b.Loop() {
		conv.draw(img, f, drawing{radius: 10})
	}
}

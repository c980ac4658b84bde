package vpx

import (
	"errors"
	"testing"

	"parley/devices"
)

// TestShrink compares with the mean of each pixel's area, computed plainly.
func TestShrink(t *testing.T) {
	var pool devices.FramePool
	var s Scaler
	for _, c := range []struct{ w, h, dw, dh int }{{64, 36, 32, 18}, {64, 48, 48, 36}, {1280, 720, 320, 180}, {35, 33, 17, 8}, {7, 5, 7, 5}, {2, 2, 1, 1}, {640, 480, 214, 160}} {
		f, err := pool.Get(c.w, c.h)
		if err != nil {
			t.Fatal(err)
		}
		paint(f, 3)
		f.BT709 = true
		small, err := s.Shrink(f, c.dw, c.dh)
		if err != nil {
			t.Fatal(err)
		}
		if small.Width != c.dw || small.Height != c.dh || small.Timestamp != f.Timestamp || !small.BT709 {
			t.Errorf("%+v: %dx%d", c, small.Width, small.Height)
		}
		for y := range c.dh {
			for x := range c.dw {
				want := area(f, float64(x)*float64(c.w)/float64(c.dw), float64(y)*float64(c.h)/float64(c.dh),
					float64(x+1)*float64(c.w)/float64(c.dw), float64(y+1)*float64(c.h)/float64(c.dh))
				if got := float64(small.Y[y*small.StrideY+x]); got < want-1.5 || got > want+1.5 {
					t.Fatalf("%+v: %d,%d is %v, not %.1f", c, x, y, got, want)
				}
			}
		}
		small.Release()
		f.Release()
	}
	f, err := pool.Get(16, 16)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shrink(f, 32, 8); !errors.Is(err, devices.ErrFormat) {
		t.Error(err)
	}
}

func area(f *devices.Frame, left, top, right, bottom float64) float64 {
	sum, all := 0.0, 0.0
	for y := int(top); float64(y) < bottom && y < f.Height; y++ {
		high := min(bottom, float64(y+1)) - max(top, float64(y))
		for x := int(left); float64(x) < right && x < f.Width; x++ {
			part := high * (min(right, float64(x+1)) - max(left, float64(x)))
			sum += part * float64(f.Y[y*f.StrideY+x])
			all += part
		}
	}
	return sum / all
}

func BenchmarkShrink(b *testing.B) {
	var pool devices.FramePool
	f, err := pool.Get(1280, 720)
	if err != nil {
		b.Fatal(err)
	}
	paint(f, 1)
	for name, size := range map[string][2]int{"half": {640, 360}, "two thirds": {854, 480}} {
		b.Run(name, func(b *testing.B) {
			var s Scaler
			b.ReportAllocs()
			for b.Loop() {
				small, err := s.Shrink(f, size[0], size[1])
				if err != nil {
					b.Fatal(err)
				}
				small.Release()
			}
		})
	}
}

package camera

import (
	"errors"
	"image"
	"testing"

	"github.com/pion/mediadevices/pkg/prop"

	"parley/devices"
)

func TestConvert(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio440,
	} {
		src := image.NewYCbCr(image.Rect(0, 0, 7, 5), ratio)
		for i := range src.Y {
			src.Y[i] = byte(i)
		}
		for i := range src.Cb {
			src.Cb[i], src.Cr[i] = byte(2*i), byte(3*i)
		}
		var pool devices.FramePool
		f, err := convert(&pool, src)
		if err != nil {
			t.Fatal(err)
		}
		for y := range 5 {
			for x := range 7 {
				if f.Y[y*f.StrideY+x] != src.Y[src.YOffset(x, y)] {
					t.Fatalf("%v: luma at %d,%d", ratio, x, y)
				}
				if x%2 == 0 && y%2 == 0 {
					i, j := src.COffset(x, y), y/2*f.StrideUV+x/2
					if f.U[j] != src.Cb[i] || f.V[j] != src.Cr[i] {
						t.Fatalf("%v: chroma at %d,%d", ratio, x, y)
					}
				}
			}
		}
	}
	if _, err := convert(new(devices.FramePool), image.NewRGBA(image.Rect(0, 0, 2, 2))); !errors.Is(err, devices.ErrFormat) {
		t.Error(err)
	}
}

func TestNearestFormat(t *testing.T) {
	media := func(w, h int, rate float32) prop.Media {
		return prop.Media{Video: prop.Video{Width: w, Height: h, FrameRate: rate}}
	}
	want := devices.VideoFormat{Width: 640, Height: 360, FrameRate: 30}
	got, ok := nearest([]prop.Media{media(1920, 1080, 30), media(640, 480, 30), media(640, 360, 5), media(640, 360, 30), media(0, 0, 0)}, want)
	if !ok || got.Width != 640 || got.Height != 360 || got.FrameRate != 30 {
		t.Errorf("%+v", got)
	}
	if _, ok := nearest(nil, want); ok {
		t.Error("a format out of nothing")
	}
}

func TestNoSuchCamera(t *testing.T) {
	if _, err := new(Finder).Open(t.Context(), "no camera has this name", devices.VideoFormat{Width: 640, Height: 360, FrameRate: 30}); !errors.Is(err, devices.ErrNotFound) {
		t.Error(err)
	}
}

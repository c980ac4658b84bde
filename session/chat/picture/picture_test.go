package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"parley/session/wire"
)

// quarters is red, green, blue, white from the top left, clockwise.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.RGBA{255, 0, 0, 255}
			case y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			case x >= w/2:
				c = color.RGBA{0, 0, 255, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts an Exif block with an orientation, and a place, into a JPEG.
func withExif(data []byte, orientation uint16) []byte {
	tiff := append([]byte("MM\x00*"), 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1)
	tiff = binary.BigEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, "SECRETPLACE"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	block := append([]byte{0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(bytes.Clone(data[:2]), append(block, body...)...), data[2:]...)
}

func prepare(t testing.TB, data []byte) *Picture {
	t.Helper()
	p, err := Prepare(context.Background(), bytes.NewReader(data), "p")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func decoded(t *testing.T, v Version) image.Image {
	t.Helper()
	img, format, err := image.Decode(v.Open())
	if err != nil || "image/"+format != v.MIME || img.Bounds().Dx() != v.Width || img.Bounds().Dy() != v.Height {
		t.Fatalf("%s %v %dx%d: %v", format, img.Bounds(), v.Width, v.Height, err)
	}
	return img
}

// corners names the colours of the four quarters, clockwise from the top left.
func corners(img image.Image) string {
	b := img.Bounds()
	var s strings.Builder
	for _, at := range []image.Point{{b.Dx() / 4, b.Dy() / 4}, {3 * b.Dx() / 4, b.Dy() / 4}, {3 * b.Dx() / 4, 3 * b.Dy() / 4}, {b.Dx() / 4, 3 * b.Dy() / 4}} {
		r, g, bl, _ := img.At(at.X, at.Y).RGBA()
		switch {
		case r > 0xC000 && g > 0xC000 && bl > 0xC000:
			s.WriteByte('w')
		case r > 0xC000:
			s.WriteByte('r')
		case g > 0xC000:
			s.WriteByte('g')
		case bl > 0xC000:
			s.WriteByte('b')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

func TestOrientationIsAppliedAndMetadataRemoved(t *testing.T) {
	data := jpegOf(t, quarters(64, 32))
	for orientation, want := range map[uint16]string{
		1: "rgbw", 2: "grwb", 3: "bwrg", 4: "wbgr", 5: "rwbg", 6: "wrgb", 7: "bgrw", 8: "gbwr", 0: "rgbw", 9: "rgbw",
	} {
		p := prepare(t, withExif(data, orientation))
		img := decoded(t, p.Scaled)
		if got := corners(img); got != want {
			t.Errorf("orientation %d: %s, want %s", orientation, got, want)
		}
		if tall := img.Bounds().Dy() > img.Bounds().Dx(); tall != (orientation >= 5 && orientation <= 8) || p.Original.Width != p.Scaled.Width {
			t.Errorf("orientation %d: %v", orientation, img.Bounds())
		}
		if bytes.Contains(p.Scaled.Data, []byte("SECRET")) || !bytes.Contains(p.Original.Data, []byte("SECRET")) {
			t.Errorf("orientation %d: the place is kept, or the original is not", orientation)
		}
		thumbnail, err := jpeg.Decode(bytes.NewReader(p.Thumbnail))
		if err != nil || len(p.Thumbnail) > 4<<10 || corners(thumbnail) != want {
			t.Errorf("thumbnail: %d bytes, %v", len(p.Thumbnail), err)
		}
	}
}

func noise(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

func TestScaledIsSmallWhateverThePictureIs(t *testing.T) {
	for name, img := range map[string]image.Image{"noise": noise(2400, 1800), "wide": quarters(6000, 40), "tall": quarters(3, 4000), "tiny": quarters(1, 1)} {
		p := prepare(t, jpegOf(t, img))
		got := decoded(t, p.Scaled)
		if max(got.Bounds().Dx(), got.Bounds().Dy()) > SideMax || len(p.Scaled.Data) > wire.PictureOutMax || len(p.Thumbnail) > 4<<10 {
			t.Errorf("%s: %v, %d bytes, thumbnail %d", name, got.Bounds(), len(p.Scaled.Data), len(p.Thumbnail))
		}
	}
}

func TestTransparencyAndDrawingsStayPNG(t *testing.T) {
	img := quarters(2000, 1000)
	for i := 3; i < len(img.Pix)/2; i += 4 {
		img.Pix[i-3], img.Pix[i-2], img.Pix[i-1], img.Pix[i] = 0, 0, 0, 0
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p := prepare(t, b.Bytes())
	if got := decoded(t, p.Scaled); p.Scaled.MIME != "image/png" || got.Bounds().Dx() != SideMax {
		t.Fatalf("%s %v", p.Scaled.MIME, got.Bounds())
	} else if _, _, _, a := got.At(800, 100).RGBA(); a != 0 {
		t.Errorf("alpha %d", a)
	}
	b.Reset()
	if err := png.Encode(&b, noise(1500, 1000)); err != nil {
		t.Fatal(err)
	}
	if p := prepare(t, b.Bytes()); p.Scaled.MIME != "image/jpeg" {
		t.Error("a photograph stays PNG")
	}
}

func gifOf(t testing.TB, frames, w, h int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for i := range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White, color.Gray{byte(i)}}))
		g.Delay = append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnimationsMove(t *testing.T) {
	data := gifOf(t, 3, 40, 30)
	// A comment, which is not passed on.
	data = append(append(data[:len(data)-1:len(data)-1], 0x21, 0xFE, 6, 'S', 'E', 'C', 'R', 'E', 'T', 0), 0x3B)
	p := prepare(t, data)
	if !p.Scaled.Animated || p.Scaled.MIME != "image/gif" || bytes.Contains(p.Scaled.Data, []byte("SECRET")) {
		t.Errorf("%+v", p.Scaled.MIME)
	}
	if p := prepare(t, gifOf(t, 1, 40, 30)); p.Scaled.Animated || p.Original.Animated {
		t.Error("one picture moves")
	}
	if _, err := Prepare(t.Context(), bytes.NewReader(gifOf(t, 60, 1000, 1000)), "bomb"); !errors.Is(err, ErrPixels) {
		t.Errorf("sixty megapixels in pieces: %v", err)
	}
}

// bomb is a PNG that says to be of the given size and has almost no data.
func bomb(w, h uint32) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, quarters(2, 2)); err != nil {
		panic(err)
	}
	data := b.Bytes()
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestRefusals(t *testing.T) {
	good := jpegOf(t, quarters(64, 64))
	for name, test := range map[string]struct {
		data []byte
		want error
	}{
		"100 megapixels": {bomb(10_000, 10_000), ErrPixels},
		"4 gigapixels":   {bomb(65_535, 65_535), ErrPixels},
		"not a picture":  {[]byte("hello"), ErrFormat},
		"cut off":        {good[:len(good)-20], ErrDamaged},
		"too large":      {append(bytes.Clone(good), make([]byte, wire.PictureInMax)...), ErrSize},
	} {
		if _, err := Prepare(t.Context(), bytes.NewReader(test.data), "x"); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHalvesOfOddPicturesAndAllSamplings(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		for _, size := range []image.Point{{2, 2}, {3, 3}, {7, 5}, {16, 9}, {101, 33}, {5, 102}} {
			src := image.NewYCbCr(image.Rectangle{Max: size}, ratio)
			for i := range src.Y {
				src.Y[i] = 200
			}
			for i := range src.Cb {
				src.Cb[i], src.Cr[i] = 90, 160
			}
			half := halve(src)
			if half.Rect.Dx() != size.X/2 || half.Rect.Dy() != size.Y/2 {
				t.Errorf("%v %v: %v", ratio, size, half.Rect)
			}
			for y := range half.Rect.Dy() {
				for x := range half.Rect.Dx() {
					if c := half.YCbCrAt(x, y); c != (color.YCbCr{Y: 200, Cb: 90, Cr: 160}) {
						t.Fatalf("%v %v: %v at %d,%d", ratio, size, c, x, y)
					}
				}
			}
		}
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add(withExif(jpegOf(f, quarters(16, 8)), 6))
	f.Add(gifOf(f, 2, 8, 8))
	f.Add(bomb(300, 300))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Prepare(t.Context(), bytes.NewReader(data), "x")
		if err == nil && (len(p.Scaled.Data) == 0 || p.Scaled.Width < 1 || len(p.Thumbnail) > 4<<10) {
			t.Errorf("%+v", p.Scaled)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add(withExif(jpegOf(f, quarters(16, 8)), 6))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := orientation(data); o < 1 || o > 8 {
			t.Errorf("%d", o)
		}
		if o := exifOrientation(data); o < 1 || o > 8 {
			t.Errorf("%d", o)
		}
	})
}

func BenchmarkPrepare12Megapixels(b *testing.B) {
	data := jpegOf(b, quarters(4000, 3000))
	for b.Loop() {
		prepare(b, data)
	}
}

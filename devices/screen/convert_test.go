package screen

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"

	"parley/devices"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// yuv is BT.601 with limited range, unrounded.
func yuv(r, g, b float64) (y, u, v float64) {
	luma := 0.299*r + 0.587*g + 0.114*b
	return 16 + luma*219/255, 128 + (b-luma)/1.772*224/255, 128 + (r-luma)/1.402*224/255
}

func noise(width, height int) *picture {
	p := newPicture(width, height)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range p.pix {
		p.pix[i] = byte(random.Uint32())
	}
	return p
}

func (p *picture) set(x, y int, c color.RGBA) {
	copy(p.row(y)[pixelBytes*x:], []byte{c.B, c.G, c.R, 0})
}

func (p *picture) fill(r image.Rectangle, c color.RGBA) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			p.set(x, y, c)
		}
	}
}

func TestConvert(t *testing.T) {
	p := noise(32, 16)
	// The corners of the cube of colours are the extremes.
	for i := range 8 {
		c := color.RGBA{R: byte(i & 1 * 255), G: byte(i >> 1 & 1 * 255), B: byte(i >> 2 & 1 * 255)}
		p.fill(image.Rect(2*i, 0, 2*i+2, 2), c)
	}
	var pool devices.FramePool
	f, err := pool.Get(32, 16)
	if err != nil {
		t.Fatal(err)
	}
	for pair := range 8 {
		convertRows(f, p, pair)
	}
	near := func(what string, x, y int, got byte, want float64) {
		if math.Abs(float64(got)-want) > 0.6 {
			t.Errorf("%s at %d,%d is %d, want %.2f", what, x, y, got, want)
		}
	}
	for y := range 16 {
		for x := range 32 {
			at := p.row(y)[pixelBytes*x:]
			luma, _, _ := yuv(float64(at[2]), float64(at[1]), float64(at[0]))
			near("luma", x, y, f.Y[y*f.StrideY+x], luma)
		}
	}
	for y := range 8 {
		for x := range 16 {
			var sum [3]float64
			for i := range 4 {
				at := p.row(2*y + i/2)[pixelBytes*(2*x+i%2):]
				for k := range sum {
					sum[k] += float64(at[k]) / 4
				}
			}
			_, u, v := yuv(sum[2], sum[1], sum[0])
			near("u", x, y, f.U[y*f.StrideUV+x], u)
			near("v", x, y, f.V[y*f.StrideUV+x], v)
		}
	}
}

func TestSpansCoverEverythingOnce(t *testing.T) {
	for _, c := range [][2]int{{10, 5}, {7, 3}, {2560, 1920}, {1366, 320}, {3, 2}, {1, 2}, {5000, 7}} {
		size, out := c[0], c[1]
		covered := make([]uint32, size)
		s := divide(size, out)
		for i := range out {
			var sum uint32
			first, weights := s.of(i)
			for k, w := range weights {
				covered[first+k] += w
				sum += w
			}
			if sum != 1<<weightBits {
				t.Errorf("%v: weights add up to %d", c, sum)
			}
		}
		want := float64(out) * (1 << weightBits) / float64(size)
		for i, w := range covered {
			if math.Abs(float64(w)-want) > 2 {
				t.Errorf("%v: pixel %d counts %d, want %.1f", c, i, w, want)
			}
		}
	}
}

func TestScale(t *testing.T) {
	p := newPicture(6, 6)
	p.fill(image.Rect(0, 0, 6, 6), color.RGBA{R: 10, G: 20, B: 30})
	p.fill(image.Rect(0, 0, 3, 3), color.RGBA{R: 255, G: 255, B: 255})
	s := newScaler(6, 6, 4, 4)
	row := make([]byte, 4*pixelBytes)
	s.row(row, p, 1)
	// Row 1 of 4 is rows 1.5 to 3, all in the upper half; column 1 likewise.
	for x, want := range [][3]byte{{255, 255, 255}, {255, 255, 255}, {30, 20, 10}, {30, 20, 10}} {
		if got := [3]byte(row[pixelBytes*x:]); got != want {
			t.Errorf("pixel %d is %v, want %v", x, got, want)
		}
	}
	s = newScaler(6, 6, 1, 1)
	s.row(row, p, 0)
	for k, want := range []float64{(255 + 3*30) / 4.0, (255 + 3*20) / 4.0, (255 + 3*10) / 4.0} {
		if math.Abs(float64(row[k])-want) > 1 {
			t.Errorf("the mean is %v", row[:3])
		}
	}
}

func TestBlend(t *testing.T) {
	for _, c := range []struct {
		under byte
		over  uint32
		want  byte
	}{{100, 0, 100}, {100, 0xff070707, 7}, {200, 0x80808080, 228}, {255, 0x10ffffff, 255}} {
		dst := []byte{c.under, c.under, c.under, 0}
		blend(dst, c.over)
		if math.Abs(float64(dst[0])-float64(c.want)) > 1 || dst[1] != dst[0] || dst[2] != dst[0] {
			t.Errorf("%x over %d is %v", c.over, c.under, dst)
		}
	}
}

func TestThumbnail(t *testing.T) {
	p := newPicture(1920, 600)
	p.fill(image.Rect(0, 0, 1920, 600), color.RGBA{R: 200, G: 100, B: 50})
	img := thumbnail(p)
	if img.Rect.Dx() != 320 || img.Rect.Dy() != 100 || img.RGBAAt(5, 5) != (color.RGBA{R: 200, G: 100, B: 50, A: 255}) {
		t.Error(img.Rect, img.RGBAAt(5, 5))
	}
	if img = thumbnail(noise(40, 30)); img.Rect.Dx() != 40 || img.Rect.Dy() != 30 {
		t.Error(img.Rect)
	}
}

// fromScratch is what a painter that saw nothing before makes of a picture.
func fromScratch(t *testing.T, format devices.ScreenFormat, p *picture) *devices.Frame {
	t.Helper()
	fresh := &painter{format: format}
	if _, err := fresh.paint(p); err != nil {
		t.Fatal(err)
	}
	return fresh.frame
}

func TestPainterKeepsUp(t *testing.T) {
	for _, format := range []devices.ScreenFormat{{}, {MaxWidth: 200, MaxHeight: 200}, {MaxWidth: 130, MaxHeight: 50}} {
		p := painter{format: format}
		now := noise(263, 131)
		random := rand.New(rand.NewPCG(3, 4))
		for round := range 20 {
			if round > 0 {
				x, y := random.IntN(100), random.IntN(60)
				now.fill(image.Rect(x, y, x+9, y+random.IntN(30)+1).Intersect(image.Rect(0, 0, now.width, now.height)), color.RGBA{R: byte(round), G: 200, B: 3})
			}
			if round == 12 {
				now = noise(120, 90)
			}
			if round == 15 {
				now = noise(263, 131)
			}
			changed, err := p.paint(now)
			if err != nil || !changed {
				t.Fatal(changed, err)
			}
			if changed, err = p.paint(now); err != nil || changed {
				t.Fatal("the same picture again is new", err)
			}
			got, err := p.newest(0)
			if err != nil {
				t.Fatal(err)
			}
			want := fromScratch(t, format, now)
			if got.Width != want.Width || got.Height != want.Height || got.Width%2 != 0 || got.Height%2 != 0 {
				t.Fatalf("%dx%d, want %dx%d", got.Width, got.Height, want.Width, want.Height)
			}
			for y := range got.Height {
				for x := range got.Width {
					i, j := y*got.StrideY+x, y/2*got.StrideUV+x/2
					if got.Y[i] != want.Y[i] || got.U[j] != want.U[j] || got.V[j] != want.V[j] {
						t.Fatalf("%+v, round %d: %d,%d differs", format, round, x, y)
					}
				}
			}
			got.Release()
		}
		p.close()
	}
}

func TestOddSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 2}, {1, 9}, {5, 5}, {2, 301}} {
		f := fromScratch(t, devices.ScreenFormat{MaxWidth: 100, MaxHeight: 100}, noise(size[0], size[1]))
		if f.Width%2 != 0 || f.Height%2 != 0 || f.Width < 2 || f.Height < 2 || f.Height > 100 {
			t.Errorf("%v became %dx%d", size, f.Width, f.Height)
		}
	}
}

func BenchmarkConvert1080p(b *testing.B) {
	p := noise(1920, 1080)
	var pool devices.FramePool
	f, err := pool.Get(1920, 1080)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for pair := range f.Height / 2 {
			convertRows(f, p, pair)
		}
	}
}

func BenchmarkScale1440pTo1080p(b *testing.B) {
	p, out := noise(2560, 1440), newPicture(1920, 1080)
	s := newScaler(2560, 1440, 1920, 1080)
	for b.Loop() {
		for y := range out.height {
			s.row(out.row(y), p, y)
		}
	}
}

func BenchmarkCompare1080p(b *testing.B) {
	p := painter{}
	now := noise(1920, 1080)
	for b.Loop() {
		if _, err := p.paint(now); err != nil {
			b.Fatal(err)
		}
	}
}

package video

import (
	"math"
	"math/rand/v2"
	"testing"

	"parley/session/frame"
)

// pattern is a test picture: patches of random colours that meet at hard
// edges, over a slope so that hardly two samples are alike. The bytes beyond
// the picture's width are noise, to show up if they are read.
func pattern(t testing.TB, width, height int, prepare func(*frame.Frame)) *frame.Frame {
	t.Helper()
	var pool frame.Pool
	f, err := pool.Get(width, height)
	if err != nil {
		t.Fatal(err)
	}
	fillPattern(f)
	if prepare != nil {
		prepare(f)
	}
	return f
}

func fillPattern(f *frame.Frame) {
	random := rand.New(rand.NewPCG(uint64(f.Width), uint64(f.Height)))
	fill := func(plane []byte, stride, width, height, patch, low, high int) {
		across := width/patch + 1
		levels := make([]int, across*(height/patch+1))
		for i := range levels {
			levels[i] = low + random.IntN(high-low-16)
		}
		for y := range height {
			for x := range stride {
				if x >= width {
					plane[y*stride+x] = byte(random.IntN(256))
					continue
				}
				slope := 16 * x / width * (y + 1) / height
				plane[y*stride+x] = byte(levels[y/patch*across+x/patch] + slope)
			}
		}
	}
	fill(f.Y, f.StrideY, f.Width, f.Height, 24, 16, 235)
	fill(f.U, f.StrideUV, f.ChromaWidth(), f.ChromaHeight(), 12, 60, 200)
	fill(f.V, f.StrideUV, f.ChromaWidth(), f.ChromaHeight(), 12, 60, 200)
}

// reference computes one pixel as the tile ought to draw it, straight from
// the definitions and in floating point. It shares no code with what it tests.
// Colours are 0 to 255 and not premultiplied, alpha is 0 to 1.
func reference(f *frame.Frame, d drawing, outWidth, outHeight, px, py int) (rgb [3]float64, alpha float64) {
	w, h := float64(f.Width), float64(f.Height)
	ow, oh := float64(outWidth), float64(outHeight)
	scale := math.Min(ow/w, oh/h)
	if d.fit == Cover {
		scale = math.Max(ow/w, oh/h)
	}
	atX, atY := float64(px)+0.5, float64(py)+0.5
	x := (atX-ow/2)/scale + w/2
	y := (atY-oh/2)/scale + h/2
	if x < 0 || y < 0 || x > w || y > h {
		return rgb, 0
	}
	if d.mirror {
		x = w - x
	}
	bilinear := func(plane []byte, stride int, x, y float64, width, height int) float64 {
		x = math.Min(math.Max(x-0.5, 0), float64(width-1))
		y = math.Min(math.Max(y-0.5, 0), float64(height-1))
		x0, y0 := int(x), int(y)
		x1, y1 := min(x0+1, width-1), min(y0+1, height-1)
		fx, fy := x-float64(x0), y-float64(y0)
		at := func(x, y int) float64 { return float64(plane[y*stride+x]) }
		return (at(x0, y0)*(1-fx)+at(x1, y0)*fx)*(1-fy) + (at(x0, y1)*(1-fx)+at(x1, y1)*fx)*fy
	}
	var luma float64
	if 1/scale > 1.5 {
		q := 0.25 / scale
		for _, offset := range [][2]float64{{-q, -q}, {q, -q}, {-q, q}, {q, q}} {
			luma += bilinear(f.Y, f.StrideY, x+offset[0], y+offset[1], f.Width, f.Height) / 4
		}
	} else {
		luma = bilinear(f.Y, f.StrideY, x, y, f.Width, f.Height)
	}
	cb := bilinear(f.U, f.StrideUV, x/2, y/2, (f.Width+1)/2, (f.Height+1)/2) - 128
	cr := bilinear(f.V, f.StrideUV, x/2, y/2, (f.Width+1)/2, (f.Height+1)/2) - 128
	if f.FullRange {
		luma, cb, cr = luma/255, cb/255, cr/255
	} else {
		luma, cb, cr = (luma-16)/219, cb/224, cr/224
	}
	// The textbook factors, written out.
	r, g, b := luma+1.402*cr, luma-0.344136*cb-0.714136*cr, luma+1.772*cb
	if f.BT709 {
		r, g, b = luma+1.5748*cr, luma-0.187324*cb-0.468124*cr, luma+1.8556*cb
	}
	for i, v := range []float64{r, g, b} {
		rgb[i] = 255 * math.Min(math.Max(v, 0), 1)
	}
	alpha = 1
	if d.radius > 0 {
		// How far the pixel lies outside the circle of its corner.
		dx := math.Max(d.radius-math.Min(atX, ow-atX), 0)
		dy := math.Max(d.radius-math.Min(atY, oh-atY), 0)
		if dx > 0 && dy > 0 {
			alpha = math.Min(math.Max(0.5-(math.Hypot(dx, dy)-d.radius), 0), 1)
		}
	}
	return rgb, alpha
}

// testCase is one way of drawing a picture; the fallback and the shader draw
// the same ones.
type testCase struct {
	name          string
	width, height int // of the frame
	tileW, tileH  int
	bt709, full   bool
	d             drawing
}

var testCases = []testCase{
	{name: "as it is, 601 limited", width: 320, height: 180, tileW: 320, tileH: 180},
	{name: "709 limited", width: 320, height: 180, tileW: 320, tileH: 180, bt709: true},
	{name: "601 full", width: 320, height: 180, tileW: 320, tileH: 180, full: true},
	{name: "709 full, mirrored", width: 320, height: 180, tileW: 320, tileH: 180, bt709: true, full: true, d: drawing{mirror: true}},
	{name: "odd size", width: 639, height: 359, tileW: 639, tileH: 359},
	{name: "odd size, mirrored", width: 321, height: 181, tileW: 321, tileH: 181, d: drawing{mirror: true}},
	{name: "cover, taller tile", width: 320, height: 180, tileW: 200, tileH: 200},
	{name: "cover, wider tile", width: 180, height: 320, tileW: 300, tileH: 150, d: drawing{mirror: true}},
	{name: "contain, taller tile", width: 320, height: 180, tileW: 200, tileH: 200, d: drawing{fit: Contain}},
	{name: "contain, wider tile", width: 180, height: 320, tileW: 300, tileH: 150, d: drawing{fit: Contain}},
	{name: "enlarged, rounded", width: 161, height: 91, tileW: 322, tileH: 182, d: drawing{radius: 14}},
	{name: "halved, rounded", width: 639, height: 359, tileW: 320, tileH: 180, d: drawing{radius: 8}},
	{name: "a third", width: 639, height: 359, tileW: 213, tileH: 119, d: drawing{mirror: true}},
	{name: "one pixel", width: 1, height: 1, tileW: 40, tileH: 40},
}

func (c *testCase) frame(t testing.TB) *frame.Frame {
	return pattern(t, c.width, c.height, c.prepare)
}

func (c *testCase) prepare(f *frame.Frame) { f.BT709, f.FullRange = c.bt709, c.full }

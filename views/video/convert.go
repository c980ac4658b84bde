package video

import (
	"image"
	"math"

	"parley/session/frame"
)

// drawing is how a frame lies in an image.
type drawing struct {
	fit    Fit
	mirror bool
	radius float64 // of the corners, in pixels
}

// weightOne is the precision of sample positions.
const weightOne = 256

// tap is where a bilinear sample reads along one axis: at low with weight
// weightOne-weight, at high with weight.
type tap struct {
	low, high, weight int32
}

// geometry is all that sample positions depend on.
type geometry struct {
	drawing
	width, height       int // of the frame
	outWidth, outHeight int // of the image
}

// converter draws frames as the shader does. It keeps the sample positions
// between frames of the same geometry.
type converter struct {
	of geometry
	// The picture reaches from column left to before right, and from row top to
	// before bottom. Only those have taps.
	left, right, top, bottom int
	// Luma has two taps a pixel and axis, a quarter stride to each side of the
	// centre, used when shrinking; otherwise both are the same.
	lumaX   [2]columns
	lumaY   [2][]tap
	chromaX columns
	chromaY []tap
	shrinks bool
	lines   lines
	matrix  [8]float32 // here, since C takes its address
}

func (c *converter) prepare(g geometry) {
	if c.of == g {
		return
	}
	ratioX, ratioY := float64(g.width)/float64(g.outWidth), float64(g.height)/float64(g.outHeight)
	stride := max(ratioX, ratioY)
	if g.fit == Cover {
		stride = min(ratioX, ratioY)
	}
	*c = converter{of: g, shrinks: stride > 1.5, lines: c.lines}
	quarter := 0.0
	if c.shrinks {
		quarter = stride / 4
	}
	c.left, c.right = covered(g.outWidth, g.width, stride)
	for x := c.left; x < c.right; x++ {
		at := position(x, g.outWidth, g.width, stride)
		if g.mirror {
			at = float64(g.width) - at
		}
		c.lumaX[0].add(tapAt(at-quarter, g.width))
		c.lumaX[1].add(tapAt(at+quarter, g.width))
		c.chromaX.add(tapAt(at/2, (g.width+1)/2))
	}
	c.lumaX[0].gather()
	c.lumaX[1].gather()
	c.chromaX.gather()
	c.top, c.bottom = covered(g.outHeight, g.height, stride)
	for y := c.top; y < c.bottom; y++ {
		at := position(y, g.outHeight, g.height, stride)
		c.lumaY[0] = append(c.lumaY[0], tapAt(at-quarter, g.height))
		c.lumaY[1] = append(c.lumaY[1], tapAt(at+quarter, g.height))
		c.chromaY = append(c.chromaY, tapAt(at/2, (g.height+1)/2))
	}
	c.lines.reserve(g.width, (g.width+1)/2, len(c.chromaX.low))
}

// position is where along a side of the picture a pixel of the image lies.
func position(pixel, out, size int, stride float64) float64 {
	return (float64(pixel)+0.5-float64(out)/2)*stride + float64(size)/2
}

// covered are the pixels of a side of the image where the picture is, which is in
// the middle.
func covered(out, size int, stride float64) (from, to int) {
	for from < out && position(from, out, size, stride) < 0 {
		from++
	}
	return from, max(from, out-from)
}

// tapAt reads between the samples around at, whose centres lie at halves.
func tapAt(at float64, size int) tap {
	x := min(max(at-0.5, 0), float64(size-1))
	low := math.Floor(x)
	weight := math.Round((x - low) * weightOne)
	if weight == weightOne {
		low, weight = low+1, 0
	}
	return tap{int32(low), min(int32(low)+1, int32(size-1)), int32(weight)}
}

// draw fills dst with f, transparent where f does not reach.
func (c *converter) draw(dst *image.RGBA, f *frame.Frame, d drawing) {
	c.fill(dst, f, d)
	roundCorners(dst, d.radius, true)
}

// drawStraight is draw for a painter that multiplies with alpha itself.
func (c *converter) drawStraight(dst *image.RGBA, f *frame.Frame, d drawing) {
	c.fill(dst, f, d)
	roundCorners(dst, d.radius, false)
}

func (c *converter) fill(dst *image.RGBA, f *frame.Frame, d drawing) {
	width, height := dst.Rect.Dx(), dst.Rect.Dy()
	g := geometry{drawing: d, width: f.Width, height: f.Height, outWidth: width, outHeight: height}
	g.radius = 0 // does not move samples
	c.prepare(g)

	c.matrix = rowMatrixOf(f)
	l := &c.lines
	for y := range height {
		row := dst.Pix[y*dst.Stride : y*dst.Stride+4*width]
		if y < c.top || y >= c.bottom || c.left == c.right {
			clear(row)
			continue
		}
		clear(row[:4*c.left])
		clear(row[4*c.right:])
		at := y - c.top
		t := c.lumaY[0][at]
		blendRows(l.rowY, f.Y[int(t.low)*f.StrideY:], f.Y[int(t.high)*f.StrideY:], t.weight)
		if c.shrinks {
			t = c.lumaY[1][at]
			meanRows(l.rowY, f.Y[int(t.low)*f.StrideY:], f.Y[int(t.high)*f.StrideY:], t.weight)
		}
		blendColumns(l.y, l.rowY, &c.lumaX[0])
		if c.shrinks {
			meanColumns(l.y, l.rowY, &c.lumaX[1])
		}
		if t = c.chromaY[at]; at == 0 || t != c.chromaY[at-1] {
			blendRows(l.rowU, f.U[int(t.low)*f.StrideUV:], f.U[int(t.high)*f.StrideUV:], t.weight)
			blendRows(l.rowV, f.V[int(t.low)*f.StrideUV:], f.V[int(t.high)*f.StrideUV:], t.weight)
			blendColumns(l.u, l.rowU, &c.chromaX)
			blendColumns(l.v, l.rowV, &c.chromaX)
		}
		colourRow(row[4*c.left:4*c.right], l, &c.matrix)
	}
}

// rowMatrixOf is a frame's matrix for samples that are levels times 2^15, with
// which colourRow makes levels, rounded to the nearest.
func rowMatrixOf(f *frame.Frame) [8]float32 {
	const unit = 1 << 15
	m := matrixOf(f)
	gain := 255 * m.lumaGain
	redV, greenU, greenV, blueU := 255*m.redV*m.chromaGain, 255*m.greenU*m.chromaGain, 255*m.greenV*m.chromaGain, 255*m.blueU*m.chromaGain
	base := 0.5 - m.lumaOffset*gain
	return [8]float32{
		float32(gain / unit), float32(redV / unit), float32(greenU / unit), float32(greenV / unit), float32(blueU / unit),
		float32(base - 128*redV), float32(base - 128*(greenU+greenV)), float32(base - 128*blueU),
	}
}

// roundCorners fades the corners out over one pixel: all four channels where
// colours are premultiplied, else alpha alone.
func roundCorners(img *image.RGBA, radius float64, premultiplied bool) {
	if radius <= 0 {
		return
	}
	width, height := img.Rect.Dx(), img.Rect.Dy()
	reach := min(int(math.Ceil(radius)), min(width, height)/2)
	for y := range reach {
		for x := range reach {
			dx, dy := radius-float64(x)-0.5, radius-float64(y)-0.5
			distance := math.Hypot(max(dx, 0), max(dy, 0)) - radius
			alpha := min(max(0.5-distance, 0), 1)
			if alpha == 1 {
				continue
			}
			for _, at := range [...]int{
				img.PixOffset(x, y), img.PixOffset(width-1-x, y),
				img.PixOffset(x, height-1-y), img.PixOffset(width-1-x, height-1-y),
			} {
				first := 3
				if premultiplied {
					first = 0
				}
				for i := first; i < 4; i++ {
					img.Pix[at+i] = byte(math.Round(float64(img.Pix[at+i]) * alpha))
				}
			}
		}
	}
}

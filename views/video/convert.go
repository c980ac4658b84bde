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

// weightBits is the precision of sample positions. With 8 bits a bilinear
// sample of bytes fits an int32 and errs by less than half a level.
const (
	weightBits = 8
	weightOne  = 1 << weightBits
	// colourBits is the precision of the colour matrix.
	colourBits = 14
)

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
	// Luma has two taps a pixel and axis, a quarter stride to each side of the
	// centre, used when shrinking; otherwise both are the same.
	lumaX, lumaY     [][2]tap
	chromaX, chromaY []tap
	insideX, insideY []bool
	shrinks          bool
}

func (c *converter) prepare(g geometry) {
	if c.of == g {
		return
	}
	c.of = g
	ratioX, ratioY := float64(g.width)/float64(g.outWidth), float64(g.height)/float64(g.outHeight)
	stride := max(ratioX, ratioY)
	if g.fit == Cover {
		stride = min(ratioX, ratioY)
	}
	c.shrinks = stride > 1.5
	quarter := 0.0
	if c.shrinks {
		quarter = stride / 4
	}
	axis := func(out, size int, mirror bool) (luma [][2]tap, chroma []tap, inside []bool) {
		luma, chroma, inside = make([][2]tap, out), make([]tap, out), make([]bool, out)
		for i := range out {
			at := (float64(i)+0.5-float64(out)/2)*stride + float64(size)/2
			inside[i] = at >= 0 && at <= float64(size)
			if mirror {
				at = float64(size) - at
			}
			luma[i] = [2]tap{tapAt(at-quarter, size), tapAt(at+quarter, size)}
			chroma[i] = tapAt(at/2, (size+1)/2)
		}
		return luma, chroma, inside
	}
	c.lumaX, c.chromaX, c.insideX = axis(g.outWidth, g.width, g.mirror)
	c.lumaY, c.chromaY, c.insideY = axis(g.outHeight, g.height, false)
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

// sample is weightOne squared times the blended level.
func sample(top, bottom []byte, x *tap, weightY int32) int32 {
	upper := int32(top[x.low])*(weightOne-x.weight) + int32(top[x.high])*x.weight
	lower := int32(bottom[x.low])*(weightOne-x.weight) + int32(bottom[x.high])*x.weight
	return upper*(weightOne-weightY) + lower*weightY
}

// draw fills dst with f, transparent where f does not reach.
func (c *converter) draw(dst *image.RGBA, f *frame.Frame, d drawing) {
	width, height := dst.Rect.Dx(), dst.Rect.Dy()
	g := geometry{drawing: d, width: f.Width, height: f.Height, outWidth: width, outHeight: height}
	g.radius = 0 // does not move samples
	c.prepare(g)

	m := fixedMatrixOf(f)
	for y := range height {
		row := dst.Pix[y*dst.Stride : y*dst.Stride+4*width]
		if !c.insideY[y] {
			clear(row)
			continue
		}
		lumaA, lumaB, chroma := &c.lumaY[y][0], &c.lumaY[y][1], &c.chromaY[y]
		topA, bottomA := f.Y[int(lumaA.low)*f.StrideY:], f.Y[int(lumaA.high)*f.StrideY:]
		topB, bottomB := f.Y[int(lumaB.low)*f.StrideY:], f.Y[int(lumaB.high)*f.StrideY:]
		topU, bottomU := f.U[int(chroma.low)*f.StrideUV:], f.U[int(chroma.high)*f.StrideUV:]
		topV, bottomV := f.V[int(chroma.low)*f.StrideUV:], f.V[int(chroma.high)*f.StrideUV:]
		for x := range width {
			pixel := row[4*x : 4*x+4 : 4*x+4]
			if !c.insideX[x] {
				clear(pixel)
				continue
			}
			taps := &c.lumaX[x]
			luma := sample(topA, bottomA, &taps[0], lumaA.weight)
			if c.shrinks {
				luma += sample(topA, bottomA, &taps[1], lumaA.weight) +
					sample(topB, bottomB, &taps[0], lumaB.weight) +
					sample(topB, bottomB, &taps[1], lumaB.weight)
				luma >>= 2
			}
			u := sample(topU, bottomU, &c.chromaX[x], chroma.weight)
			v := sample(topV, bottomV, &c.chromaX[x], chroma.weight)
			pixel[0], pixel[1], pixel[2] = m.rgb(luma, u, v)
			pixel[3] = 255
		}
	}
	roundCorners(dst, d.radius)
}

// fixedMatrix is a matrix in integers, for levels times weightOne squared.
type fixedMatrix struct {
	lumaOffset, lumaGain        int64
	redV, greenU, greenV, blueU int64
}

func fixedMatrixOf(f *frame.Frame) fixedMatrix {
	m := matrixOf(f)
	fixed := func(v float64) int64 { return int64(math.Round(v * 255 * (1 << colourBits))) }
	return fixedMatrix{
		lumaOffset: int64(m.lumaOffset),
		lumaGain:   fixed(m.lumaGain),
		redV:       fixed(m.redV * m.chromaGain),
		greenU:     fixed(m.greenU * m.chromaGain),
		greenV:     fixed(m.greenV * m.chromaGain),
		blueU:      fixed(m.blueU * m.chromaGain),
	}
}

func (m *fixedMatrix) rgb(luma, u, v int32) (r, g, b byte) {
	const shift = colourBits + 2*weightBits
	y := (int64(luma)-m.lumaOffset<<(2*weightBits))*m.lumaGain + 1<<(shift-1)
	cb := int64(u) - 128<<(2*weightBits)
	cr := int64(v) - 128<<(2*weightBits)
	return level((y + m.redV*cr) >> shift),
		level((y + m.greenU*cb + m.greenV*cr) >> shift),
		level((y + m.blueU*cb) >> shift)
}

func level(v int64) byte {
	return byte(min(max(v, 0), 255))
}

// roundCorners fades the corners out over one pixel. The image holds
// premultiplied colours, so all four channels fade.
func roundCorners(img *image.RGBA, radius float64) {
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
				for i := range 4 {
					img.Pix[at+i] = byte(math.Round(float64(img.Pix[at+i]) * alpha))
				}
			}
		}
	}
}

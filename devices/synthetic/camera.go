// Package synthetic makes the picture and the sound of people who are not
// there: for tests, demos, and machines without devices. Everything is a
// function of a name, so that each has a look and a voice of its own.
package synthetic

import (
	"context"
	"fmt"
	"hash/fnv"
	"image/color"
	"math"
	"time"

	"parley/devices"
	"parley/devices/internal/pace"
)

// Camera shows somebody in front of a coloured wall, the frame's number in
// digits and as blocks (see DecodeFrame), and the time of day.
type Camera struct {
	pacer  *pace.Pacer
	pool   devices.FramePool
	format devices.VideoFormat
	look   look
	digits glyphs
	wall   *devices.Frame // the part that does not move
	waveX  []byte         // a wave that wanders over the wall
}

// look is what a name makes of a picture, in Y, U, V.
type look struct {
	wallU, wallV   byte
	shirt          color.YCbCr
	skin           color.YCbCr
	hair           color.YCbCr
	phase          float64
	hairOver       float64 // how far down the hair reaches, of the head's radius
	shoulderSpread float64
}

func seed(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return h.Sum64()
}

func lookOf(name string) look {
	s := seed(name)
	hue := float64(s%360) * math.Pi / 180
	ycc := func(r, g, b byte) color.YCbCr {
		y, cb, cr := color.RGBToYCbCr(r, g, b)
		return color.YCbCr{Y: 16 + byte(int(y)*219/255), Cb: cb, Cr: cr}
	}
	skins := []color.YCbCr{ycc(241, 205, 178), ycc(224, 172, 134), ycc(172, 118, 82), ycc(120, 80, 58)}
	hairs := []color.YCbCr{ycc(48, 36, 32), ycc(92, 58, 36), ycc(30, 30, 38), ycc(150, 108, 60)}
	shirts := []color.YCbCr{ycc(52, 92, 168), ycc(176, 74, 82), ycc(62, 132, 104), ycc(220, 214, 200), ycc(96, 84, 150)}
	return look{
		wallU: byte(128 + 22*math.Cos(hue)), wallV: byte(128 + 22*math.Sin(hue)),
		skin: skins[s>>9%uint64(len(skins))], hair: hairs[s>>17%uint64(len(hairs))], shirt: shirts[s>>25%uint64(len(shirts))],
		phase: float64(s>>33%628) / 100, hairOver: 0.15 + float64(s>>40%30)/100, shoulderSpread: 0.9 + float64(s>>47%30)/100,
	}
}

// NewCamera makes the camera of a name. The format is kept as asked, within
// what a frame can be.
func NewCamera(name string, format devices.VideoFormat) (*Camera, error) {
	if format.FrameRate <= 0 || format.FrameRate > 120 {
		return nil, fmt.Errorf("synthetic camera with %d frames a second: %w", format.FrameRate, devices.ErrFormat)
	}
	c := &Camera{pacer: pace.New(time.Second / time.Duration(format.FrameRate)), format: format, look: lookOf(name)}
	var err error
	if c.wall, err = c.pool.Get(format.Width, format.Height); err != nil {
		return nil, fmt.Errorf("synthetic camera: %w", err)
	}
	c.paintWall()
	if c.digits, err = renderDigits(float64(format.Height) / 9); err != nil {
		return nil, err
	}
	return c, nil
}

// ReadFrame waits for the next frame and draws it.
func (c *Camera) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	n, err := c.pacer.Wait(ctx, true)
	if err != nil {
		return nil, err
	}
	f, err := c.pool.Get(c.format.Width, c.format.Height)
	if err != nil {
		return nil, err
	}
	c.Draw(f, n, time.Now())
	return f, nil
}

// Close ends the frames.
func (c *Camera) Close() error {
	c.pacer.Close()
	return nil
}

func (c *Camera) paintWall() {
	f := c.wall
	for y := range f.Height {
		for x := range f.Width {
			dx, dy := float64(x)/float64(f.Width)-0.5, float64(y)/float64(f.Height)-0.4
			f.Y[y*f.StrideY+x] = byte(150 - 90*(dx*dx+dy*dy) - 20*dy)
		}
	}
	for y := range f.ChromaHeight() {
		for x := range f.ChromaWidth() {
			f.U[y*f.StrideUV+x], f.V[y*f.StrideUV+x] = c.look.wallU, c.look.wallV
		}
	}
	c.waveX = make([]byte, 4*f.Width)
	for x := range c.waveX {
		c.waveX[x] = byte(7 + 7*math.Sin(2*math.Pi*float64(x)/float64(f.Width)))
	}
}

// Draw paints frame n into f, which has the camera's size.
func (c *Camera) Draw(f *devices.Frame, n int64, now time.Time) {
	f.Timestamp = time.Duration(n) * time.Second / time.Duration(c.format.FrameRate)
	seconds := f.Timestamp.Seconds()
	shift := int(seconds*40) % f.Width
	for y := range f.Height {
		dst, src := f.Y[y*f.StrideY:][:f.Width], c.wall.Y[y*f.StrideY:][:f.Width]
		wave := c.waveX[(shift+y)%f.Width:][:f.Width]
		for x := range dst {
			dst[x] = src[x] + wave[x]
		}
	}
	copy(f.U, c.wall.U)
	copy(f.V, c.wall.V)
	c.person(f, seconds)
	drawNumber(f, uint16(n))
	// Digits come last, in the middle of the top, where no tile cuts them off.
	label, clock := formatNumber(uint16(n)), formatClock(now)
	gap := f.Height / 12
	x := (f.Width - c.digits.width(label[:]) - gap - c.digits.width(clock[:])) / 2
	c.digits.text(f, label[:], x, f.Height/20)
	c.digits.text(f, clock[:], x+c.digits.width(label[:])+gap, f.Height/20)
}

// person draws head and shoulders, swaying a little.
func (c *Camera) person(f *devices.Frame, seconds float64) {
	w, h := float64(f.Width), float64(f.Height)
	sway := 0.012 * w * math.Sin(seconds*1.1+c.look.phase)
	nod := 0.008 * h * math.Sin(seconds*2.3+c.look.phase)
	cx, cy, r := w/2+sway, h*0.40+nod, h*0.17
	c.ellipse(f, w/2+sway*0.5, h*1.06, h*0.42*c.look.shoulderSpread, h*0.44, c.look.shirt)
	c.ellipse(f, cx, cy+r*1.15, r*0.42, r*0.55, c.look.skin)
	c.ellipse(f, cx, cy-r*0.12, r*0.95, r*1.12, c.look.hair)
	c.ellipse(f, cx, cy+r*c.look.hairOver, r*0.80, r*0.98, c.look.skin)
	dark := color.YCbCr{Y: 40, Cb: 128, Cr: 128}
	open := r * 0.09
	if math.Mod(seconds+c.look.phase, 3.7) < 0.13 {
		open = r * 0.02 // a blink
	}
	c.ellipse(f, cx-r*0.30, cy+r*0.10, r*0.08, open, dark)
	c.ellipse(f, cx+r*0.30, cy+r*0.10, r*0.08, open, dark)
	mouth := 0.03 + 0.06*math.Abs(math.Sin(seconds*7+c.look.phase))*math.Max(0, math.Sin(seconds*1.3+c.look.phase))
	c.ellipse(f, cx, cy+r*0.62, r*0.24, r*mouth, color.YCbCr{Y: 70, Cb: 118, Cr: 160})
}

// ellipse fills an ellipse; its rows need no square root but one.
func (c *Camera) ellipse(f *devices.Frame, cx, cy, rx, ry float64, col color.YCbCr) {
	top, bottom := max(0, int(cy-ry)), min(f.Height-1, int(cy+ry))
	for y := top; y <= bottom; y++ {
		d := (float64(y) + 0.5 - cy) / ry
		if d < -1 || d > 1 {
			continue
		}
		half := rx * math.Sqrt(1-d*d)
		left, right := max(0, int(cx-half+0.5)), min(f.Width, int(cx+half+0.5))
		if left >= right {
			continue
		}
		fill(f.Y[y*f.StrideY+left:y*f.StrideY+right], col.Y)
		if y%2 == 0 {
			l, r := y/2*f.StrideUV+left/2, y/2*f.StrideUV+(right+1)/2
			fill(f.U[l:r], col.Cb)
			fill(f.V[l:r], col.Cr)
		}
	}
}

package devices

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// MaxFrameSide is the longest side of a picture, in pixels, that Parley keeps
// in memory. Anything larger is refused before it is allocated.
const MaxFrameSide = 8192

// Frame is one picture in I420 (planar YCbCr 4:2:0). Rows of a plane lie
// Stride bytes apart, a multiple of 4 and at least the plane's width, so that
// four bytes of a row can be read as one RGBA texel.
//
// A frame is shared by reference count: the one who gets it releases it once,
// and retains it first when handing it to somebody who keeps it. The planes
// may be written only while there is one holder.
type Frame struct {
	Width, Height int // pixels of the Y plane; chroma planes are half, rounded up
	Y, U, V       []byte
	StrideY       int           // bytes
	StrideUV      int           // bytes
	Timestamp     time.Duration // on the source's clock
	FullRange     bool          // luma 0..255 instead of 16..235
	BT709         bool          // colour matrix BT.709 instead of BT.601
	Mirrored      bool          // to be shown mirrored (own preview)

	refs atomic.Int32
	pool *FramePool
}

// ChromaWidth is the width of the U and V planes, in pixels.
func (f *Frame) ChromaWidth() int { return (f.Width + 1) / 2 }

// ChromaHeight is the height of the U and V planes, in pixels.
func (f *Frame) ChromaHeight() int { return (f.Height + 1) / 2 }

// Retain adds a holder and returns the frame.
func (f *Frame) Retain() *Frame {
	if f.refs.Add(1) <= 1 {
		panic("devices: a released frame was retained")
	}
	return f
}

// Release drops a holder; the last one gives the planes back to the pool.
func (f *Frame) Release() {
	switch n := f.refs.Add(-1); {
	case n == 0:
		if f.pool != nil {
			f.pool.put(f)
		}
	case n < 0:
		panic("devices: a frame was released twice")
	}
}

// FramePool recycles frames of one size. When the size changes the old ones
// are left to the garbage collector. It is safe for concurrent use.
type FramePool struct {
	mu            sync.Mutex
	width, height int
	free          []*Frame // the one that was used last at the end
	idle          int      // as many at the front were not needed for a while
	gets          int      // since idle was counted anew
}

const (
	// maxFreeFrames bounds what an idle pool holds on to.
	maxFreeFrames = 8
	// idleGets is after how many pictures those are let go that none of them
	// needed: a machine that stood still for a moment needs more than usual.
	idleGets = 256
)

// Get returns a frame of that size with one holder. The planes hold whatever
// was last in them. A size that is not positive or over MaxFrameSide is an
// ErrFormat.
func (p *FramePool) Get(width, height int) (*Frame, error) {
	if width <= 0 || height <= 0 || width > MaxFrameSide || height > MaxFrameSide {
		return nil, fmt.Errorf("picture of %dx%d, at most %d a side: %w", width, height, MaxFrameSide, ErrFormat)
	}
	p.mu.Lock()
	if p.width != width || p.height != height {
		p.width, p.height = width, height
		p.free, p.idle, p.gets = nil, 0, 0
	}
	if n := len(p.free); n > 0 {
		f := p.free[n-1]
		p.free[n-1] = nil
		p.free = p.free[:n-1]
		p.trim()
		p.mu.Unlock()
		f.refs.Store(1)
		f.Timestamp, f.FullRange, f.BT709, f.Mirrored = 0, false, false, false
		return f, nil
	}
	p.idle = 0
	p.mu.Unlock()
	f := newFrame(width, height)
	f.pool = p
	return f, nil
}

// trim lets go of what was idle, now and then.
func (p *FramePool) trim() {
	p.idle = min(p.idle, len(p.free))
	if p.gets++; p.gets < idleGets {
		return
	}
	p.free = slices.Delete(p.free, 0, p.idle)
	p.idle, p.gets = len(p.free), 0
}

func (p *FramePool) put(f *Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Width == p.width && f.Height == p.height && len(p.free) < maxFreeFrames {
		p.free = append(p.free, f)
	}
}

func newFrame(width, height int) *Frame {
	f := &Frame{Width: width, Height: height}
	// 16 bytes keep every row aligned for SIMD readers, and divide by 4.
	f.StrideY = (width + 15) &^ 15
	f.StrideUV = (f.ChromaWidth() + 15) &^ 15
	ySize, cSize := f.StrideY*height, f.StrideUV*f.ChromaHeight()
	buf := make([]byte, ySize+2*cSize)
	f.Y = buf[:ySize:ySize]
	f.U = buf[ySize : ySize+cSize : ySize+cSize]
	f.V = buf[ySize+cSize:]
	f.refs.Store(1)
	return f
}

// CopyPlane copies rows of width bytes between planes of different strides.
func CopyPlane(dst []byte, dstStride int, src []byte, srcStride, width, height int) {
	for row := range height {
		copy(dst[row*dstStride:row*dstStride+width], src[row*srcStride:row*srcStride+width])
	}
}

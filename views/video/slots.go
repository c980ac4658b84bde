package video

import (
	"fmt"
	"image"

	"parley/session/frame"
)

// headersPerBlock is how many frames a slot shows before it takes fresh image
// headers.
const headersPerBlock = 64

// planes are the three textures of one frame: headers over its bytes.
type planes [3]image.RGBA

// slot owns one shader name. Fyne keeps the program and the textures of a
// name for as long as the window lives, so names are few and used again.
type slot struct {
	name string
	// Fyne uploads a texture only when its image pointer differs from the one
	// uploaded last, while pooled frames bring the same bytes round again. A
	// block hands out each header once: nobody but the painter knows which was
	// uploaded, and when it does not paint for a while (a minimised window) a
	// ring would come back to just that pointer and show an old picture.
	block []planes
	next  int
}

// headers returns image headers over f that the painter has not seen.
func (s *slot) headers(f *frame.Frame) *planes {
	if s.next == len(s.block) {
		s.block, s.next = make([]planes, headersPerBlock), 0
	}
	p := &s.block[s.next]
	s.next++
	setTexels(&p[0], f.Y, f.StrideY, f.Height)
	setTexels(&p[1], f.U, f.StrideUV, f.ChromaHeight())
	setTexels(&p[2], f.V, f.StrideUV, f.ChromaHeight())
	return p
}

// setTexels lays an RGBA image over a plane: four samples are one texel.
func setTexels(img *image.RGBA, plane []byte, stride, rows int) {
	img.Pix = plane[:stride*rows]
	img.Stride = stride
	img.Rect = image.Rect(0, 0, stride/4, rows)
}

// slots hands out shader names, the lowest free one first. It belongs to the
// UI thread.
type slots struct {
	free []*slot
	made int
}

func (s *slots) acquire() *slot {
	if n := len(s.free); n > 0 {
		got := s.free[n-1]
		s.free = s.free[:n-1]
		return got
	}
	s.made++
	return &slot{name: fmt.Sprintf("parley-i420-%d", s.made)}
}

func (s *slots) release(sl *slot) { s.free = append(s.free, sl) }

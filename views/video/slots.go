package video

import (
	"fmt"
	"image"
)

// headersPerBlock is how many pictures a slot shows before it takes fresh image
// headers; three times as few where a picture is three planes.
const headersPerBlock = 192

// slot owns one shader name. Fyne keeps the program and the textures of a
// name for as long as the window lives, so names are few and used again.
type slot struct {
	name string
	// Fyne uploads a texture only when its image pointer differs from the one
	// uploaded last, while pooled frames bring the same bytes round again. A
	// block hands out each header once: nobody but the painter knows which was
	// uploaded, and when it does not paint for a while (a minimised window) a
	// ring would come back to just that pointer and show an old picture.
	block []image.RGBA
	next  int
}

// header returns an image header that the painter has not seen.
func (s *slot) header() *image.RGBA {
	if s.next == len(s.block) {
		s.block, s.next = make([]image.RGBA, headersPerBlock), 0
	}
	h := &s.block[s.next]
	s.next++
	return h
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
	prefix string
	free   []*slot
	made   int
}

func (s *slots) acquire() *slot {
	if n := len(s.free); n > 0 {
		got := s.free[n-1]
		s.free = s.free[:n-1]
		return got
	}
	s.made++
	return &slot{name: fmt.Sprint(s.prefix, s.made)}
}

func (s *slots) release(sl *slot) { s.free = append(s.free, sl) }

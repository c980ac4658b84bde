package video

/*
#cgo CFLAGS: -O3
#include "kernel.h"
*/
import "C"

import (
	"slices"
	"unsafe"
)

const (
	// rowSlack is how many samples are read after a row's last, with no weight.
	rowSlack = 1 + window
	// window is how many samples are read at once, for group columns.
	window = 8
	group  = 4
)

// columns are the taps of an image's columns. What is read beside low is the
// sample after it, at the end of a row with no weight. window, shuffle and pairs
// say the same for groups of columns: see kernel.h.
type columns struct {
	low     []int32
	weight  []uint16
	window  []int32
	shuffle []byte
	pairs   []int16
}

func (c *columns) add(t tap) {
	c.low, c.weight = append(c.low, t.low), append(c.weight, uint16(t.weight))
}

// gather puts columns into groups, an even number of them, unless they lie too far
// apart for that.
func (c *columns) gather() {
	n := len(c.low)
	for first := 0; first < n || len(c.window)%2 != 0; first += group {
		low := c.low[min(first, n):min(first+group, n)]
		begin := int32(0)
		if len(low) > 0 {
			begin = slices.Min(low)
			if slices.Max(low)+1-begin >= window {
				c.window, c.shuffle, c.pairs = nil, nil, nil
				return
			}
		}
		c.window = append(c.window, begin)
		for i := range group {
			at, weight := byte(0), int16(0)
			if i < len(low) {
				at, weight = byte(2*(low[i]-begin)), int16(c.weight[first+i])
			}
			c.shuffle = append(c.shuffle, at, at+1, at+2, at+3)
			c.pairs = append(c.pairs, weightOne-weight, weight)
		}
	}
}

// lines are the samples of one row of the picture on their way: blended from two
// rows, then brought to the columns of the image.
type lines struct {
	rowY, rowU, rowV []uint16
	y, u, v          []float32
}

// reserve makes room for a picture's width, its chroma's and the image's.
func (l *lines) reserve(width, chroma, out int) {
	if len(l.rowY) != width+rowSlack || len(l.rowU) != chroma+rowSlack {
		l.rowY, l.rowU, l.rowV = make([]uint16, width+rowSlack), make([]uint16, chroma+rowSlack), make([]uint16, chroma+rowSlack)
	}
	out += -out & (2*group - 1) // two groups are written at once
	if len(l.y) != out {
		l.y, l.u, l.v = make([]float32, out), make([]float32, out), make([]float32, out)
	}
}

// blendRows reads between two rows. row has room for rowSlack samples more than
// it reads.
func blendRows(row []uint16, top, bottom []byte, weight int32) {
	n := len(row) - rowSlack
	_, _ = top[n-1], bottom[n-1] // C checks nothing
	C.blend_rows((*C.uint16_t)(&row[0]), (*C.uint8_t)(&top[0]), (*C.uint8_t)(&bottom[0]), C.uint16_t(weight), C.int(n))
}

// meanRows is the mean of what row holds and another blend.
func meanRows(row []uint16, top, bottom []byte, weight int32) {
	n := len(row) - rowSlack
	_, _ = top[n-1], bottom[n-1]
	C.mean_rows((*C.uint16_t)(&row[0]), (*C.uint8_t)(&top[0]), (*C.uint8_t)(&bottom[0]), C.uint16_t(weight), C.int(n))
}

// blendColumns reads a row at columns, which lie in it.
func blendColumns(out []float32, row []uint16, at *columns) {
	C.blend_columns((*C.float)(&out[0]), (*C.uint16_t)(&row[0]), (*C.int32_t)(&at.low[0]), (*C.uint16_t)(&at.weight[0]),
		(*C.int32_t)(unsafe.SliceData(at.window)), (*C.uint8_t)(unsafe.SliceData(at.shuffle)), (*C.int16_t)(unsafe.SliceData(at.pairs)), C.int(len(at.low)))
}

// meanColumns is the mean of what out holds and another blend.
func meanColumns(out []float32, row []uint16, at *columns) {
	C.mean_columns((*C.float)(&out[0]), (*C.uint16_t)(&row[0]), (*C.int32_t)(&at.low[0]), (*C.uint16_t)(&at.weight[0]),
		(*C.int32_t)(unsafe.SliceData(at.window)), (*C.uint8_t)(unsafe.SliceData(at.shuffle)), (*C.int16_t)(unsafe.SliceData(at.pairs)), C.int(len(at.low)))
}

// colourRow makes pixels of samples, of which there are as many.
func colourRow(pixels []byte, l *lines, m *[8]float32) {
	n := len(pixels) / 4
	_, _, _ = l.y[n-1], l.u[n-1], l.v[n-1]
	C.colour_row((*C.uint32_t)(unsafe.Pointer(&pixels[0])), (*C.float)(&l.y[0]), (*C.float)(&l.u[0]), (*C.float)(&l.v[0]), (*C.float)(&m[0]), C.int(n))
}

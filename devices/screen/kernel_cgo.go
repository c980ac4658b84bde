//go:build cgo

package screen

/*
#cgo CFLAGS: -O3
#include "kernel.h"
*/
import "C"

import "unsafe"

// The functions of this file do in C what kernel_go.go does in Go. A row of
// pixels begins at a multiple of four bytes.

func convertPair(yTop, yBottom, u, v, top, bottom []byte) {
	n := len(u)
	if n == 0 {
		return
	}
	// C checks nothing.
	_, _, _, _, _ = yTop[2*n-1], yBottom[2*n-1], v[n-1], top[8*n-1], bottom[8*n-1]
	C.convert_pair((*C.uint8_t)(&yTop[0]), (*C.uint8_t)(&yBottom[0]), (*C.uint8_t)(&u[0]), (*C.uint8_t)(&v[0]),
		(*C.uint32_t)(unsafe.Pointer(&top[0])), (*C.uint32_t)(unsafe.Pointer(&bottom[0])), C.int(n))
}

func addRow(sums []uint16, row []byte, weight uint32) {
	if n := min(len(sums), len(row)); n > 0 {
		C.add_row((*C.uint16_t)(&sums[0]), (*C.uint8_t)(&row[0]), C.uint16_t(weight), C.int(n))
	}
}

func meanRow(dst []byte, sums []uint16, s *spans) {
	n := len(s.first)
	if n == 0 {
		return
	}
	_, _ = dst[pixelBytes*n-1], sums[pixelBytes*s.size-1]
	C.mean_row((*C.uint8_t)(&dst[0]), (*C.uint16_t)(&sums[0]), (*C.int32_t)(&s.first[0]), (*C.int32_t)(&s.begin[0]), (*C.uint32_t)(&s.weights[0]), C.int(n))
}

package vpx

/*
#cgo CFLAGS: -O3
#include <stdlib.h>
#include <string.h>

static void halve_plane(unsigned char *restrict dst, int dst_stride, const unsigned char *restrict src, int src_stride, int w, int h) {
	for (int y = 0; y < h; y++) {
		const unsigned char *a = src + (size_t)(2 * y) * src_stride, *b = a + src_stride;
		unsigned char *d = dst + (size_t)y * dst_stride;
		for (int x = 0; x < w; x++) d[x] = (a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) >> 2;
	}
}

// Each pixel is the mean of the area that it covers, to 1/256 of a pixel. sums
// has room for a row of the source, edges for one of the result and one more.
static void shrink_plane(unsigned char *restrict dst, int dst_stride, int dw, int dh,
		const unsigned char *restrict src, int src_stride, int sw, int sh, unsigned *restrict sums, int *restrict edges) {
	for (int x = 0; x <= dw; x++) edges[x] = (int)((long long)x * sw * 256 / dw);
	for (int y = 0; y < dh; y++) {
		long long top = (long long)y * sh * 256 / dh, bottom = (long long)(y + 1) * sh * 256 / dh;
		int first = top >> 8, last = (bottom - 1) >> 8;
		memset(sums, 0, sizeof *sums * sw);
		for (int row = first; row <= last; row++) {
			long long from = (long long)row * 256, to = from + 256;
			unsigned part = (unsigned)((to < bottom ? to : bottom) - (from > top ? from : top));
			const unsigned char *s = src + (size_t)row * src_stride;
			for (int x = 0; x < sw; x++) sums[x] += part * s[x];
		}
		float high = (float)(bottom - top);
		unsigned char *d = dst + (size_t)y * dst_stride;
		for (int x = 0; x < dw; x++) {
			int left = edges[x], right = edges[x + 1], i = left >> 8;
			float sum = 0;
			for (; left < right; i++) {
				int end = (i + 1) * 256 < right ? (i + 1) * 256 : right;
				sum += (float)sums[i] * (float)(end - left);
				left = end;
			}
			d[x] = (unsigned char)(sum / (high * (float)(right - edges[x])) + 0.5f);
		}
	}
}

static void parley_shrink(unsigned char *dst, int dst_stride, int dw, int dh,
		const unsigned char *src, int src_stride, int sw, int sh, unsigned *sums, int *edges) {
	if (sw == 2 * dw && sh == 2 * dh) halve_plane(dst, dst_stride, src, src_stride, dw, dh);
	else shrink_plane(dst, dst_stride, dw, dh, src, src_stride, sw, sh, sums, edges);
}
*/
import "C"

import (
	"fmt"

	"parley/devices"
)

// Scaler makes pictures smaller, into pooled frames. Each pixel is the mean of
// the area that it covers. It is not safe for concurrent use.
type Scaler struct {
	pool  devices.FramePool
	sums  []C.uint
	edges []C.int
}

// Shrink gives f in a size of at most its own, which the caller releases. The
// error is devices.ErrFormat for a size that is larger, or none.
func (s *Scaler) Shrink(f *devices.Frame, width, height int) (*devices.Frame, error) {
	if width > f.Width || height > f.Height {
		return nil, fmt.Errorf("shrink %dx%d to %dx%d: %w", f.Width, f.Height, width, height, devices.ErrFormat)
	}
	small, err := s.pool.Get(width, height)
	if err != nil {
		return nil, err
	}
	if len(s.sums) < f.Width {
		s.sums, s.edges = make([]C.uint, f.Width), make([]C.int, f.Width+1)
	}
	plane := func(dst []byte, dstStride, dw, dh int, src []byte, srcStride, sw, sh int) {
		C.parley_shrink((*C.uchar)(&dst[0]), C.int(dstStride), C.int(dw), C.int(dh), (*C.uchar)(&src[0]), C.int(srcStride), C.int(sw), C.int(sh), &s.sums[0], &s.edges[0])
	}
	plane(small.Y, small.StrideY, width, height, f.Y, f.StrideY, f.Width, f.Height)
	plane(small.U, small.StrideUV, small.ChromaWidth(), small.ChromaHeight(), f.U, f.StrideUV, f.ChromaWidth(), f.ChromaHeight())
	plane(small.V, small.StrideUV, small.ChromaWidth(), small.ChromaHeight(), f.V, f.StrideUV, f.ChromaWidth(), f.ChromaHeight())
	small.Timestamp, small.FullRange, small.BT709, small.Mirrored = f.Timestamp, f.FullRange, f.BT709, f.Mirrored
	return small, nil
}

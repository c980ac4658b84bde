package video

/*
#cgo CFLAGS: -O3
#include <stdint.h>

// Levels of blended rows are times 256, those of blended columns times 65536.

static void blend_rows(uint16_t *restrict out, const uint8_t *restrict top, const uint8_t *restrict bottom, uint16_t weight, int n) {
	uint16_t rest = (uint16_t)(256 - weight);
	for (int i = 0; i < n; i++) out[i] = (uint16_t)(top[i] * rest + bottom[i] * weight);
	out[n] = out[n - 1]; // read with no weight
}

static void mean_rows(uint16_t *restrict out, const uint8_t *restrict top, const uint8_t *restrict bottom, uint16_t weight, int n) {
	uint16_t rest = (uint16_t)(256 - weight);
	for (int i = 0; i < n; i++) {
		uint16_t more = (uint16_t)(top[i] * rest + bottom[i] * weight), had = out[i];
		out[i] = (uint16_t)((had & more) + ((had ^ more) >> 1));
	}
	out[n] = out[n - 1];
}

static void blend_columns(float *restrict out, const uint16_t *restrict row, const int32_t *restrict low, const uint16_t *restrict weight, int n) {
	for (int i = 0; i < n; i++) {
		uint32_t left = row[low[i]], right = row[low[i] + 1];
		out[i] = (float)(int32_t)((left * (256u - weight[i]) + right * weight[i]) >> 1);
	}
}

static void mean_columns(float *restrict out, const uint16_t *restrict row, const int32_t *restrict low, const uint16_t *restrict weight, int n) {
	for (int i = 0; i < n; i++) {
		uint32_t left = row[low[i]], right = row[low[i] + 1];
		out[i] = 0.5f * (out[i] + (float)(int32_t)((left * (256u - weight[i]) + right * weight[i]) >> 1));
	}
}

static float level(float v) {
	v = v < 255.0f ? v : 255.0f;
	return v > 0.0f ? v : 0.0f;
}

// m: luma gain, V in red, U in green, V in green, U in blue, then what is added
// to red, green and blue.
static void colour_row(uint32_t *restrict dst, const float *restrict y, const float *restrict u, const float *restrict v, const float *restrict m, int n) {
	float gain = m[0], rv = m[1], gu = m[2], gv = m[3], bu = m[4], r0 = m[5], g0 = m[6], b0 = m[7];
	for (int i = 0; i < n; i++) {
		float luma = y[i] * gain;
		uint32_t r = (uint32_t)(int32_t)level(luma + rv * v[i] + r0);
		uint32_t g = (uint32_t)(int32_t)level(luma + gu * u[i] + gv * v[i] + g0);
		uint32_t b = (uint32_t)(int32_t)level(luma + bu * u[i] + b0);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		uint8_t *p = (uint8_t *)&dst[i];
		p[0] = (uint8_t)r, p[1] = (uint8_t)g, p[2] = (uint8_t)b, p[3] = 255;
#else
		dst[i] = r | g << 8 | b << 16 | 0xff000000u;
#endif
	}
}
*/
import "C"

import "unsafe"

// lines are the samples of one row of the picture on their way: blended from two
// rows, then brought to the columns of the image.
type lines struct {
	rowY, rowU, rowV []uint16
	y, u, v          []float32
}

// reserve makes room for a picture's width, its chroma's and the image's.
func (l *lines) reserve(width, chroma, out int) {
	if len(l.rowY) != width+1 || len(l.rowU) != chroma+1 {
		l.rowY, l.rowU, l.rowV = make([]uint16, width+1), make([]uint16, chroma+1), make([]uint16, chroma+1)
	}
	if len(l.y) != out {
		l.y, l.u, l.v = make([]float32, out), make([]float32, out), make([]float32, out)
	}
}

// blendRows reads between two rows. row has room for one sample more than it
// reads.
func blendRows(row []uint16, top, bottom []byte, weight int32) {
	n := len(row) - 1
	_, _ = top[n-1], bottom[n-1] // C checks nothing
	C.blend_rows((*C.uint16_t)(&row[0]), (*C.uint8_t)(&top[0]), (*C.uint8_t)(&bottom[0]), C.uint16_t(weight), C.int(n))
}

// meanRows is the mean of what row holds and another blend.
func meanRows(row []uint16, top, bottom []byte, weight int32) {
	n := len(row) - 1
	_, _ = top[n-1], bottom[n-1]
	C.mean_rows((*C.uint16_t)(&row[0]), (*C.uint8_t)(&top[0]), (*C.uint8_t)(&bottom[0]), C.uint16_t(weight), C.int(n))
}

// blendColumns reads a row at columns, which lie in it.
func blendColumns(out []float32, row []uint16, at *columns) {
	C.blend_columns((*C.float)(&out[0]), (*C.uint16_t)(&row[0]), (*C.int32_t)(&at.low[0]), (*C.uint16_t)(&at.weight[0]), C.int(len(at.low)))
}

// meanColumns is the mean of what out holds and another blend.
func meanColumns(out []float32, row []uint16, at *columns) {
	C.mean_columns((*C.float)(&out[0]), (*C.uint16_t)(&row[0]), (*C.int32_t)(&at.low[0]), (*C.uint16_t)(&at.weight[0]), C.int(len(at.low)))
}

// colourRow makes pixels of samples, of which there are as many.
func colourRow(pixels []byte, l *lines, m *[8]float32) {
	n := len(pixels) / 4
	_, _, _ = l.y[n-1], l.u[n-1], l.v[n-1]
	C.colour_row((*C.uint32_t)(unsafe.Pointer(&pixels[0])), (*C.float)(&l.y[0]), (*C.float)(&l.u[0]), (*C.float)(&l.v[0]), (*C.float)(&m[0]), C.int(n))
}

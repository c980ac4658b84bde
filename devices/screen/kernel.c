// The loops over pixels, for the compiler to vectorize.
#include "kernel.h"
#include <string.h>

// Where the loader can choose, newer processors get wider vectors.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

// The matrix of BT.601 with limited range, in 1/65536. The chroma rows add up
// to zero, so that grey stays grey.
static inline uint8_t luma(uint32_t p) {
	return ((p & 255) * 6416u + (p >> 8 & 255) * 33039u + (p >> 16 & 255) * 16829u + (16u << 16) + (1u << 15)) >> 16;
}

// convert_pair takes two rows of 2n pixels.
WIDE void convert_pair(uint8_t *restrict y_top, uint8_t *restrict y_bottom, uint8_t *restrict u, uint8_t *restrict v,
                       const uint32_t *restrict top, const uint32_t *restrict bottom, int n) {
	for (int i = 0; i < 2 * n; i++)
		y_top[i] = luma(top[i]);
	for (int i = 0; i < 2 * n; i++)
		y_bottom[i] = luma(bottom[i]);
	for (int i = 0; i < n; i++) {
		uint32_t a = top[2 * i], b = top[2 * i + 1], c = bottom[2 * i], d = bottom[2 * i + 1];
		const uint32_t sides = 0xff00ff;
		uint32_t both = (a & sides) + (b & sides) + (c & sides) + (d & sides);
		int32_t blue = both & 0xffff, red = both >> 16;
		int32_t green = (a >> 8 & 255) + (b >> 8 & 255) + (c >> 8 & 255) + (d >> 8 & 255);
		// Of the sum of four pixels, so in 1/2^18.
		const int32_t base = (128 << 18) + (1 << 17);
		u[i] = (-9714 * red - 19070 * green + 28784 * blue + base) >> 18;
		v[i] = (28784 * red - 24103 * green - 4681 * blue + base) >> 18;
	}
}

// add_row adds n weighted bytes. All weights of a sum make 256 at most.
WIDE void add_row(uint16_t *restrict sums, const uint8_t *restrict row, uint16_t weight, int n) {
	for (int i = 0; i < n; i++)
		sums[i] += row[i] * weight;
}

// mean_row makes n pixels of sums of four bytes a pixel. Pixel i has the
// weights from begin[i] to begin[i+1], for the sums from first[i] on.
void mean_row(uint8_t *restrict dst, const uint16_t *restrict sums, const int32_t *restrict first, const int32_t *restrict begin,
              const uint32_t *restrict weights, int n) {
	for (int i = 0; i < n; i++) {
		const uint16_t *s = sums + 4 * first[i];
		// Two sums of 24 bits in each: the compiler finds no vectors here.
		uint64_t even = 1ull << 47 | 1 << 15, odd = even;
		for (int k = begin[i]; k < begin[i + 1]; k++, s += 4) {
			uint64_t pixel;
			memcpy(&pixel, s, sizeof pixel);
			even += (pixel & 0x0000ffff0000ffff) * weights[k];
			odd += (pixel >> 16 & 0x0000ffff0000ffff) * weights[k];
		}
		// Of big-endian machines there is none with these screens.
		uint32_t out = (even >> 16 & 255) | (odd >> 16 & 255) << 8 | (even >> 48 & 255) << 16 | (odd >> 48 & 255) << 24;
		memcpy(dst + 4 * i, &out, sizeof out);
	}
}

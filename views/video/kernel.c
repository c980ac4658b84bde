#include "kernel.h"

// Levels of blended rows are times 256, those of blended columns times 32768. All
// ways to compute them give the same.

// Each loop is there for any processor, and on x86-64 once more for those with
// registers of 256 bits.
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define WIDE __attribute__((target("avx2")))
#define HAS_WIDE __builtin_cpu_supports("avx2")
#else
#define WIDE
#define HAS_WIDE 0
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE uint16_t blend(uint8_t top, uint8_t bottom, uint16_t weight) {
	return (uint16_t)(top * (uint16_t)(256 - weight) + bottom * weight);
}

INLINE void blend_loop(uint16_t *restrict out, const uint8_t *restrict top, const uint8_t *restrict bottom, uint16_t weight, int n) {
	for (int i = 0; i < n; i++) out[i] = blend(top[i], bottom[i], weight);
	out[n] = out[n - 1]; // read with no weight
}

INLINE void mean_loop(uint16_t *restrict out, const uint8_t *restrict top, const uint8_t *restrict bottom, uint16_t weight, int n) {
	for (int i = 0; i < n; i++) {
		uint16_t more = blend(top[i], bottom[i], weight), had = out[i];
		out[i] = (uint16_t)((had & more) + ((had ^ more) >> 1));
	}
	out[n] = out[n - 1];
}

INLINE float level(float v) {
	v = v < 255.0f ? v : 255.0f;
	return v > 0.0f ? v : 0.0f;
}

// m: luma gain, V in red, U in green, V in green, U in blue, then what is added
// to red, green and blue.
INLINE void colour_loop(uint32_t *restrict dst, const float *restrict y, const float *restrict u, const float *restrict v, const float *restrict m, int n) {
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

INLINE float column(const uint16_t *row, int32_t low, uint32_t weight) {
	uint32_t left = row[low], right = row[low + 1];
	return (float)(int32_t)((left * (256u - weight) + right * weight) >> 1);
}

INLINE void columns_loop(float *restrict out, const uint16_t *restrict row, const int32_t *restrict low, const uint16_t *restrict weight, int n, int mean) {
	for (int i = 0; i < n; i++) {
		float v = column(row, low[i], weight[i]);
		out[i] = mean ? 0.5f * (out[i] + v) : v;
	}
}

#if defined(__x86_64__) && defined(__GNUC__)
// columns_near reads eight columns at once. Samples have no sign and what is
// multiplied has one: they are lowered by half of their range before, and the sum,
// whose weights are 256, by as much times 256.
WIDE INLINE void columns_near(float *restrict out, const uint16_t *restrict row, const int32_t *restrict window, const uint8_t *restrict shuffle, const int16_t *restrict pairs, int n, int mean) {
	const __m256i half = _mm256_set1_epi16((short)0x8000), back = _mm256_set1_epi32(0x8000 * 256);
	for (int group = 0; 4 * group < n; group += 2) {
		__m128i first = _mm_loadu_si128((const __m128i *)(row + window[group]));
		__m128i second = _mm_loadu_si128((const __m128i *)(row + window[group + 1]));
		__m256i samples = _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
		samples = _mm256_shuffle_epi8(samples, _mm256_loadu_si256((const __m256i *)(shuffle + 16 * group)));
		__m256i sums = _mm256_madd_epi16(_mm256_xor_si256(samples, half), _mm256_loadu_si256((const __m256i *)(pairs + 8 * group)));
		__m256 v = _mm256_cvtepi32_ps(_mm256_srli_epi32(_mm256_add_epi32(sums, back), 1));
		if (mean) v = _mm256_mul_ps(_mm256_set1_ps(0.5f), _mm256_add_ps(_mm256_loadu_ps(out + 4 * group), v));
		_mm256_storeu_ps(out + 4 * group, v);
	}
}

WIDE static void blend_near(float *out, const uint16_t *row, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n) { columns_near(out, row, window, shuffle, pairs, n, 0); }
WIDE static void mean_near(float *out, const uint16_t *row, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n) { columns_near(out, row, window, shuffle, pairs, n, 1); }
#else
static void blend_near(float *out, const uint16_t *row, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n) {}
static void mean_near(float *out, const uint16_t *row, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n) {}
#endif

WIDE static void blend_wide(uint16_t *out, const uint8_t *top, const uint8_t *bottom, uint16_t weight, int n) { blend_loop(out, top, bottom, weight, n); }
WIDE static void mean_wide(uint16_t *out, const uint8_t *top, const uint8_t *bottom, uint16_t weight, int n) { mean_loop(out, top, bottom, weight, n); }
WIDE static void colour_wide(uint32_t *dst, const float *y, const float *u, const float *v, const float *m, int n) { colour_loop(dst, y, u, v, m, n); }

void blend_rows(uint16_t *out, const uint8_t *top, const uint8_t *bottom, uint16_t weight, int n) {
	if (HAS_WIDE) blend_wide(out, top, bottom, weight, n);
	else blend_loop(out, top, bottom, weight, n);
}

void mean_rows(uint16_t *out, const uint8_t *top, const uint8_t *bottom, uint16_t weight, int n) {
	if (HAS_WIDE) mean_wide(out, top, bottom, weight, n);
	else mean_loop(out, top, bottom, weight, n);
}

void blend_columns(float *out, const uint16_t *row, const int32_t *low, const uint16_t *weight, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n) {
	if (HAS_WIDE && window) blend_near(out, row, window, shuffle, pairs, n);
	else columns_loop(out, row, low, weight, n, 0);
}

void mean_columns(float *out, const uint16_t *row, const int32_t *low, const uint16_t *weight, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n) {
	if (HAS_WIDE && window) mean_near(out, row, window, shuffle, pairs, n);
	else columns_loop(out, row, low, weight, n, 1);
}

void colour_row(uint32_t *dst, const float *y, const float *u, const float *v, const float *m, int n) {
	if (HAS_WIDE) colour_wide(dst, y, u, v, m, n);
	else colour_loop(dst, y, u, v, m, n);
}

//go:build linux && pipewire

#include "pixels.h"

#include <string.h>

#include <spa/buffer/meta.h>

bool view_turned(const struct view *v) {
	switch (v->transform) {
	case SPA_META_TRANSFORMATION_90:
	case SPA_META_TRANSFORMATION_270:
	case SPA_META_TRANSFORMATION_Flipped90:
	case SPA_META_TRANSFORMATION_Flipped270:
		return true;
	}
	return false;
}

static inline uint32_t blue_first(uint32_t p) { return (p & 0xff00ff00) | (p & 0xff) << 16 | (p >> 16 & 0xff); }

static void copy_turned(const struct view *v, uint8_t *dst) {
	int32_t w = v->width, h = v->height;
	bool turned = view_turned(v);
	int32_t width = turned ? h : w, height = turned ? w : h;
	for (int32_t y = 0; y < height; y++) {
		for (int32_t x = 0; x < width; x++, dst += 4) {
			// A picture is turned against the clock, then flipped: this goes back.
			int32_t tx = v->transform & 4 ? width - 1 - x : x;
			int32_t sx = tx, sy = y;
			switch (v->transform & 3) {
			case 1: sx = y, sy = h - 1 - tx; break;
			case 2: sx = w - 1 - tx, sy = h - 1 - y; break;
			case 3: sx = w - 1 - y, sy = tx; break;
			}
			memcpy(dst, v->pixels + (int64_t)sy * v->stride + 4 * (int64_t)sx, 4);
		}
	}
}

void view_copy(const struct view *v, uint8_t *dst) {
	int64_t row = 4 * (int64_t)v->width;
	if (v->transform != SPA_META_TRANSFORMATION_None) {
		copy_turned(v, dst);
	} else {
		for (int32_t y = 0; y < v->height; y++)
			memcpy(dst + y * row, v->pixels + (int64_t)y * v->stride, row);
	}
	if (!v->red_first)
		return;
	for (int64_t i = 0; i < row * v->height; i += 4) {
		uint32_t p;
		memcpy(&p, dst + i, 4);
		p = blue_first(p);
		memcpy(dst + i, &p, 4);
	}
}

#include <stdbool.h>
#include <stdint.h>

// A view is a part of a picture in somebody's memory, with four bytes a pixel.
struct view {
	const uint8_t *pixels;
	int32_t stride; // bytes
	int32_t width, height;
	uint32_t transform; // enum spa_meta_videotransform_value
	bool red_first;
};

// view_turned reports whether a view is shown with its sides exchanged.
bool view_turned(const struct view *v);

// view_copy copies a view, upright, as pixels with blue first and no gaps.
void view_copy(const struct view *v, uint8_t *dst);

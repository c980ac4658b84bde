#include <stdint.h>

void blend_rows(uint16_t *out, const uint8_t *top, const uint8_t *bottom, uint16_t weight, int n);
void mean_rows(uint16_t *out, const uint8_t *top, const uint8_t *bottom, uint16_t weight, int n);

// Columns of an image read a row between the sample at low and the one after it,
// whose weight is of 256. window, shuffle and pairs say the same for four columns at
// a time that lie within eight samples: where those begin, which bytes of them are
// the two samples of each column, and the two weights. window is null where columns
// lie further apart.
void blend_columns(float *out, const uint16_t *row, const int32_t *low, const uint16_t *weight, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n);
void mean_columns(float *out, const uint16_t *row, const int32_t *low, const uint16_t *weight, const int32_t *window, const uint8_t *shuffle, const int16_t *pairs, int n);

void colour_row(uint32_t *dst, const float *y, const float *u, const float *v, const float *m, int n);

#include <stdint.h>

void convert_pair(uint8_t *y_top, uint8_t *y_bottom, uint8_t *u, uint8_t *v, const uint32_t *top, const uint32_t *bottom, int n);
void add_row(uint16_t *sums, const uint8_t *row, uint16_t weight, int n);
void mean_row(uint8_t *dst, const uint16_t *sums, const int32_t *first, const int32_t *begin, const uint32_t *weights, int n);

#pragma once
#include <stdint.h>

// gdi takes pictures of screens and windows by GDI. One thread at a time may use it.
typedef struct gdi gdi;

// gdi_rect lies on the desktop, in pixels.
typedef struct {
	int32_t x, y, width, height;
} gdi_rect;

enum { gdi_name_size = 32, gdi_title_size = 256 };

typedef struct {
	uint16_t name[gdi_name_size]; // UTF-16, ends with 0
	gdi_rect place;
	int32_t primary;
} gdi_monitor;

typedef struct {
	uintptr_t window;
	uint16_t title[gdi_title_size]; // UTF-16, ends with 0
	gdi_rect place;
} gdi_window;

// gdi_monitors and gdi_windows fill at most room of the list, and return how many.
// Windows are those that people see and could share, topmost first.
int gdi_monitors(gdi_monitor *list, int room);
int gdi_windows(gdi_window *list, int room, int smallest);

// What can be told of a window.
enum { gdi_window_gone, gdi_window_hidden, gdi_window_shown };
int gdi_window_state(uintptr_t window, gdi_rect *place);

gdi *gdi_new(void);

// gdi_take_screen and gdi_take_window copy what is there, with the mouse pointer: rows
// from the top, pixels of the bytes blue, green, red and one that means nothing. They
// return NULL where the system gives nothing; else it is valid until the next call.
const uint8_t *gdi_take_screen(gdi *g, gdi_rect place);
const uint8_t *gdi_take_window(gdi *g, uintptr_t window, gdi_rect place, int *stride);

void gdi_free(gdi *g);

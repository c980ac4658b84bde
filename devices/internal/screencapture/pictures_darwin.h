#pragma once
#include "content_darwin.h"

// sc_pictures is what a screen or window shows, with the mouse pointer. One thread at a
// time may use it.
typedef struct sc_pictures sc_pictures;

// sc_pictures_open takes at most rate pictures a second, within width by height, and waits
// for the begin.
sc_pictures *sc_pictures_open(uint32_t number, int window, int width, int height, int rate, sc_failure *failure);

typedef struct {
	const uint8_t *pixels; // rows from the top, of blue, green, red and one that means nothing
	int32_t width, height, stride;
} sc_picture;

enum { sc_nothing, sc_new, sc_ended };

// sc_pictures_take gives the newest picture, valid until the next call; nothing where none
// came since. Of an end, failure tells.
int sc_pictures_take(sc_pictures *p, sc_picture *picture, sc_failure *failure);

void sc_pictures_close(sc_pictures *p);

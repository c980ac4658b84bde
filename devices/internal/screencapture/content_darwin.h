#pragma once
#include <stdint.h>

enum { sc_name_size = 512, sc_reason_size = 256 };

// sc_failure is what the system says of something that did not work.
typedef struct {
	int denied; // the user does not let Parley look at the screen
	char reason[sc_reason_size];
} sc_failure;

// sc_source is a screen or window that can be shared.
typedef struct {
	uint32_t id;
	int32_t window;        // else it is a screen
	int32_t width, height; // in pixels
	char name[sc_name_size];
} sc_source;

// sc_version is true where the system is that version of macOS or a later one.
int sc_version(int major, int minor);

// sc_desktop is what could be shared when it was looked at. It is NULL where the system
// does not tell.
typedef struct sc_desktop sc_desktop;
sc_desktop *sc_look(sc_failure *failure);
void sc_forget(sc_desktop *desktop);

// sc_list fills at most room of the list, screens first, and returns how many. Windows
// are those that people see and that are not smaller than smallest.
int sc_list(sc_desktop *desktop, sc_source *list, int room, int smallest);

// sc_photograph takes one picture within width by height, which it sets to what the picture
// has: rows from the top, blue, green, red and alpha, for the caller to free. It is NULL
// where there is none, and before macOS 14.
uint8_t *sc_photograph(sc_desktop *desktop, uint32_t number, int window, int *width, int *height);

// sc_there is true while a screen is connected, or a window open.
int sc_there(uint32_t number, int window);

//go:build linux && pipewire

#include "library.h"
#include "cast.h"

#include <dlfcn.h>

struct library lib;

const char *cast_load(void) {
	// It stays loaded: there may be threads in it that end later.
	void *handle = dlopen("libpipewire-0.3.so.0", RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return dlerror();
#define FIND(name) \
	lib.name = (__typeof__(lib.name))dlsym(handle, #name); \
	if (lib.name == NULL) \
		return dlerror();
	LIBRARY(FIND)
#undef FIND
	lib.pw_init(NULL, NULL);
	return NULL;
}

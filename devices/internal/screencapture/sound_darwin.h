#pragma once
#include "content_darwin.h"

// sc_sound is what all programs but this one play.
typedef struct sc_sound sc_sound;

// sc_sound_open begins in stereo at rate frames a second, and waits for that.
// screencaptureHeard and screencaptureEnded are called with the handle until
// sc_sound_close. It is of macOS 13.
sc_sound *sc_sound_open(uintptr_t handle, int rate, sc_failure *failure);

// sc_sound_close ends it: nothing is called any more when it returns.
void sc_sound_close(sc_sound *s);

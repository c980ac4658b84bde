#pragma once
#include <stdint.h>

// wasapi is a capture of what all programs but this one play. One thread at a time
// may use it.
typedef struct wasapi wasapi;

// wasapi_open begins a capture in stereo at rate frames a second. On failure it is
// NULL, and failed is an HRESULT.
wasapi *wasapi_open(uint32_t rate, int32_t *failed);

// wasapi_next waits for the next packet, at most wait milliseconds, and returns an
// HRESULT. No frames mean that there was none. Samples are NULL where there is silence,
// and else valid until wasapi_release, which each packet needs.
int32_t wasapi_next(wasapi *w, uint32_t wait, const float **samples, uint32_t *frames);
int32_t wasapi_release(wasapi *w, uint32_t frames);

void wasapi_close(wasapi *w);

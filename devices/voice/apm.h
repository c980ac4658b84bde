// A C face of WebRTC's audio processing, whose versions differ.
#ifndef PARLEY_APM_H
#define PARLEY_APM_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct parley_apm parley_apm;

// Processes mono sound of 48 kHz in periods of 10 ms. NULL where it can't be made.
parley_apm *parley_apm_new(void);
void parley_apm_free(parley_apm *apm);
int parley_apm_set(parley_apm *apm, int echo, int noise, int gain);
// What the speaker is about to play, of frames samples.
int parley_apm_render(parley_apm *apm, const float *samples, int frames);
// What the microphone gave, in place. delay_ms is from render to capture.
int parley_apm_capture(parley_apm *apm, float *samples, int frames, int delay_ms);

#ifdef __cplusplus
}
#endif
#endif

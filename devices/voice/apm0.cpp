//go:build apm0

#include "apm.h"

#include <memory>

#include <webrtc/common.h>
#include <webrtc/modules/audio_processing/include/audio_processing.h>

using webrtc::AudioProcessing;
using webrtc::StreamConfig;

struct parley_apm {
  std::unique_ptr<AudioProcessing> apm;
  StreamConfig format{48000, 1, false};
};

namespace {

// No exception may leave C++.
template <typename F>
int guarded(F f) {
  try {
    return f();
  } catch (...) {
    return AudioProcessing::kUnspecifiedError;
  }
}

}  // namespace

parley_apm *parley_apm_new(void) {
  try {
    webrtc::Config config;
    config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
    config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
    // ExperimentalNs stays off: it delays the sound by 6 to 11 ms, for a
    // suppression of typing that wants to be told of each key.
    auto made = std::make_unique<parley_apm>();
    made->apm.reset(AudioProcessing::Create(config));
    if (!made->apm) return nullptr;
    webrtc::ProcessingConfig streams = {{made->format, made->format, made->format, made->format}};
    if (made->apm->Initialize(streams) != AudioProcessing::kNoError) return nullptr;
    return made.release();
  } catch (...) {
    return nullptr;
  }
}

void parley_apm_free(parley_apm *p) { delete p; }

int parley_apm_set(parley_apm *p, int echo, int noise, int gain) {
  return guarded([&] {
    AudioProcessing *a = p->apm.get();
    int failed = a->high_pass_filter()->Enable(true);
    failed |= a->echo_cancellation()->enable_drift_compensation(false);
    failed |= a->echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kLowSuppression);
    failed |= a->echo_cancellation()->Enable(echo != 0);
    failed |= a->noise_suppression()->set_level(webrtc::NoiseSuppression::kHigh);
    failed |= a->noise_suppression()->Enable(noise != 0);
    failed |= a->gain_control()->set_mode(webrtc::GainControl::kAdaptiveDigital);
    failed |= a->gain_control()->set_target_level_dbfs(3);
    failed |= a->gain_control()->set_compression_gain_db(9);
    failed |= a->gain_control()->enable_limiter(true);
    failed |= a->gain_control()->Enable(gain != 0);
    return failed;
  });
}

int parley_apm_render(parley_apm *p, const float *samples, int frames) {
  return guarded([&] {
    if (frames != static_cast<int>(p->format.num_frames())) return static_cast<int>(AudioProcessing::kBadDataLengthError);
    const float *channels[] = {samples};
    return p->apm->AnalyzeReverseStream(channels, frames, p->format.sample_rate_hz(), webrtc::AudioProcessing::kMono);
  });
}

int parley_apm_capture(parley_apm *p, float *samples, int frames, int delay_ms) {
  return guarded([&] {
    if (frames != static_cast<int>(p->format.num_frames())) return static_cast<int>(AudioProcessing::kBadDataLengthError);
    float *channels[] = {samples};
    p->apm->set_stream_delay_ms(delay_ms);
    return p->apm->ProcessStream(channels, p->format, p->format, channels);
  });
}

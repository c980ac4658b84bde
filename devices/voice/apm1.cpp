//go:build apm1 || apm2

#include "apm.h"

#include <memory>

#include <modules/audio_processing/include/audio_processing.h>

using webrtc::AudioProcessing;
using webrtc::StreamConfig;

struct parley_apm {
  rtc::scoped_refptr<AudioProcessing> apm;
  StreamConfig format{48000, 1};
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
    auto made = std::make_unique<parley_apm>();
    made->apm = rtc::scoped_refptr<AudioProcessing>(webrtc::AudioProcessingBuilder().Create());
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
    AudioProcessing::Config config;
    config.high_pass_filter.enabled = true;
    config.echo_canceller.enabled = echo != 0;
    config.echo_canceller.mobile_mode = false;
    config.noise_suppression.enabled = noise != 0;
    config.noise_suppression.level = AudioProcessing::Config::NoiseSuppression::kHigh;
    config.gain_controller1.enabled = gain != 0;
    config.gain_controller1.mode = AudioProcessing::Config::GainController1::kAdaptiveDigital;
    config.gain_controller1.target_level_dbfs = 3;
    config.gain_controller1.compression_gain_db = 9;
    config.gain_controller1.enable_limiter = true;
    config.gain_controller1.analog_gain_controller.enabled = false;
    p->apm->ApplyConfig(config);
    return static_cast<int>(AudioProcessing::kNoError);
  });
}

int parley_apm_render(parley_apm *p, const float *samples, int frames) {
  return guarded([&] {
    if (frames != static_cast<int>(p->format.num_frames())) return static_cast<int>(AudioProcessing::kBadDataLengthError);
    const float *channels[] = {samples};
    return p->apm->AnalyzeReverseStream(channels, p->format);
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

// Package media turns devices into encoded samples and received RTP back into
// frames and sound. It knows codecs, jitter buffers and the mixer, and nothing
// of rooms or signalling.
package media

import (
	"time"

	"parley/devices"
)

// Sample is one encoded frame of picture or sound.
type Sample struct {
	// Data is valid until the writer returns.
	Data []byte
	// Timestamp on the source's clock.
	Timestamp time.Time
	// Duration of the sample; an estimate for pictures.
	Duration time.Duration
	KeyFrame bool
}

// SampleWriter sends encoded samples away, as a published track does.
type SampleWriter func(Sample) error

// VideoSink shows pictures. Show may be called on any goroutine, must not
// block, and retains the frame if it keeps it.
type VideoSink interface {
	Show(f *devices.Frame)
}

// VideoSinkFunc makes a function a VideoSink.
type VideoSinkFunc func(f *devices.Frame)

// Show calls the function.
func (s VideoSinkFunc) Show(f *devices.Frame) { s(f) }

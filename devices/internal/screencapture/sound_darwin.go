package screencapture

/*
#include "sound_darwin.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"sync/atomic"
	"unsafe"

	"parley/devices"
)

// ErrStopped means that the user told the system to end a capture.
var ErrStopped = errors.New("stopped in the system")

// SoundAvailable tells whether the system can let Parley hear other programs.
func SoundAvailable() error {
	if C.sc_version(13, 0) == 0 {
		return fmt.Errorf("hear what programs play before macOS 13: %w", devices.ErrNotFound)
	}
	return nil
}

// Sound is what all programs but this one play.
type Sound struct {
	s      *C.sc_sound
	handle cgo.Handle
	heard  *heard
}

// heard takes what the system tells on threads of its own, one thing at a time.
type heard struct {
	play  atomic.Pointer[func(samples []float32)] // nil before anybody listens
	ended chan error
}

// OpenSound begins to hear, in stereo at devices.SampleRate.
func OpenSound() (*Sound, error) {
	if err := SoundAvailable(); err != nil {
		return nil, err
	}
	s := &Sound{heard: &heard{ended: make(chan error, 1)}}
	s.handle = cgo.NewHandle(s.heard)
	var f C.sc_failure
	if s.s = C.sc_sound_open(C.uintptr_t(s.handle), devices.SampleRate, &f); s.s == nil {
		s.handle.Delete()
		return nil, failed("hear what programs play", &f)
	}
	return s, nil
}

// Play gives what is heard to f, left and right in turn, on a thread of the system's, one
// call at a time. f copies what it needs.
func (s *Sound) Play(f func(samples []float32)) { s.heard.play.Store(&f) }

// Ended tells, once, when the system ends it.
func (s *Sound) Ended() <-chan error { return s.heard.ended }

// Close ends it: nothing is given any more when it returns.
func (s *Sound) Close() {
	C.sc_sound_close(s.s)
	s.handle.Delete()
}

//export screencaptureHeard
func screencaptureHeard(handle C.uintptr_t, samples *C.float, frames C.int) {
	if play := cgo.Handle(handle).Value().(*heard).play.Load(); play != nil {
		(*play)(unsafe.Slice((*float32)(samples), 2*int(frames)))
	}
}

//export screencaptureEnded
func screencaptureEnded(handle C.uintptr_t, stopped C.int, reason *C.char) {
	err := errors.New(C.GoString(reason))
	if stopped != 0 {
		err = fmt.Errorf("%w: %w", ErrStopped, err)
	}
	select {
	case cgo.Handle(handle).Value().(*heard).ended <- err:
	default: // it was told before
	}
}

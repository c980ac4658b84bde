//go:build apm0 || apm1 || apm2

package voice

/*
#cgo CXXFLAGS: -std=c++17
#include "apm.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"time"
	"unsafe"
)

// apm is WebRTC's audio processing module.
type apm struct{ handle *C.parley_apm }

func open() (engine, error) {
	handle := C.parley_apm_new()
	if handle == nil {
		return nil, errors.New("the voice processing could not be made")
	}
	return &apm{handle}, nil
}

func failed(what string, code C.int) error {
	if code == 0 {
		return nil
	}
	return fmt.Errorf("%s: error %d of the audio processing", what, int(code))
}

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

func (a *apm) set(s Settings) error {
	return failed("set the voice processing", C.parley_apm_set(a.handle, flag(s.Echo), flag(s.Noise), flag(s.Gain)))
}

func (a *apm) render(samples []float32) error {
	return failed("hear what is played", C.parley_apm_render(a.handle, (*C.float)(unsafe.SliceData(samples)), C.int(len(samples))))
}

func (a *apm) capture(samples []float32, delay time.Duration) error {
	return failed("process the microphone", C.parley_apm_capture(a.handle, (*C.float)(unsafe.SliceData(samples)), C.int(len(samples)), C.int(delay.Milliseconds())))
}

func (a *apm) close() { C.parley_apm_free(a.handle) }

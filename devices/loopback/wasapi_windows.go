package loopback

/*
#cgo LDFLAGS: -lole32
#include "wasapi_windows.h"
*/
import "C"

import (
	"context"
	"fmt"
	"time"
	"unsafe"

	"parley/devices"
)

// wait is how long one look for sound takes at most, and so how long Close waits.
const wait = 100 * time.Millisecond

// wasapi is the mix of all programs but this one.
type wasapi struct{ w *C.wasapi }

func connect(context.Context) (source, error) {
	var failed C.int32_t
	w := C.wasapi_open(devices.SampleRate, &failed)
	if w == nil {
		// Before version 2004 of Windows 10 there is no such thing.
		return nil, fmt.Errorf("hear what programs play: %w (%w)", devices.ErrNotFound, hresult(failed))
	}
	return wasapi{w}, nil
}

func (s wasapi) close() { C.wasapi_close(s.w) }

func (s wasapi) listen(ctx context.Context, l *Loopback) error {
	defer s.close()
	program := l.begin()
	defer l.programs.Ended(program)
	var samples []float32
	for ctx.Err() == nil {
		var (
			data   *C.float
			frames C.uint32_t
		)
		if failed := C.wasapi_next(s.w, C.uint32_t(wait/time.Millisecond), &data, &frames); failed < 0 {
			return hresult(failed)
		}
		if frames == 0 {
			continue
		}
		n := 2 * int(frames)
		if cap(samples) < n {
			samples = make([]float32, n)
		}
		samples = samples[:n]
		if clear(samples); data != nil {
			copy(samples, unsafe.Slice((*float32)(data), n))
		}
		if failed := C.wasapi_release(s.w, frames); failed < 0 {
			return hresult(failed)
		}
		devices.Mend(samples)
		l.programs.Play(program, samples)
	}
	return ctx.Err()
}

// hresult is an error of Windows.
type hresult int32

func (h hresult) Error() string { return fmt.Sprintf("Windows says 0x%08X", uint32(h)) }

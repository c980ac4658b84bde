//go:build linux && pipewire && cgo

package pipewire

/*
#cgo CFLAGS: -O2 -I/usr/include/pipewire-0.3 -I/usr/include/spa-0.2 -D_REENTRANT
#cgo LDFLAGS: -ldl
#include "cast.h"
*/
import "C"

import (
	"fmt"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// agreeWithin is how long both ends have to agree on a format.
const agreeWithin = 10 * time.Second

var load = sync.OnceValue(func() error {
	if why := C.cast_load(); why != nil {
		return fmt.Errorf("%w: %s", ErrMissing, C.GoString(why))
	}
	return nil
})

// Available loads the library, and tells what is wrong where that fails.
func Available() error { return load() }

// Stream is the pictures of one screen or window. Its methods are called on one
// goroutine at a time.
type Stream struct {
	cast *C.struct_cast
	pix  []byte
}

// Open takes the pictures of a node. The file is the portal's connection to
// PipeWire; it belongs to the stream from now on, also where it fails. No more
// pictures a second than rate are asked for; there may be more nonetheless.
func Open(file int, node uint32, rate int) (*Stream, error) {
	if err := load(); err != nil {
		_ = unix.Close(file)
		return nil, err
	}
	why := make([]byte, 256)
	cast := C.cast_open(C.int(file), C.uint32_t(node), C.uint32_t(rate), (*C.char)(unsafe.Pointer(&why[0])), C.int(len(why)))
	if cast == nil {
		return nil, fmt.Errorf("open the stream of pictures: %s", C.GoString((*C.char)(unsafe.Pointer(&why[0]))))
	}
	s := &Stream{cast: cast}
	switch C.cast_wait(cast, C.int(agreeWithin/time.Second)) {
	case C.CAST_ENDED:
		defer s.Close()
		return nil, s.ended()
	case C.CAST_NOTHING:
		s.Close()
		return nil, fmt.Errorf("%w: no format was agreed on within %v", ErrEnded, agreeWithin)
	}
	return s, nil
}

func (s *Stream) ended() error { return fmt.Errorf("%w: %s", ErrEnded, C.GoString(C.cast_why(s.cast))) }

// Take returns the newest picture, which is the caller's until the next call:
// pixels of blue, green, red and one byte that means nothing. Without a new one
// since the last call it is nil.
func (s *Stream) Take() (pix []byte, width, height int, err error) {
	for {
		var at *C.uint8_t
		if len(s.pix) > 0 {
			at = (*C.uint8_t)(&s.pix[0])
		}
		var w, h C.int32_t
		switch C.cast_take(s.cast, at, C.int64_t(len(s.pix)), &w, &h) {
		case C.CAST_PICTURE:
			return s.pix[:4*int(w)*int(h)], int(w), int(h), nil
		case C.CAST_LARGER: // than ever; how large it can be was checked
			s.pix = make([]byte, 4*int(w)*int(h))
		case C.CAST_ENDED:
			return nil, 0, 0, s.ended()
		default:
			return nil, 0, 0, nil
		}
	}
}

// Close ends the stream and its threads.
func (s *Stream) Close() {
	C.cast_close(s.cast)
	s.cast = nil
}

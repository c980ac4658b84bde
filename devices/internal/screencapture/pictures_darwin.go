package screencapture

/*
#cgo CFLAGS: -fobjc-arc
#cgo LDFLAGS: -framework ScreenCaptureKit -framework CoreGraphics -framework CoreMedia -framework CoreVideo -framework Foundation
#include <stdlib.h>
#include "pictures_darwin.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"parley/devices"
)

// sourcesMax bounds the screens and windows that are listed.
const sourcesMax = 80

// failed is an error of what the system says.
func failed(what string, f *C.sc_failure) error {
	err := fmt.Errorf("%s: %s", what, C.GoString(&f.reason[0]))
	if f.denied != 0 {
		err = fmt.Errorf("%w: %w", devices.ErrDenied, err)
	}
	return err
}

// Available tells whether the system has it.
func Available() error {
	if C.sc_version(12, 3) == 0 {
		return fmt.Errorf("share a screen before macOS 12.3: %w", devices.ErrNotFound)
	}
	return nil
}

// Content is a screen or window.
type Content struct {
	ID            uint32
	Window        bool
	Name          string // none of a screen
	Width, Height int    // pixels
}

// Desktop is what could be shared when it was looked at.
type Desktop struct{ d *C.sc_desktop }

// Look looks what could be shared. The Desktop is freed by Close.
func Look() (Desktop, error) {
	if err := Available(); err != nil {
		return Desktop{}, err
	}
	var f C.sc_failure
	d := C.sc_look(&f)
	if d == nil {
		return Desktop{}, failed("list screens and windows", &f)
	}
	return Desktop{d}, nil
}

// Close frees the Desktop.
func (d Desktop) Close() { C.sc_forget(d.d) }

// List tells of screens, the main one first, and of windows that are not smaller than
// smallest.
func (d Desktop) List(smallest int) []Content {
	list := make([]C.sc_source, sourcesMax)
	n := C.sc_list(d.d, &list[0], sourcesMax, C.int(smallest))
	contents := make([]Content, 0, n)
	for i := range list[:n] {
		s := &list[i]
		contents = append(contents, Content{uint32(s.id), s.window != 0, C.GoString(&s.name[0]), int(s.width), int(s.height)})
	}
	return contents
}

// Photograph takes a picture within width by height: rows from the top, pixels of blue,
// green, red and alpha. It is nil where there is none, as before macOS 14.
func (d Desktop) Photograph(c Content, width, height int) (pix []byte, pictureWidth, pictureHeight int) {
	w, h := C.int(width), C.int(height)
	bytes := C.sc_photograph(d.d, C.uint32_t(c.ID), flag(c.Window), &w, &h)
	if bytes == nil {
		return nil, 0, 0
	}
	defer C.free(unsafe.Pointer(bytes))
	return C.GoBytes(unsafe.Pointer(bytes), 4*w*h), int(w), int(h)
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// There reports whether a screen is connected, or a window open.
func There(id uint32, window bool) bool { return C.sc_there(C.uint32_t(id), flag(window)) != 0 }

// Pictures is what a screen or window shows. Its methods are called on one goroutine at a
// time.
type Pictures struct{ p *C.sc_pictures }

// Open takes at most rate pictures a second, within width by height. What is not there is
// devices.ErrNotFound.
func Open(id uint32, window bool, width, height, rate int) (Pictures, error) {
	if err := Available(); err != nil {
		return Pictures{}, err
	}
	if !There(id, window) {
		return Pictures{}, devices.ErrNotFound
	}
	var f C.sc_failure
	p := C.sc_pictures_open(C.uint32_t(id), flag(window), C.int(width), C.int(height), C.int(rate), &f)
	if p == nil {
		return Pictures{}, failed("open the capture", &f)
	}
	return Pictures{p}, nil
}

// Take returns the newest picture, which is valid until the next call: rows from the top,
// stride bytes apart, pixels of blue, green, red and one byte that means nothing. Without
// a new one since the last call it is nil.
func (p Pictures) Take() (pix []byte, width, height, stride int, err error) {
	var (
		f C.sc_failure
		t C.sc_picture
	)
	switch C.sc_pictures_take(p.p, &t, &f) {
	case C.sc_ended:
		return nil, 0, 0, 0, failed("the system ended the capture", &f)
	case C.sc_nothing:
		return nil, 0, 0, 0, nil
	}
	width, height, stride = int(t.width), int(t.height), int(t.stride)
	return unsafe.Slice((*byte)(t.pixels), (height-1)*stride+4*width), width, height, stride, nil
}

// Close ends the capture.
func (p Pictures) Close() { C.sc_pictures_close(p.p) }

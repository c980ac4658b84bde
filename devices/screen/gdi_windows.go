package screen

/*
#cgo LDFLAGS: -lgdi32 -luser32 -ldwmapi
#include "gdi_windows.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"parley/devices"
)

// monitorsMax bounds the screens that are listed.
const monitorsMax = 16

// newGDI makes what takes pictures; it belongs to the thread, which is the goroutine's
// until close.
func newGDI() (*C.gdi, error) {
	runtime.LockOSThread()
	g := C.gdi_new()
	if g == nil {
		runtime.UnlockOSThread()
		return nil, errors.New("windows gives no room for pictures of the screen")
	}
	return g, nil
}

func freeGDI(g *C.gdi) {
	C.gdi_free(g)
	runtime.UnlockOSThread()
}

func open(_ context.Context, id string, _ devices.ScreenFormat) (grabber, error) {
	g, err := newGDI()
	if err != nil {
		return nil, err
	}
	var opened grabber
	switch {
	case strings.HasPrefix(id, screenPrefix):
		opened, err = newScreenGrabber(g, id)
	case strings.HasPrefix(id, windowPrefix):
		opened, err = newWindowGrabber(g, id)
	default:
		err = devices.ErrNotFound
	}
	if err != nil {
		freeGDI(g)
		return nil, err
	}
	return opened, nil
}

func list(ctx context.Context) ([]devices.ScreenSource, error) {
	g, err := newGDI()
	if err != nil {
		return nil, err
	}
	defer freeGDI(g)
	var sources []devices.ScreenSource
	for i, m := range findMonitors() {
		sources = append(sources, devices.ScreenSource{ID: screenPrefix + m.name, Name: strconv.Itoa(i + 1), Width: int(m.place.width), Height: int(m.place.height)})
	}
	sources = append(sources, findWindows()...)
	for i := range sources {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		photograph(g, &sources[i])
	}
	return sources, nil
}

// photograph gives a source its thumbnail, where it has a picture.
func photograph(g *C.gdi, source *devices.ScreenSource) {
	var opened grabber
	var err error
	if source.Window {
		opened, err = newWindowGrabber(g, source.ID)
	} else {
		opened, err = newScreenGrabber(g, source.ID)
	}
	if err != nil {
		return
	}
	if p, err := opened.grab(); err == nil && p != nil {
		source.Thumbnail = thumbnail(p)
	}
}

// monitor is a part of the desktop.
type monitor struct {
	name  string
	place C.gdi_rect
}

// findMonitors tells which monitors are there, the primary one first.
func findMonitors() []monitor {
	var list [monitorsMax]C.gdi_monitor
	var found []monitor
	for _, m := range list[:C.gdi_monitors(&list[0], monitorsMax)] {
		name := windows.UTF16ToString(unsafe.Slice((*uint16)(&m.name[0]), len(m.name)))
		if m.primary != 0 {
			found = append([]monitor{{name, m.place}}, found...)
		} else {
			found = append(found, monitor{name, m.place})
		}
	}
	return found
}

// findWindows tells which windows people see, topmost first.
func findWindows() []devices.ScreenSource {
	var list [windowsMax]C.gdi_window
	var found []devices.ScreenSource
	for _, w := range list[:C.gdi_windows(&list[0], windowsMax, smallest)] {
		found = append(found, devices.ScreenSource{
			ID: fmt.Sprintf("%s0x%x", windowPrefix, uint64(w.window)), Window: true, Width: int(w.place.width), Height: int(w.place.height),
			Name: tidy(windows.UTF16ToString(unsafe.Slice((*uint16)(&w.title[0]), len(w.title)))),
		})
	}
	return found
}

// screenGrabber takes pictures of a monitor, which is followed by its name.
type screenGrabber struct {
	g      *C.gdi
	name   string
	worked bool
}

func newScreenGrabber(g *C.gdi, id string) (*screenGrabber, error) {
	s := &screenGrabber{g: g, name: strings.TrimPrefix(id, screenPrefix)}
	_, err := s.place()
	return s, err
}

func (s *screenGrabber) place() (C.gdi_rect, error) {
	for _, m := range findMonitors() {
		if m.name == s.name {
			return m.place, nil
		}
	}
	return C.gdi_rect{}, fmt.Errorf("the shared screen is not connected: %w", devices.ErrNotFound)
}

func (s *screenGrabber) grab() (*picture, error) {
	place, err := s.place()
	if err != nil {
		return nil, err
	}
	pixels := C.gdi_take_screen(s.g, place)
	switch {
	case pixels == nil && s.worked:
		return nil, nil //nolint:nilnil // the screen is locked, or Windows asks for a password
	case pixels == nil:
		return nil, fmt.Errorf("the shared screen gives no picture: %w", devices.ErrDenied)
	}
	s.worked = true
	return pictureAt(pixels, int(place.width), int(place.height), int(place.width)*pixelBytes), nil
}

func (s *screenGrabber) close() { freeGDI(s.g) }

// windowGrabber takes pictures of a window as the desktop composes it, so that it is
// whole where other windows cover it.
type windowGrabber struct {
	g      *C.gdi
	window C.uintptr_t
}

func newWindowGrabber(g *C.gdi, id string) (*windowGrabber, error) {
	number, err := strconv.ParseUint(strings.TrimPrefix(id, windowPrefix), 0, strconv.IntSize)
	if err != nil {
		return nil, fmt.Errorf("not the ID of a window: %w", devices.ErrNotFound)
	}
	w := &windowGrabber{g: g, window: C.uintptr_t(number)}
	_, _, err = w.place()
	return w, err
}

// place is where the window is, if it is shown.
func (w *windowGrabber) place() (place C.gdi_rect, shown bool, err error) {
	switch C.gdi_window_state(w.window, &place) {
	case C.gdi_window_gone:
		return place, false, fmt.Errorf("the shared window was closed: %w", devices.ErrNotFound)
	case C.gdi_window_shown:
		return place, true, nil
	}
	return place, false, nil
}

func (w *windowGrabber) grab() (*picture, error) {
	place, shown, err := w.place()
	if err != nil || !shown {
		return nil, err
	}
	var stride C.int
	pixels := C.gdi_take_window(w.g, w.window, place, &stride)
	if pixels == nil {
		return nil, nil //nolint:nilnil // it moves, or changes its size
	}
	return pictureAt(pixels, int(place.width), int(place.height), int(stride)), nil
}

func (w *windowGrabber) close() { freeGDI(w.g) }

// pictureAt is a picture of pixels that C holds.
func pictureAt(pixels *C.uint8_t, width, height, stride int) *picture {
	return &picture{pix: unsafe.Slice((*byte)(pixels), (height-1)*stride+width*pixelBytes), stride: stride, width: width, height: height}
}

package app

/*
#cgo LDFLAGS: -framework AppKit
#include <stdint.h>

int parleyWindowUnseen(uintptr_t window);
int parleyWindowInFront(uintptr_t window);
*/
import "C"

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/driver"
)

// cocoaState is an NSWindow, which lives as long as the program.
type cocoaState uintptr

func stateOf(native any) windowState {
	w, ok := native.(driver.MacWindowContext)
	if !ok || w.NSWindow == 0 {
		return nil
	}
	return cocoaState(w.NSWindow)
}

func (s cocoaState) minimised() (bool, error) { return C.parleyWindowUnseen(C.uintptr_t(s)) != 0, nil }

func (s cocoaState) front() (bool, error) { return C.parleyWindowInFront(C.uintptr_t(s)) != 0, nil }

// position is left to the system, which keeps it by itself.
func (cocoaState) position() (x, y int, err error) { return 0, 0, errors.ErrUnsupported }

func (cocoaState) close() {}

// keepFocus has nothing to do here.
func keepFocus(any) (shown func(context.Context, any)) { return func(context.Context, any) {} }

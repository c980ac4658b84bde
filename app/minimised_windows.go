package app

import (
	"context"
	"unsafe"

	"fyne.io/fyne/v2/driver"
	"golang.org/x/sys/windows"
)

// isIconic reports whether a window is minimised (user32).
//
//nolint:gochecknoglobals // loaded at the first call
var isIconic = windows.NewLazySystemDLL("user32.dll").NewProc("IsIconic")

type win32State uintptr

func stateOf(native any) windowState {
	w, ok := native.(driver.WindowsWindowContext)
	if !ok {
		return nil
	}
	return win32State(w.HWND)
}

func (s win32State) minimised() (bool, error) {
	yes, _, _ := isIconic.Call(uintptr(s))
	return yes != 0, nil
}

// getForegroundWindow is the window that is used (user32).
//
//nolint:gochecknoglobals // loaded at the first call
var getForegroundWindow = windows.NewLazySystemDLL("user32.dll").NewProc("GetForegroundWindow")

func (s win32State) front() (bool, error) {
	window, _, _ := getForegroundWindow.Call()
	return window == uintptr(s), nil
}

// clientToScreen turns a point of a window's content into one of all screens (user32).
//
//nolint:gochecknoglobals // loaded at the first call
var clientToScreen = windows.NewLazySystemDLL("user32.dll").NewProc("ClientToScreen")

func (s win32State) position() (x, y int, err error) {
	var point struct{ x, y int32 }
	if ok, _, err := clientToScreen.Call(uintptr(s), uintptr(unsafe.Pointer(&point))); ok == 0 {
		return 0, 0, err
	}
	return int(point.x), int(point.y), nil
}

func (win32State) close() {}

// keepAbove has nothing to do: a window that is hidden and shown again lies where it did.
func keepAbove(context.Context, any) {}

// keepFocus has nothing to do: windows that are shown without being activated are not.
func keepFocus(any) (shown func(context.Context, any)) { return func(context.Context, any) {} }

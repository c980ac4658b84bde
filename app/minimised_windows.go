package app

import (
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

func (win32State) close() {}

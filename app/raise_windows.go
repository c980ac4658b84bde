package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"golang.org/x/sys/windows"
)

// showWindow restores a minimised window (user32).
//
//nolint:gochecknoglobals // loaded at the first call
var showWindow = windows.NewLazySystemDLL("user32.dll").NewProc("ShowWindow")

const swRestore = 9

// restore brings back a minimised window: the toolkit would show it minimised.
func restore(window fyne.Window) {
	native, ok := window.(driver.NativeWindow)
	if !ok {
		return
	}
	native.RunNative(func(context any) {
		if w, ok := context.(driver.WindowsWindowContext); ok {
			_, _, _ = showWindow.Call(w.HWND, swRestore)
		}
	})
}

package app

import (
	"strings"

	"fyne.io/fyne/v2"
)

// computesPictures tells whether the window's OpenGL is computed on the CPU, where
// a shader costs more than what it is to save. It is called on the UI thread when
// the window is there.
func computesPictures(window fyne.Window) bool {
	drawn, ok := window.(interface{ RunWithContext(f func()) })
	if !ok {
		return false
	}
	var name string
	drawn.RunWithContext(func() { name = strings.ToLower(rendererName()) })
	// Mesa's, Apple's, and those of Windows and browsers without a driver.
	for _, software := range []string{"llvmpipe", "softpipe", "swrast", "software", "swiftshader", "basic", "gdi"} {
		if strings.Contains(name, software) {
			return true
		}
	}
	return false
}

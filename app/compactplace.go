package app

import (
	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// compactMargin is between the small window and the edges of the screen, in pixels.
const compactMargin = 32

// withoutFocus has windows that are made from now on not take the keyboard when they
// are shown. The toolkit has no word for it, and does not touch what its own
// library for windows was told. That is there where windows are the toolkit's own.
func withoutFocus() { glfw.WindowHint(glfw.FocusOnShow, glfw.False) }

// compactPlace is the lower right of the screen; false where that can't be told.
func compactPlace(size fyne.Size) (x, y int, ok bool) {
	m := glfw.GetPrimaryMonitor()
	if m == nil {
		return 0, 0, false
	}
	left, top, width, height := m.GetWorkarea()
	scale, _ := m.GetContentScale()
	x = left + width - int(size.Width*scale) - compactMargin
	y = top + height - int(size.Height*scale) - compactMargin
	return max(x, 1), max(y, 1), width > 0 && height > 0
}

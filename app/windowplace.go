package app

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// windowPlace is the upper left corner of a window's content in the pixels of all
// screens.
type windowPlace struct {
	X int `json:"x"`
	Y int `json:"y"`
}

// graspable is how much of a window's upper edge has to be on a screen, in pixels: by
// it, and the title bar above, the window is moved.
const graspable = 100

// reachable reports whether a window of a width can be moved by its title bar where it
// is, on one of the screens.
func (p windowPlace) reachable(width int, screens []image.Rectangle) bool {
	for _, s := range screens {
		across := min(p.X+width, s.Max.X) - max(p.X, s.Min.X)
		if across >= min(graspable, width) && p.Y >= s.Min.Y && p.Y+graspable <= s.Max.Y {
			return true
		}
	}
	return false
}

// placeOf is where a window is now; nil where the system does not tell.
func placeOf(w fyne.Window) (place *windowPlace) {
	runNative(w, func(native any) {
		state := stateOf(native)
		if state == nil {
			return
		}
		defer state.close()
		if x, y, err := state.position(); err == nil {
			place = &windowPlace{X: x, Y: y}
		}
	})
	return place
}

// putBack asks for the place where a window was, and reports whether it is on a screen
// that is still there.
func putBack(w fyne.Window, place *windowPlace, size fyne.Size) bool {
	movable, is := w.(desktop.Window)
	if place == nil || !is {
		return false
	}
	var screens []image.Rectangle
	scale := float32(1)
	for i, m := range glfw.GetMonitors() {
		x, y, width, height := m.GetWorkarea()
		screens = append(screens, image.Rect(x, y, x+width, y+height))
		if across, _ := m.GetContentScale(); i == 0 || across < scale {
			scale = across
		}
	}
	if !place.reachable(int(size.Width*scale), screens) {
		return false
	}
	movable.RequestPosition(place.X, place.Y)
	return true
}

package media

import "math"

const (
	// The shorter sides of the layers of a camera, and of a screen, in pixels.
	lowSide, middleSide, highSide = 180, 360, 720
	smallScreenSide, screenSide   = 360, 1080

	layersMost = 3
	// A layer that is less than layerStep larger than the one below is not worth
	// its bits.
	layerStep = 1.3
)

// CameraSides are the shorter sides of a camera's layers, in pixels, from the
// smallest.
func CameraSides() []int { return []int{lowSide, middleSide, highSide} }

// ScreenSides are those of a screen.
func ScreenSides() []int { return []int{smallScreenSide, screenSide} }

// ladder gives the size of each layer for pictures of a size: those of the sides
// that are asked for, the last one at most the picture's own. A layer without a
// use is 0x0. The pictures keep their shape; sizes are even.
func ladder(width, height int, sides []int) [layersMost]size {
	var sizes [layersMost]size
	own, below := min(width, height), 0
	for i, side := range sides[:min(len(sides), layersMost)] {
		side = min(side, own)
		if float64(side) < float64(below)*layerStep {
			continue
		}
		below = side
		if side == own {
			sizes[i] = size{width, height}
			continue
		}
		scale := float64(side) / float64(own)
		sizes[i] = size{even(float64(width) * scale), even(float64(height) * scale)}
	}
	return sizes
}

// size is of a picture, in pixels.
type size struct{ width, height int }

func even(x float64) int { return max(int(x/2+0.5)*2, 2) }

// bitsFor is what a picture at 30 frames a second takes to look well: 160 kb/s
// for 320x180, and 0.85 more for each time as many pixels.
func bitsFor(s size) int {
	const pixels, bits, growth = 320 * 180, 160_000, 0.85
	return int(bits * math.Pow(float64(s.width*s.height)/pixels, growth))
}

// BitsFor is what a picture of so many pixels takes, in bit/s.
func BitsFor(width, height int) int { return bitsFor(size{width, height}) }

const (
	// A layer is begun with this much of its bits, and kept with a little less. A screen
	// comes at half the rate of a camera and stands still for most of the time: what counts is
	// that it can be read.
	layerBegin, layerKeep             = 0.55, 0.4
	screenLayerBegin, screenLayerKeep = 0.25, 0.18
	// leastBits is what the smallest layer has where the line carries nearly
	// nothing.
	leastBits = 50_000
)

// allot shares what a line carries, in bit/s, among the layers, from the
// smallest: each gets what it takes, or is left out. budget 0 is a line that
// nothing is known of. wanted is what each takes, 0 for none; before what it had.
func allot(budget int, wanted, before [layersMost]int, screen bool) (bits [layersMost]int) {
	if budget == 0 {
		return wanted
	}
	begin, keep := layerBegin, layerKeep
	if screen {
		begin, keep = screenLayerBegin, screenLayerKeep
	}
	first := true
	for i, most := range wanted {
		if most == 0 {
			continue
		}
		least := begin
		if before[i] > 0 {
			least = keep
		}
		switch {
		case first:
			bits[i] = min(most, max(budget, leastBits))
		case float64(budget) >= float64(most)*least:
			bits[i] = min(most, budget)
		default:
			return bits // a larger one would take even more
		}
		first = false
		budget = max(budget-bits[i], 0)
	}
	return bits
}

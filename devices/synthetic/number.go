package synthetic

import (
	"image"

	"parley/devices"
)

// The machine-readable frame number is a row of black and white blocks on a
// black panel. It survives low bit rates, scaling and cropping, and is found
// anywhere in a picture:
//
//	W B W B | 16 bits, highest first | 8 bits checksum | W B
//
// W is white and a set bit, B is black. The row lies over the middle 60 % of
// the picture's width, from 68 % to 74 % of its height.
const (
	numberGuard  = 4
	numberBits   = 24
	numberBlocks = numberGuard + numberBits + 2

	numberLeft, numberRight = 0.20, 0.80
	numberTop, numberBottom = 0.68, 0.74
)

// FrameNumbers is how many frame numbers there are; they start over after it.
const FrameNumbers = 1 << 16

// checksum is CRC-8 with the polynomial x^8+x^2+x+1 over the two bytes of n,
// begun with 0x5a so that an all-black row is not a number.
func checksum(n uint16) byte {
	crc := byte(0x5a)
	for _, b := range []byte{byte(n >> 8), byte(n)} {
		crc ^= b
		for range 8 {
			if crc&0x80 != 0 {
				crc = crc<<1 ^ 0x07
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// block tells whether block i of the row of n is white.
func block(n uint16, i int) bool {
	switch {
	case i < numberGuard:
		return i%2 == 0
	case i < numberGuard+numberBits:
		word := uint32(n)<<8 | uint32(checksum(n))
		return word>>(numberBits-1-(i-numberGuard))&1 == 1
	default:
		return i == numberGuard+numberBits
	}
}

// DecodeFrame finds the frame number in a frame.
func DecodeFrame(f *devices.Frame) (number uint32, ok bool) {
	return decode(f.Width, f.Height, func(x, y int) byte { return f.Y[y*f.StrideY+x] })
}

// DecodeImage finds the frame number in any picture that shows it upright,
// such as a screenshot.
func DecodeImage(img image.Image) (number uint32, ok bool) {
	b := img.Bounds()
	if rgba, is := img.(*image.RGBA); is {
		return decode(b.Dx(), b.Dy(), func(x, y int) byte {
			i := rgba.PixOffset(b.Min.X+x, b.Min.Y+y)
			return byte((int(rgba.Pix[i])*299 + int(rgba.Pix[i+1])*587 + int(rgba.Pix[i+2])*114) / 1000)
		})
	}
	return decode(b.Dx(), b.Dy(), func(x, y int) byte {
		r, g, bl, _ := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
		return byte((r*299 + g*587 + bl*114) / 1000 >> 8)
	})
}

// run is a stretch of black or white in a row.
type run struct {
	start, length int
	white         bool
}

func decode(width, height int, luma func(x, y int) byte) (uint32, bool) {
	votes := make(map[uint16]int)
	runs := make([]run, 0, 64)
	white := make([]bool, width)
	for y := range height {
		runs = runs[:0]
		for x := range width {
			white[x] = luma(x, y) >= 128
			if n := len(runs); n > 0 && runs[n-1].white == white[x] {
				runs[n-1].length++
			} else {
				runs = append(runs, run{x, 1, white[x]})
			}
		}
		for i := 0; i+numberGuard <= len(runs); i++ {
			if n, ok := decodeAt(white, runs[i:]); ok {
				votes[n]++
			}
		}
	}
	// Three rows that agree are hardly an accident, and where a few rows agree
	// by one, more agree on the number.
	best, most := uint16(0), 2
	for n, rows := range votes {
		if rows > most {
			best, most = n, rows
		}
	}
	return uint32(best), most > 2
}

// decodeAt reads a number whose guard begins with the first of runs.
func decodeAt(white []bool, runs []run) (uint16, bool) {
	if !runs[0].white {
		return 0, false
	}
	// The guard's first three blocks give the scale, roughly: blurring makes
	// white blocks wider and black ones narrower.
	unit := float64(runs[0].length+2*runs[1].length+runs[2].length) / 4
	if unit < 2 {
		return 0, false
	}
	for _, r := range runs[:3] {
		if d := float64(r.length) - unit; d > unit*0.6 || d < -unit*0.6 {
			return 0, false
		}
	}
	first := float64(runs[0].start)
	for correction := 0.90; correction <= 1.10; correction += 0.005 {
		u := unit * correction
		at := func(i int) (bool, bool) {
			x := int(first + (float64(i)+0.5)*u)
			if x >= len(white) {
				return false, false
			}
			return white[x], true
		}
		var word uint32
		fits := true
		for i := range numberBlocks {
			w, inside := at(i)
			if !inside || i < numberGuard && w != (i%2 == 0) || i >= numberGuard+numberBits && w != (i == numberGuard+numberBits) {
				fits = false
				break
			}
			if i >= numberGuard && i < numberGuard+numberBits {
				word <<= 1
				if w {
					word |= 1
				}
			}
		}
		if n := uint16(word >> 8); fits && checksum(n) == byte(word) {
			return n, true
		}
	}
	return 0, false
}

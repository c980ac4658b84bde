package video

import "parley/session/frame"

// matrix turns stored YCbCr levels into RGB in [0, 1]:
//
//	y = (Y - lumaOffset) * lumaGain
//	u = (U - 128) * chromaGain, v likewise
//	r = y + redV*v
//	g = y + greenU*u + greenV*v
//	b = y + blueU*u
type matrix struct {
	lumaOffset, lumaGain, chromaGain float64
	redV, greenU, greenV, blueU      float64
}

// matrixOf derives the matrix from the luma weights of red and blue, as the
// recommendations BT.601 and BT.709 define it.
func matrixOf(f *frame.Frame) matrix {
	red, blue := 0.299, 0.114
	if f.BT709 {
		red, blue = 0.2126, 0.0722
	}
	green := 1 - red - blue
	m := matrix{
		redV:   2 * (1 - red),
		greenU: -2 * blue * (1 - blue) / green,
		greenV: -2 * red * (1 - red) / green,
		blueU:  2 * (1 - blue),
	}
	if f.FullRange {
		m.lumaGain, m.chromaGain = 1.0/255, 1.0/255
	} else {
		m.lumaOffset, m.lumaGain, m.chromaGain = 16, 1.0/219, 1.0/224
	}
	return m
}

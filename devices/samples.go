package devices

import "math"

// Mend makes sound of what a broken driver gives: what is beyond full scale is
// cut there, and a number that is none, which would stay in every filter for
// ever, is silence.
func Mend(samples []float32) {
	for i, v := range samples {
		switch {
		case v >= -1 && v <= 1:
		case v > 1 && v <= math.MaxFloat32:
			samples[i] = 1
		case v < -1 && v >= -math.MaxFloat32:
			samples[i] = -1
		default:
			samples[i] = 0
		}
	}
}

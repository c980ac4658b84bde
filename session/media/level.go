package media

import "math"

// levelFloor is the level, in dB below full scale, that shows as 0.
const levelFloor = 60

// level maps the loudness of samples to 0..100, linear in decibels from
// -levelFloor dBFS to 0 dBFS, as a person's ear and a meter both expect.
func level(samples []float32) int {
	if len(samples) == 0 {
		return 0
	}
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	rms := math.Sqrt(sum / float64(len(samples)))
	if !(rms > 0) { // NaN too
		return 0
	}
	db := 20*math.Log10(rms) + levelFloor
	return int(min(max(db*100/levelFloor, 0), 100))
}

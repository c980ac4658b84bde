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
	return levelOf(sum, len(samples))
}

// levelOf is the level of so many samples by the sum of their squares.
func levelOf(sum float64, samples int) int {
	rms := math.Sqrt(sum / float64(max(samples, 1)))
	if !(rms > 0) { // NaN too
		return 0
	}
	db := 20*math.Log10(rms) + levelFloor
	return int(min(max(db*100/levelFloor, 0), 100))
}

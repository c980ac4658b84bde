package media_test

import (
	"math"
	"testing"

	"parley/session/media"
)

func tone(hz float64, n int) []float32 {
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/48000))
	}
	return pcm
}

// crossings counts where a sound goes from below zero to above.
func crossings(pcm []float32) (n int) {
	for i := 1; i < len(pcm); i++ {
		if pcm[i-1] < 0 && pcm[i] >= 0 {
			n++
		}
	}
	return n
}

func TestStretchKeepsThePitch(t *testing.T) {
	pcm := tone(200, 2*48000)
	for _, speed := range []float32{0.8, 1.5, 2} {
		got := media.Stretch(pcm, speed)
		want := float64(len(pcm)) / float64(speed)
		if math.Abs(float64(len(got))-want) > 2400 {
			t.Errorf("%v times as fast: %d samples, want %v", speed, len(got), want)
		}
		if hz := float64(crossings(got)) * 48000 / float64(len(got)); math.Abs(hz-200) > 4 {
			t.Errorf("%v times as fast: %v Hz", speed, hz)
		}
		for i := 1; i < len(got); i++ {
			if d := math.Abs(float64(got[i] - got[i-1])); d > 0.05 {
				t.Fatalf("%v times as fast: a step of %v at %d", speed, d, i)
			}
		}
	}
	if got := media.Stretch(pcm, 1); len(got) != len(pcm) {
		t.Error("the same speed changes it")
	}
	if got := media.Stretch(pcm[:100], 2); len(got) != 100 {
		t.Error("too short to stretch")
	}
}

func BenchmarkStretchOneMinute(b *testing.B) {
	pcm := tone(200, 60*48000)
	for b.Loop() {
		media.Stretch(pcm, 1.5)
	}
}

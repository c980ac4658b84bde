package voice

import (
	"math"
	"math/rand/v2"
	"time"

	"parley/devices"
)

// room is a simulated one: what the loudspeaker plays comes back to the
// microphone over an impulse response.
type room struct {
	response []float32 // direct sound and reverberation
	delay    int       // samples
	clip     float32   // the loudspeaker clips at this; 0 for a good one
	past     []float32 // of the loudspeaker
}

// newRoom makes a room whose sound falls by 60 dB in 250 ms, and comes back a
// quarter as loud as it was played.
func newRoom(delay time.Duration, clip float32) *room {
	const length = devices.SampleRate / 4
	r := rand.New(rand.NewPCG(1, 2))
	response := make([]float32, length)
	for i := range response {
		response[i] = float32(r.NormFloat64() * math.Pow(10, -3*float64(i)/length) * 0.02)
	}
	response[0] = 0.2
	return &room{response: response, delay: int(delay.Seconds() * devices.SampleRate), clip: clip, past: make([]float32, length+devices.SampleRate)}
}

// play gives what the microphone hears of a period, 10 ms at a time. Only each
// fourth reflection is computed, which is as dense as ears can tell.
func (r *room) play(period []float32) []float32 {
	copy(r.past, r.past[len(period):])
	now := r.past[len(r.past)-len(period):]
	for i, v := range period {
		if r.clip > 0 {
			v = max(-r.clip, min(v, r.clip))
		}
		now[i] = v
	}
	heard := make([]float32, len(period))
	for i := range heard {
		at := len(r.past) - len(period) + i - r.delay
		sum := float32(0)
		for j := 0; j < len(r.response) && at-j >= 0; j += 4 {
			sum += r.past[at-j] * r.response[j]
		}
		heard[i] = sum
	}
	return heard
}

func power(samples []float32) float64 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return sum / float64(max(len(samples), 1))
}

func decibels(ratio float64) float64 { return 10 * math.Log10(max(ratio, 1e-12)) }

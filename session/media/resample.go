package media

import (
	"math"
	"sync"
)

// Dimensions of the resampler's filter: taps for each of so many positions
// between two samples.
const (
	resampleTaps   = 16
	resamplePhases = 128
)

// resampleFilter gives the filter: a sinc below 20 kHz under a Blackman window
// (Smith and Gossett, "A flexible sampling-rate conversion method", 1984).
//
//nolint:gochecknoglobals // a constant that has to be computed
var resampleFilter = sync.OnceValue(func() *[resamplePhases + 1][resampleTaps]float32 {
	const cut = 20000.0 / 24000
	filter := new([resamplePhases + 1][resampleTaps]float32)
	for p := range filter {
		sum := 0.0
		var taps [resampleTaps]float64
		for i := range taps {
			x := float64(i-resampleTaps/2+1) - float64(p)/resamplePhases
			s := cut
			if x != 0 {
				s = math.Sin(math.Pi*cut*x) / (math.Pi * x)
			}
			at := x/resampleTaps + 0.5
			taps[i] = s * (0.42 - 0.5*math.Cos(2*math.Pi*at) + 0.08*math.Cos(4*math.Pi*at))
			sum += taps[i]
		}
		for i := range taps {
			filter[p][i] = float32(taps[i] / sum)
		}
	}
	return filter
})

// resampler plays a sound a little faster or slower, pitch included, as it takes
// to follow another clock.
type resampler struct {
	filter *[resamplePhases + 1][resampleTaps]float32
	// past holds the last samples twice, so that those from oldest on lie beside
	// each other.
	past   [2 * resampleTaps]float32
	oldest int
	at     float64 // from past's middle on, 0 to 1
}

func newResampler() resampler { return resampler{filter: resampleFilter()} }

// run fills dst as far as in lasts, and reports how many samples it made, and
// took for them.
func (r *resampler) run(dst, in []float32, ratio float64) (made, taken int) {
	for i := range dst {
		at := r.at + ratio
		step := int(at)
		if step > len(in)-taken {
			return i, taken
		}
		for _, v := range in[taken : taken+step] {
			r.past[r.oldest], r.past[r.oldest+resampleTaps] = v, v
			if r.oldest++; r.oldest == resampleTaps {
				r.oldest = 0
			}
		}
		taken += step
		r.at = at - float64(step)
		position := r.at * resamplePhases
		phase := int(position)
		part := float32(position - float64(phase))
		low, high := &r.filter[phase], &r.filter[phase+1]
		past := (*[resampleTaps]float32)(r.past[r.oldest:])
		var a, b float32
		for k, v := range past {
			a += v * low[k]
			b += v * high[k]
		}
		dst[i] = a + (b-a)*part
	}
	return len(dst), taken
}

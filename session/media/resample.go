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
	past   [resampleTaps]float32
	at     float64 // from past's middle on, 0 to 1
}

func newResampler() resampler { return resampler{filter: resampleFilter()} }

// next gives one sample; it takes from in as many as it needs, and reports how
// many that were. Without enough in it, ok is false and nothing is taken.
func (r *resampler) next(in []float32, ratio float64) (sample float32, taken int, ok bool) {
	at := r.at + ratio
	for at >= 1 {
		if taken >= len(in) {
			return 0, 0, false
		}
		taken++
		at--
	}
	if taken > 0 {
		copy(r.past[:], r.past[min(taken, resampleTaps):])
		copy(r.past[max(resampleTaps-taken, 0):], in[max(taken-resampleTaps, 0):taken])
	}
	r.at = at
	position := at * resamplePhases
	phase := int(position)
	part := float32(position - float64(phase))
	low, high := &r.filter[phase], &r.filter[phase+1]
	var a, b float32
	for i, v := range r.past {
		a += v * low[i]
		b += v * high[i]
	}
	return a + (b-a)*part, taken, true
}

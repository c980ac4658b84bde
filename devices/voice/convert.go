package voice

import "math"

// Version 0.3 of WebRTC's audio processing splits 48 kHz into three bands,
// which takes it 6 ms longer than the two of 32 kHz: there it works at 32 kHz,
// between two converters of 0.65 ms each.
const (
	convertRate   = 96000 // what both rates divide, in Hz
	convertTaps   = 126   // of the filter at convertRate
	convertCutoff = 15300 // Hz
	convertBeta   = 6     // of the Kaiser window: 60 dB and more are kept out
)

// converter changes the rate of a sound by up/down, whole blocks at a time. It
// keeps what lies below convertCutoff.
type converter struct {
	up, down int
	phases   [][]float32 // of the filter, newest sample last
	past     []float32   // the end of the last block, and the block
	before   int         // how much of it is the last block's
}

// newConverter makes one for blocks of so many samples, which have to be a
// multiple of down.
func newConverter(up, down, block int) *converter {
	taps := convertTaps / up
	c := &converter{up: up, down: down, past: make([]float32, taps-1+block), before: taps - 1}
	for phase := range up {
		filter := make([]float32, taps)
		for i := range filter {
			filter[taps-1-i] = float32(float64(up) * lowPass(i*up+phase))
		}
		c.phases = append(c.phases, filter)
	}
	return c
}

// lowPass is a tap of a sinc under a Kaiser window (Kaiser and Schafer, "On the
// use of the I0-sinh window for spectrum analysis", 1980).
func lowPass(i int) float64 {
	const middle = (convertTaps - 1) / 2.0
	x := float64(i) - middle
	const cut = 2 * float64(convertCutoff) / convertRate
	sinc := cut
	if x != 0 {
		sinc = math.Sin(math.Pi*cut*x) / (math.Pi * x)
	}
	at := x / middle
	return sinc * bessel(convertBeta*math.Sqrt(max(1-at*at, 0))) / bessel(convertBeta)
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

// convert fills dst, len(src)*up/down long.
func (c *converter) convert(dst, src []float32) {
	copy(c.past, c.past[len(src):])
	copy(c.past[c.before:], src)
	for i := range dst {
		at := i * c.down
		filter := c.phases[at%c.up]
		newest := c.before + at/c.up
		past := c.past[newest-len(filter)+1 : newest+1]
		filter = filter[:len(past)]
		// Sums of their own do not wait for each other.
		var a, b, d float32
		j := 0
		for ; j+2 < len(past); j += 3 {
			a += past[j] * filter[j]
			b += past[j+1] * filter[j+1]
			d += past[j+2] * filter[j+2]
		}
		dst[i] = a + b + d
	}
}

// rumble takes out what is below a voice: a Butterworth high-pass of the second
// order at 80 Hz (Bristow-Johnson, "Cookbook formulae for audio equalizer
// biquad filter coefficients"). It delays nothing.
type rumble struct{ x1, x2, y1, y2 float64 }

func (r *rumble) filter(period []float32) {
	const cos, alpha = 0.9999451693655121, 0.007404669559718978 // of 2 pi 80 / 48000, Q = 1/sqrt 2
	const a0 = 1 + alpha
	const b0, b1 = (1 + cos) / 2 / a0, -(1 + cos) / a0
	const a1, a2 = -2 * cos / a0, (1 - alpha) / a0
	for i, v := range period {
		x := float64(v)
		y := b0*x + b1*r.x1 + b0*r.x2 - a1*r.y1 - a2*r.y2
		r.x2, r.x1, r.y2, r.y1 = r.x1, x, r.y1, y
		period[i] = float32(min(max(y, -1), 1))
	}
}

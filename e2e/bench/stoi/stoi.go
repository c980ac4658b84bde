// Package stoi measures how well speech can be understood, against the
// original: the short-time objective intelligibility of C. Taal, R. Hendriks,
// R. Heusdens and J. Jensen, "An Algorithm for Intelligibility Prediction of
// Time-Frequency Weighted Noisy Speech", IEEE Transactions on Audio, Speech, and
// Language Processing 19 (2011). The letters in the comments are the paper's.
package stoi

import (
	"math"
	"math/cmplx"
)

// Parameters of the paper, section II.
const (
	rate      = 10000 // Hz
	frame     = 256   // samples, Hann-windowed, half overlapping
	hop       = frame / 2
	spectrum  = 512
	bands     = 15    // one-third octaves
	lowest    = 150.0 // Hz: centre of the first band
	segment   = 30    // frames: 384 ms
	clipping  = -15.0 // dB: lower bound of the signal-to-distortion ratio
	dynamic   = 40.0  // dB below the loudest frame, from where on it is silence
	sharpness = 64    // taps of the resampling filter, each way
)

// Score gives d, from about 0 to 1: how much of speech can be understood in
// heard, which is as long as said and aligned with it. Both have a sample rate
// in Hz of rate or more. Without 384 ms of speech it is 0.
func Score(said, heard []float32, sampleRate int) float64 {
	n := min(len(said), len(heard))
	x, y := resample(said[:n], sampleRate), resample(heard[:n], sampleRate)
	x, y = speechOnly(x, y)
	if len(x) < frame+segment*hop {
		return 0
	}
	return correlate(octaves(x), octaves(y))
}

// resample brings a sound to rate by a windowed sinc, of which there are as many
// as there are positions of the one rate's samples between the other's.
func resample(pcm []float32, from int) []float64 {
	step := float64(from) / rate
	reach := int(sharpness*step) + 1
	phases := make([][]float64, rate/gcd(from, rate))
	for p := range phases {
		_, part := math.Modf(float64(p*from) / rate)
		taps := make([]float64, 2*reach+1)
		sum := 0.0
		for i := range taps {
			t := (part - float64(i-reach)) / step
			if math.Abs(t) >= sharpness {
				continue
			}
			w := 0.5 + 0.5*math.Cos(math.Pi*t/sharpness)
			if t != 0 {
				w *= math.Sin(math.Pi*t) / (math.Pi * t)
			}
			taps[i] = w
			sum += w
		}
		for i := range taps {
			taps[i] /= sum
		}
		phases[p] = taps
	}
	out := make([]float64, len(pcm)*rate/from)
	for i := range out {
		first := i*from/rate - reach
		for j, w := range phases[i%len(phases)] {
			if at := first + j; at >= 0 && at < len(pcm) {
				out[i] += w * float64(pcm[at])
			}
		}
	}
	return out
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func window() (w [frame]float64) {
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i+1)/(frame+1))
	}
	return w
}

// speechOnly leaves out the frames in which nothing is said.
func speechOnly(x, y []float64) (sx, sy []float64) {
	w := window()
	var power []float64
	loudest := 0.0
	for from := 0; from+frame <= len(x); from += hop {
		sum := 0.0
		for i, v := range x[from : from+frame] {
			sum += v * w[i] * v * w[i]
		}
		power = append(power, sum)
		loudest = max(loudest, sum)
	}
	least := loudest * math.Pow(10, -dynamic/10)
	sx, sy = make([]float64, len(x)), make([]float64, len(x))
	at, any := 0, false
	for k, p := range power {
		if p <= least {
			continue
		}
		for i := range frame {
			sx[at+i] += x[k*hop+i] * w[i]
			sy[at+i] += y[k*hop+i] * w[i]
		}
		at, any = at+hop, true
	}
	if !any {
		return nil, nil
	}
	return sx[:at+hop], sy[:at+hop]
}

// octaves gives the norm of each one-third octave band in each frame.
func octaves(x []float64) [][bands]float64 {
	w := window()
	var out [][bands]float64
	bins := make([]complex128, spectrum)
	for from := 0; from+frame <= len(x); from += hop {
		clear(bins)
		for i, v := range x[from : from+frame] {
			bins[i] = complex(v*w[i], 0)
		}
		transform(bins)
		var row [bands]float64
		for b := range row {
			centre := lowest * math.Pow(2, float64(b)/3)
			low, high := bin(centre*math.Pow(2, -1.0/6)), bin(centre*math.Pow(2, 1.0/6))
			sum := 0.0
			for _, c := range bins[low:high] {
				sum += real(c)*real(c) + imag(c)*imag(c)
			}
			row[b] = math.Sqrt(sum)
		}
		out = append(out, row)
	}
	return out
}

func bin(hz float64) int { return int(hz*spectrum/rate + 0.5) }

// correlate compares the envelopes of each band, segment by segment (equations
// 2 to 6).
func correlate(x, y [][bands]float64) float64 {
	bound := math.Pow(10, -clipping/20)
	sum, count := 0.0, 0
	for end := segment; end <= len(x); end++ {
		for b := range bands {
			var sx, sy [segment]float64
			px, py := 0.0, 0.0
			for i := range segment {
				sx[i], sy[i] = x[end-segment+i][b], y[end-segment+i][b]
				px, py = px+sx[i]*sx[i], py+sy[i]*sy[i]
			}
			scale := math.Sqrt(px / max(py, 1e-30))
			for i := range segment {
				sy[i] = min(sy[i]*scale, sx[i]*(1+bound))
			}
			sum += alike(sx[:], sy[:])
			count++
		}
	}
	return sum / float64(max(count, 1))
}

// alike is the correlation coefficient.
func alike(x, y []float64) float64 {
	var mx, my, xx, yy, xy float64
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(y))
	}
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
	}
	return xy / math.Sqrt(max(xx*yy, 1e-30))
}

// transform is the discrete Fourier transform in place, for a power of two
// (Cooley and Tukey, 1965).
func transform(x []complex128) {
	n := len(x)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		if j ^= bit; i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= n; size *= 2 {
		turn := cmplx.Rect(1, -2*math.Pi/float64(size))
		for from := 0; from < n; from += size {
			w := complex(1, 0)
			for k := range size / 2 {
				a, b := x[from+k], x[from+k+size/2]*w
				x[from+k], x[from+k+size/2] = a+b, a-b
				w *= turn
			}
		}
	}
}

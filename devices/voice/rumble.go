package voice

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

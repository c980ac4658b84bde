package voice

const (
	// residueWindow is over how many periods of what was played an echo comes
	// back: 200 ms of delay, and the room.
	residueWindow = 30
	// residueFaint is the mean power of what is worth to look at (-60 dB).
	residueFaint = 1e-6
	// Where less than residueFrom of the power comes out of the canceller (-8
	// dB), an echo was all that there was. It is lowered once more, by twice as
	// much as it is below that, down to residueLeast.
	residueFrom  = 0.158
	residueLeast = 0.05
	// residueFall is the part of its way that the gain falls in a period. It
	// rises with the second period that is loud: who begins to talk is heard, and
	// a click is not.
	residueFall = 0.4
)

// residue lowers what a canceller leaves of an echo, while nobody near talks: a
// loudspeaker that clips makes an echo that is not a linear one, of which more
// is left. Where somebody talks, most of what was captured comes out, and stays.
type residue struct {
	played [residueWindow]float32 // mean power of each period
	at     int
	before float32 // mean power of the period that was captured last
	target float32 // for its gain, had it been alone
	gain   float32 // at the end of it
}

// rendered takes 10 ms that are played.
func (r *residue) rendered(period []float32) {
	r.played[r.at] = meanPower(period)
	r.at = (r.at + 1) % residueWindow
}

// lower takes what the canceller made of 10 ms whose mean power was before. What
// comes out of it went in up to a period earlier.
func (r *residue) lower(period []float32, before float32) {
	heard := max(before, r.before)
	r.before = before
	loudest := float32(0)
	for _, power := range r.played {
		loudest = max(loudest, power)
	}
	target := float32(1)
	if part := meanPower(period) / max(heard, residueFaint); loudest > residueFaint && part < residueFrom {
		target = max(part/residueFrom, residueLeast)
	}
	target, r.target = min(target, r.target), target
	from := r.gain
	r.gain = max(target, from+(target-from)*residueFall)
	for i := range period {
		period[i] *= from + (r.gain-from)*float32(i+1)/float32(len(period))
	}
}

func meanPower(samples []float32) float32 {
	sum := float32(0)
	for _, v := range samples {
		sum += v * v
	}
	return sum / float32(max(len(samples), 1))
}

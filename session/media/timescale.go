package media

// Bounds of the pieces that are taken out of a voice, or put in: periods of 400
// to 100 Hz, or two of a higher one.
const (
	lagLeast = devicesRate / 400
	lagMost  = devicesRate / 100
	lagStep  = 4 // of the search: what matters for it lies below 6 kHz
	// alike is from which correlation on a change can't be heard, faint below
	// which power everything is alike (-50 dB).
	alike = 0.85
	faint = 1e-5
)

const devicesRate = 48000

// period finds by how much a sound repeats itself from its beginning on, and how
// much alike its two first periods are, up to 1. It needs 2*lagMost samples.
func period(pcm []float32) (lag int, correlation float32) {
	pcm = pcm[:2*lagMost]
	power := float32(0)
	for _, v := range pcm {
		power += v * v
	}
	if power < faint*2*lagMost {
		return lagMost, 1
	}
	const window = lagMost
	own := float32(1e-9)
	for i := 0; i < window; i += lagStep {
		own += pcm[i] * pcm[i]
	}
	best := float32(-1)
	lag = lagMost
	for l := lagLeast; l <= lagMost; l += lagStep {
		dot, other := float32(0), float32(1e-9)
		for i := 0; i < window; i += lagStep {
			dot += pcm[i] * pcm[i+l]
			other += pcm[i+l] * pcm[i+l]
		}
		// Squared with its sign, for which no root is needed.
		if score := dot * abs(dot) / (own * other); score > best {
			best, lag = score, l
		}
	}
	return lag, best
}

// shorten takes one period out of a sound, in place, by fading from the first
// over into the second. Without force it does so only where it can't be heard.
func shorten(pcm []float32, force bool) []float32 {
	if len(pcm) < 2*lagMost {
		return pcm
	}
	lag, correlation := period(pcm)
	if correlation < alike && !force {
		return pcm
	}
	for i := range lag {
		fade := float32(i) / float32(lag)
		pcm[i] = pcm[i]*(1-fade) + pcm[i+lag]*fade
	}
	n := copy(pcm[lag:], pcm[2*lag:])
	return pcm[:lag+n]
}

// lengthen puts one period into a sound, in place, which needs a capacity of
// lagMost more.
func lengthen(pcm []float32, force bool) []float32 {
	n := len(pcm)
	if n < 2*lagMost || cap(pcm) < n+lagMost {
		return pcm
	}
	lag, correlation := period(pcm)
	if correlation < alike && !force {
		return pcm
	}
	// The second period fades over into the first, after which it comes again.
	pcm = pcm[:n+lag]
	copy(pcm[2*lag:], pcm[lag:n])
	for i := range lag {
		fade := float32(i) / float32(lag)
		pcm[lag+i] = pcm[2*lag+i]*(1-fade) + pcm[i]*fade
	}
	return pcm
}

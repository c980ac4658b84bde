package media

// Stretch plays mono samples faster, or slower, at the same pitch: it takes
// pieces from about where the sound would be by then, moved to where they fit
// best to what was put out, and fades each over into the next (Verhelst and
// Roelands, "An overlap-add technique based on waveform similarity", 1993).
func Stretch(pcm []float32, speed float32) []float32 {
	const (
		half   = 480 // 10 ms: a piece is twice that, faded over half of it
		search = 240 // how far a piece is moved
		step   = 4   // of the comparison: speech has little above 6 kHz to compare
	)
	if speed <= 0 || speed == 1 || len(pcm) < 4*half {
		return pcm
	}
	out := make([]float32, 0, int(float32(len(pcm))/speed)+2*half)
	out = append(out, pcm[:half]...)
	from := 0 // where the last piece began
	for n := 1; ; n++ {
		wanted := int(float32(n*half) * speed)
		if wanted+2*half+search >= len(pcm) {
			out = append(out, pcm[min(from+half, len(pcm)):min(from+2*half, len(pcm))]...)
			return out
		}
		follows := pcm[from+half : from+2*half] // what would come after the last piece
		best, most := wanted, float32(-1e30)
		for at := max(wanted-search, 0); at <= wanted+search; at += step {
			piece := pcm[at : at+half]
			dot, power := float32(0), float32(1e-6)
			for i := 0; i < half; i += step {
				dot += follows[i] * piece[i]
				power += piece[i] * piece[i]
			}
			// Normalised without a root: the sign is kept.
			if score := dot * abs(dot) / power; score > most {
				best, most = at, score
			}
		}
		for i := range half {
			fade := float32(i) / half
			out = append(out, follows[i]*(1-fade)+pcm[best+i]*fade)
		}
		from = best
	}
}

func abs(x float32) float32 { return max(x, -x) }

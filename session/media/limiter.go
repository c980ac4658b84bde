package media

// limiterRelease is by how much of the way to 1 the limiter's gain returns
// with each block of 10 ms.
const limiterRelease = 0.05

// limiter keeps a sound within full scale by lowering it as a whole: a fast
// attack, a slow release, and a ramp over the block so that it does not click.
type limiter struct{ gain float32 } // 1 where nothing is lowered

func (l *limiter) apply(block []float32) {
	if len(block) == 0 {
		return
	}
	var peak float32
	for _, s := range block {
		peak = max(peak, s, -s)
	}
	target := l.gain + (1-l.gain)*limiterRelease
	if peak*target > 1 {
		target = 1 / peak
	}
	if l.gain == 1 && target == 1 {
		return
	}
	step := (target - l.gain) / float32(len(block))
	gain := l.gain
	for i, s := range block {
		gain += step
		block[i] = min(max(s*gain, -1), 1)
	}
	if l.gain = target; l.gain > 0.9999 {
		l.gain = 1
	}
}

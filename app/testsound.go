package app

import (
	"math"
	"time"

	"parley/devices"
)

// testTime is how long the test sound takes.
const testTime = 1200 * time.Millisecond

// testSound plays two soft notes on a speaker. In a call they are heard beside
// it, from the speaker that it has open.
func (c *controller) testSound(name string) {
	samples := testTune().samples(testTime)
	if c.room != nil {
		c.playBeside(samples)
		return
	}
	c.work.Go(func() {
		rest := samples
		output, err := c.opener.OpenSpeaker(c.ctx, name, func(dst []float32) {
			n := copy(dst, rest)
			clear(dst[n:])
			rest = rest[n:]
		})
		if err != nil {
			c.log.Warn("the test sound can't be played", "error", err)
			return
		}
		defer output.Close()
		select {
		case <-c.ctx.Done():
		case <-time.After(testTime):
		}
	})
}

// tone is a note that rings out: when it begins, how high and how loud it is.
type tone struct{ at, hz, loud float64 }

// testTune is a fifth.
func testTune() tones { return tones{{0.05, 523.25, 0.3}, {0.35, 783.99, 0.3}} }

// samples are the notes as they are played.
func (t tones) samples(length time.Duration) []float32 {
	out := make([]float32, int(length.Seconds()*devices.SampleRate))
	for i := range out {
		now := float64(i) / devices.SampleRate
		var sum float64
		for _, note := range t {
			if since := now - note.at; since > 0 {
				sum += note.loud * math.Exp(-4*since) * (1 - math.Exp(-200*since)) * math.Sin(2*math.Pi*note.hz*since)
			}
		}
		// The end does not click.
		out[i] = float32(sum * min(1, (length.Seconds()-now)/0.05))
	}
	return out
}

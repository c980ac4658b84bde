package app

import (
	"math"
	"time"

	"parley/devices"
)

// testSound plays two soft notes on a speaker.
func (c *controller) testSound(name string) {
	c.work.Go(func() {
		n := 0
		output, err := c.opener.OpenSpeaker(c.ctx, name, func(dst []float32) {
			for i := range dst {
				dst[i] = chime(n)
				n++
			}
		})
		if err != nil {
			c.log.Warn("the test sound can't be played", "error", err)
			return
		}
		defer output.Close()
		select {
		case <-c.ctx.Done():
		case <-time.After(1200 * time.Millisecond):
		}
	})
}

// chime is sample n of two notes, a fifth apart, each of which rings out.
func chime(n int) float32 {
	t := float64(n) / devices.SampleRate
	var sum float64
	for _, note := range []struct{ at, hz float64 }{{0.05, 523.25}, {0.35, 783.99}} {
		if since := t - note.at; since > 0 {
			sum += 0.3 * math.Exp(-4*since) * (1 - math.Exp(-200*since)) * math.Sin(2*math.Pi*note.hz*since)
		}
	}
	return float32(sum)
}

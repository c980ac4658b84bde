package main

import (
	"math"
	"slices"
	"time"

	"parley/devices"
)

const (
	delayRate   = 8000 // at which sounds are compared
	delayStep   = devices.SampleRate / delayRate
	delayWindow = delayRate * 3 / 10
	delayMost   = delayRate / 2
	delayAlike  = 0.5
	delayFaint  = 1e-4 // mean power of what is worth to compare
)

// coarse gives a sound at delayRate.
func coarse(pcm []float32) []float64 {
	out := make([]float64, len(pcm)/delayStep)
	for i := range out {
		for _, v := range pcm[i*delayStep : (i+1)*delayStep] {
			out[i] += float64(v) / delayStep
		}
	}
	return out
}

// window is by how much heard is later than said in one window, and how alike
// they are then, from 0 to 1; 0 where nothing is said.
type window struct {
	delay time.Duration
	alike float64
}

// windows compares 0.3 s of the two after another.
func windows(said, heard []float32) []window {
	a, b := coarse(said), coarse(heard)
	var all []window
	for from := 0; from+delayWindow+delayMost <= len(a); from += delayWindow {
		x := a[from : from+delayWindow]
		px := energy(x)
		var w window
		if px > delayFaint*delayWindow {
			for lag := range delayMost {
				y := b[from+lag : from+lag+delayWindow]
				dot := 0.0
				for i, v := range x {
					dot += v * y[i]
				}
				if c := math.Abs(dot) / math.Sqrt(px*energy(y)+1e-12); c > w.alike {
					w = window{time.Duration(lag) * time.Second / delayRate, c}
				}
			}
		}
		all = append(all, w)
	}
	return all
}

// found gives the delays of the windows in which something was recognised.
func found(all []window) (list []time.Duration) {
	for _, w := range all {
		if w.alike > delayAlike {
			list = append(list, w.delay)
		}
	}
	return list
}

func energy(x []float64) (sum float64) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

func median(list []time.Duration) time.Duration {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

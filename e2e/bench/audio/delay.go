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
	var all []window
	for _, c := range likeness(said, heard) {
		var w window
		for lag, alike := range c {
			if alike > w.alike {
				w = window{time.Duration(lag) * time.Second / delayRate, alike}
			}
		}
		all = append(all, w)
	}
	return all
}

const (
	// A path of delays loses trackCost for each ms of a change up to trackNear,
	// and trackJump for a larger one: a voice is nearly as alike one period of
	// its pitch away.
	trackCost = 0.02
	trackNear = delayRate * 20 / 1000
	trackJump = 0.5
)

// track finds the delay of each window, as one path of them that is likely as a
// whole (Viterbi, "Error bounds for convolutional codes", 1967).
func track(said, heard []float32) []time.Duration {
	alike := likeness(said, heard)
	score := make([]float64, delayMost)
	from := make([][]int32, len(alike))
	for w, a := range alike {
		best := 0
		for lag, s := range score {
			if s > score[best] {
				best = lag
			}
		}
		next := make([]float64, delayMost)
		from[w] = make([]int32, delayMost)
		for lag := range next {
			next[lag], from[w][lag] = score[best]-trackJump, int32(best)
			for near := max(lag-trackNear, 0); near <= min(lag+trackNear, delayMost-1); near++ {
				cost := trackCost * math.Abs(float64(near-lag)) * 1000 / delayRate
				if s := score[near] - cost; s > next[lag] {
					next[lag], from[w][lag] = s, int32(near)
				}
			}
			next[lag] += a[lag]
		}
		score = next
	}
	best := int32(0)
	for lag, s := range score {
		if s > score[best] {
			best = int32(lag)
		}
	}
	path := make([]time.Duration, len(alike))
	for w := len(alike) - 1; w >= 0; w-- {
		path[w] = time.Duration(best) * time.Second / delayRate
		best = from[w][best]
	}
	return path
}

// likeness is how alike the two are in each window, for each delay: 0 to 1, and
// 0 where nothing is said.
func likeness(said, heard []float32) [][]float64 {
	a, b := coarse(said), coarse(heard)
	var all [][]float64
	for from := 0; from+delayWindow+delayMost <= len(a); from += delayWindow {
		x := a[from : from+delayWindow]
		px := energy(x)
		c := make([]float64, delayMost)
		if px > delayFaint*delayWindow {
			for lag := range c {
				y := b[from+lag : from+lag+delayWindow]
				dot := 0.0
				for i, v := range x {
					dot += v * y[i]
				}
				c[lag] = math.Abs(dot) / math.Sqrt(px*energy(y)+1e-12)
			}
		}
		all = append(all, c)
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

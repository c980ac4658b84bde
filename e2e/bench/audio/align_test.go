package main

import (
	"testing"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/stoi"
)

// TestAlignForgivesTheJitterBuffer moves a voice by some milliseconds in its
// pauses: it is as well understood as before. What is missing costs.
func TestAlignForgivesTheJitterBuffer(t *testing.T) {
	said := make([]float32, 12*devices.SampleRate)
	synthetic.NewVoice("ann").Fill(said)
	heard := make([]float32, len(said))
	pause, delay := false, 80.0 // ms
	for i := range heard {
		quiet := i+48 < len(said) && power(said[i:i+48]) == 0
		if quiet && !pause {
			delay -= 6
		}
		pause = quiet
		at := int(delay * devices.SampleRate / 1000)
		if i >= at {
			heard[i] = said[i-at]
		}
	}
	x, y := align(said, heard)
	if score := stoi.Score(x, y, devices.SampleRate); score < 0.97 {
		t.Errorf("moved in its pauses: %.3f", score)
	}
	for i := range heard {
		if i/(devices.SampleRate/5)%4 == 1 {
			heard[i] = 0
		}
	}
	x, y = align(said, heard)
	if score := stoi.Score(x, y, devices.SampleRate); score > 0.9 {
		t.Errorf("with a quarter left out: %.3f", score)
	}
}

package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"parley/devices"
	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
)

// gapMost is for how long a call may be silent when a device is changed.
const gapMost = 300 // ms

// measureGaps changes microphone and speaker while a tone is said.
func measureGaps(ctx context.Context, path string) ([]report.Result, error) {
	s, err := newTheatre(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	defer s.close()
	speaks, err := parley(ctx, s, seat{name: "ann", microphone: microphone, speaker: nowhere, processing: "none"})
	if err != nil {
		return nil, err
	}
	hears, err := parley(ctx, s, seat{name: "bob", speaker: ear, processing: "none"})
	if err != nil {
		return nil, err
	}
	const seconds = 8
	said := make([]float32, seconds*devices.SampleRate)
	for i := range said {
		said[i] = float32(0.3 * math.Sin(2*math.Pi*440*float64(i)/devices.SampleRate))
	}
	// Both microphones hear the tone.
	worst := map[string]time.Duration{}
	for _, change := range []struct {
		device string
		who    *stage.Program
		names  [2]string
	}{{"microphone", speaks, [2]string{microphone2, microphone}}, {"speaker", hears, [2]string{ear2, ear}}} {
		later := time.AfterFunc(3*time.Second, func() { _ = change.who.Say("/" + change.device + " " + change.names[0]) })
		again := time.AfterFunc(6*time.Second, func() { _ = change.who.Say("/" + change.device + " " + change.names[1]) })
		if err := s.air.say(ctx, mouth2, said); err != nil {
			return nil, err
		}
		sound, err := s.air.converse(ctx, said)
		later.Stop()
		again.Stop()
		if err != nil {
			return nil, err
		}
		both := slices.Clone(sound[atEar])
		for i, v := range sound[atEar2] {
			both[i] += v
		}
		gap, found := longestGap(both, seconds)
		if !found {
			return nil, fmt.Errorf("the tone was not heard while the %s was changed", change.device)
		}
		worst[change.device] = gap
	}
	return []report.Result{
		report.AtMost("gap when the microphone is changed", "ms", millis(worst["microphone"]), gapMost),
		report.AtMost("gap when the speaker is changed", "ms", millis(worst["speaker"]), gapMost),
	}, nil
}

// longestGap is the longest silence between the beginning of a tone and its end.
func longestGap(pcm []float32, seconds int) (longest time.Duration, found bool) {
	const faint = 0.01
	const block = devices.SampleRate / 1000
	first, last := -1, 0
	for i := 0; i+block <= len(pcm); i += block {
		if power(pcm[i:i+block]) > faint*faint {
			if gap := i - last; first >= 0 && gap > block {
				longest = max(longest, time.Duration(gap)*time.Second/devices.SampleRate)
			}
			if last = i; first < 0 {
				first = i
			}
		}
	}
	return longest, first >= 0 && last-first > seconds*devices.SampleRate*3/4
}

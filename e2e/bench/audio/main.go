// Command audio measures the sound of a call between two Parleys, and beside it
// that of a call between two Chromiums, over virtual sound cards.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/devices/synthetic"
	"parley/e2e/bench/report"
)

func main() {
	report.Run("audio", []report.Part{
		{Name: "mouth-to-ear", Measure: measureDelay}, {Name: "impaired", Measure: measureImpaired}, {Name: "echo", Measure: measureEcho},
		{Name: "noise", Measure: measureNoise}, {Name: "gaps", Measure: measureGaps}, {Name: "cpu", Measure: measureCPU},
		{Name: "underruns", Measure: measureUnderruns},
	})
}

// pause lets a call be between what is said to settle it and what is measured.
const pause = 3 * time.Second

// measureDelay measures how long a voice is on its way.
func measureDelay(ctx context.Context, path string) ([]report.Result, error) {
	var results []report.Result
	for _, processed := range []bool{false, true} {
		ours, err := mouthToEar(ctx, path, processed, parley)
		if err != nil {
			return nil, fmt.Errorf("with Parley: %w", err)
		}
		theirs, err := mouthToEar(ctx, path, processed, chromium)
		if err != nil {
			return nil, fmt.Errorf("with Chromium: %w", err)
		}
		name := "mouth to ear, processing off"
		if processed {
			name = "mouth to ear, processing on"
		}
		results = append(results, report.Against(name, "ms", millis(ours), millis(theirs), 0.6))
	}
	return results, nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func mouthToEar(ctx context.Context, path string, processed bool, call caller) (time.Duration, error) {
	s, err := newTheatre(ctx, path, nil)
	if err != nil {
		return 0, err
	}
	defer s.close()
	processing := "none"
	if processed {
		processing = "echo,noise,gain"
	}
	if _, err := pair(ctx, s, call, processing); err != nil {
		return 0, err
	}
	voice := make([]float32, 12*48000)
	synthetic.NewVoice("ann").Fill(voice)
	if _, err := s.air.converse(ctx, voice); err != nil { // settles as it would in a conversation
		return 0, err
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(pause):
	}
	sound, err := s.air.converse(ctx, voice)
	if err != nil {
		return 0, err
	}
	all := found(windows(sound[atMouth], sound[atEar]))
	if len(all) < 10 {
		return 0, errors.New("what was said was not heard")
	}
	return median(all), nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
	"parley/e2e/bench/stoi"
	"parley/e2e/impair"
)

// impairments are what the line does to what goes to the one who hears.
func impairments() []impair.Way {
	var all []impair.Way
	for _, loss := range []float64{0, 0.05, 0.1, 0.2} {
		for _, jitter := range []time.Duration{0, 30 * time.Millisecond, 100 * time.Millisecond} {
			all = append(all, impair.Way{Loss: loss, Jitter: jitter, Delay: 10 * time.Millisecond, Seed: 7})
		}
	}
	return all
}

// measureImpaired scores what is heard over bad lines.
func measureImpaired(ctx context.Context, path string) ([]report.Result, error) {
	ours, err := scores(ctx, path, parley)
	if err != nil {
		return nil, fmt.Errorf("with Parley: %w", err)
	}
	theirs, err := scores(ctx, path, chromium)
	if err != nil {
		return nil, fmt.Errorf("with Chromium: %w", err)
	}
	var results []report.Result
	for i, way := range impairments() {
		line := fmt.Sprintf("at %g %% loss, %v jitter", way.Loss*100, way.Jitter)
		results = append(results, report.NotBelow("speech "+line, "STOI", ours[i].speech, theirs[i].speech),
			report.Beside("concealed "+line, "s of 21", ours[i].concealed, theirs[i].concealed))
	}
	return results, nil
}

// score is what was heard over one line.
type score struct {
	speech    float64 // STOI
	concealed float64 // seconds
}

func scores(ctx context.Context, path string, call caller) ([]score, error) {
	far, err := stage.NewNetwork()
	if err != nil {
		return nil, err
	}
	defer far.Close()
	s, err := newTheatre(ctx, path, far)
	if err != nil {
		return nil, err
	}
	defer s.close()
	hears, err := pair(ctx, s, call, "none")
	if err != nil {
		return nil, err
	}
	voice := make([]float32, 20*devices.SampleRate)
	synthetic.NewVoice("ann").Fill(voice)
	var all []score
	for _, way := range impairments() {
		far.Line.Impair(way, impair.Way{})
		if _, err := s.air.converse(ctx, voice[:5*devices.SampleRate]); err != nil { // settles
			return nil, err
		}
		before, err := concealed(ctx, hears)
		if err != nil {
			return nil, err
		}
		sound, err := s.air.converse(ctx, voice)
		if err != nil {
			return nil, err
		}
		after, err := concealed(ctx, hears)
		if err != nil {
			return nil, err
		}
		said, heard := align(sound[atMouth], sound[atEar])
		if len(said) < 5*devices.SampleRate {
			return nil, errors.New("what was said was not heard")
		}
		all = append(all, score{stoi.Score(said, heard, devices.SampleRate), max(after-before, 0)})
		fmt.Fprintf(os.Stderr, "%+v: %+v\n", way, all[len(all)-1])
	}
	return all, nil
}

// align moves what was heard to where it was said. A jitter buffer moves it by
// some milliseconds now and then, which nobody hears: between the middles of the
// windows the delay changes evenly.
func align(said, heard []float32) (x, y []float32) {
	const piece = delayWindow * delayStep
	delays := track(said, heard)
	for i := piece / 2; i < len(delays)*piece-piece/2; i++ {
		w, part := (i-piece/2)/piece, float64((i-piece/2)%piece)/piece
		delay := delays[w].Seconds() * devices.SampleRate
		if w+1 < len(delays) {
			delay += (delays[w+1].Seconds()*devices.SampleRate - delay) * part
		}
		at, rest := math.Modf(float64(i) + delay)
		if int(at)+1 >= len(heard) {
			break
		}
		x = append(x, said[i])
		y = append(y, heard[int(at)]*float32(1-rest)+heard[int(at)+1]*float32(rest))
	}
	return x, y
}

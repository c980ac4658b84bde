package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/report"
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
func measureImpaired(ctx context.Context, program string) ([]report.Result, error) {
	ours, err := scores(ctx, program, parleys)
	if err != nil {
		return nil, fmt.Errorf("impaired Parley: %w", err)
	}
	theirs, err := scores(ctx, program, chromiums)
	if err != nil {
		return nil, fmt.Errorf("impaired Chromium: %w", err)
	}
	var results []report.Result
	for i, way := range impairments() {
		results = append(results, report.NotBelow(fmt.Sprintf("speech at %g %% loss, %v jitter", way.Loss*100, way.Jitter), "STOI", ours[i], theirs[i]))
	}
	return results, nil
}

func scores(ctx context.Context, program string, call caller) ([]float64, error) {
	far, err := newNetwork()
	if err != nil {
		return nil, err
	}
	defer far.close()
	s, err := newStage(ctx, program, far)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := call(ctx, program, s, false); err != nil {
		return nil, err
	}
	voice := make([]float32, 20*devices.SampleRate)
	synthetic.NewVoice("ann").Fill(voice)
	var all []float64
	for _, way := range impairments() {
		far.line.Impair(way, impair.Way{})
		if _, _, err := s.air.converse(ctx, voice[:5*devices.SampleRate]); err != nil { // settles
			return nil, err
		}
		said, heard, err := s.air.converse(ctx, voice)
		if err != nil {
			return nil, err
		}
		said, heard = align(said, heard)
		if len(said) < 5*devices.SampleRate {
			return nil, errors.New("what was said was not heard")
		}
		all = append(all, stoi.Score(said, heard, devices.SampleRate))
		fmt.Fprintf(os.Stderr, "%+v: %.3f\n", way, all[len(all)-1])
	}
	return all, nil
}

// align moves what was heard to where it was said, piece by piece: a jitter
// buffer moves it by some milliseconds now and then, which nobody hears.
func align(said, heard []float32) (x, y []float32) {
	const piece = delayWindow * delayStep
	list := windows(said, heard)
	last := median(found(list))
	for i, w := range list {
		from := i * piece
		if w.alike > delayAlike {
			last = w.delay
		}
		at := from + int(last.Seconds()*devices.SampleRate)
		if at+piece > len(heard) {
			break
		}
		x, y = append(x, said[from:from+piece]...), append(y, heard[at:at+piece]...)
	}
	return x, y
}

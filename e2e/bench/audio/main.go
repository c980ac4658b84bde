// Command audio measures the sound of a call between two Parleys, and beside it
// that of a call between two Chromiums, over virtual sound cards.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"parley/devices/synthetic"
	"parley/e2e/bench/report"
)

func main() {
	path := flag.String("parley", "bin/parley", "the program that serves and calls")
	only := flag.String("only", "", "measure these parts alone, with commas between")
	write := flag.Bool("write", true, "write the report")
	flag.Parse()
	results, err := measure(context.Background(), *path, *only)
	if err == nil && *write {
		save := report.Write
		if *only != "" {
			save = report.Update
		}
		err = save("audio", "make bench-audio", results)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, r := range results {
		theirs := ""
		if r.Peer != nil {
			theirs = fmt.Sprintf("theirs %g", *r.Peer)
		}
		fmt.Printf("%-50s %8g %-4s  %-14s %s\n", r.Name, r.Ours, r.Unit, theirs, r.Goal)
	}
}

// pause lets a call be between what is said to settle it and what is measured.
const pause = 3 * time.Second

// part is one thing to measure.
type part struct {
	name    string
	measure func(ctx context.Context, path string) ([]report.Result, error)
}

func measure(ctx context.Context, path, only string) ([]report.Result, error) {
	var results []report.Result
	for _, p := range []part{
		{"mouth-to-ear", measureDelay}, {"impaired", measureImpaired}, {"echo", measureEcho}, {"noise", measureNoise},
		{"gaps", measureGaps}, {"cpu", measureCPU}, {"underruns", measureUnderruns},
	} {
		if only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
			continue
		}
		some, err := p.measure(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		results = append(results, some...)
	}
	return results, nil
}

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

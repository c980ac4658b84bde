// Command video measures the pictures of a call between Parleys, and beside them
// those of Chromium with livekit-client, in one run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

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
		err = save("video", "make bench-video", results)
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
		fmt.Printf("%-56s %8g %-10s  %-16s %s\n", r.Name, r.Ours, r.Unit, theirs, r.Goal)
	}
}

func measure(ctx context.Context, path, only string) ([]report.Result, error) {
	var results []report.Result
	for _, p := range []struct {
		name    string
		measure func(ctx context.Context, path string) ([]report.Result, error)
	}{{"receiving", measureReceiving}, {"sending", measureSending}, {"first", measureFirst}} {
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

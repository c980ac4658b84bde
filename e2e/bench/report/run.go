package report

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Part is one thing to measure of the program at a path.
type Part struct {
	Name    string
	Measure func(ctx context.Context, path string) ([]Result, error)
}

// Run is the main function of a benchmark: it measures the parts that flags name,
// writes the results, and prints them.
func Run(name string, parts []Part) {
	path := flag.String("parley", "bin/parley", "the program that serves and calls")
	only := flag.String("only", "", "measure these parts alone, with commas between")
	write := flag.Bool("write", true, "write the report")
	flag.Parse()
	results, err := measure(context.Background(), parts, *path, *only)
	if err == nil && *write {
		save := Write
		if *only != "" {
			save = Update
		}
		err = save(name, "make bench-"+name, results)
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

func measure(ctx context.Context, parts []Part, path, only string) ([]Result, error) {
	var results []Result
	for _, p := range parts {
		if only != "" && !slices.Contains(strings.Split(only, ","), p.Name) {
			continue
		}
		some, err := p.Measure(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		results = append(results, some...)
	}
	return results, nil
}

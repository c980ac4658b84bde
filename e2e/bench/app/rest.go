package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"parley/e2e/bench/report"
	"parley/e2e/bench/screen"
	"parley/e2e/bench/usage"
)

const (
	restSettle  = 15 * time.Second
	restObserve = time.Minute
	restCPU     = 1   // percent of a core
	restMemory  = 150 // MiB
	hostMemory  = 220
)

// measureRest looks at the program when nobody touches it: before a call, and in a
// room of its own in which nobody else is.
func measureRest(ctx context.Context, path string) ([]report.Result, error) {
	rest, err := rested(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("at rest: %w", err)
	}
	host, err := rested(ctx, path, "--host", "--room", "bench", "--name", "Ann", "--join")
	if err != nil {
		return nil, fmt.Errorf("hosting: %w", err)
	}
	fmt.Fprintf(os.Stderr, "at rest %+v, hosting %+v\n", rest, host)
	return []report.Result{
		report.AtMost("at rest, CPU", "% of a core", rest.CPU+rest.GL, restCPU),
		report.AtMost("at rest, memory (PSS)", "MiB", rest.PSS, restMemory),
		report.Figure("at rest, memory without software GL's libraries", "MiB", rest.PSS-rest.Lib),
		report.Figure("hosting an empty room, CPU", "% of a core", host.CPU+host.GL),
		report.AtMost("hosting an empty room, memory (PSS)", "MiB", host.PSS, hostMemory),
		report.Figure("hosting an empty room, memory without software GL's libraries", "MiB", host.PSS-host.Lib),
	}, nil
}

func rested(ctx context.Context, path string, more ...string) (usage.Usage, error) {
	d, err := screen.New()
	if err != nil {
		return usage.Usage{}, err
	}
	defer d.Close()
	folder, err := os.MkdirTemp("", "parley-bench-app-")
	if err != nil {
		return usage.Usage{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	c := exec.CommandContext(ctx, path, arguments(filepath.Join(folder, "data"), more...)...)
	c.Env = environment(d)
	if err := c.Start(); err != nil {
		return usage.Usage{}, err
	}
	defer func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	}()
	time.Sleep(restSettle)
	if shots := os.Getenv("BENCH_SCREENSHOTS"); shots != "" {
		d.Screenshot(filepath.Join(shots, fmt.Sprintf("rest-%d.png", len(more))))
	}
	return usage.Observe(ctx, c.Process.Pid, false, restObserve)
}

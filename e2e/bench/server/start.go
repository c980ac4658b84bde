package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
)

const (
	startTries = 9
	startMost  = 300 // ms
	idleMost   = 120 // MB
	// idleAfter is how long a server that nobody uses is left alone before it is
	// looked at.
	idleAfter = 5 * time.Second
)

// measureStart starts servers with data of before, as they are started most often.
func measureStart(ctx context.Context, path string) ([]report.Result, error) {
	data, err := os.MkdirTemp("", "parley-bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(data) }()
	var took []float64
	var idle float64
	for i := range startTries {
		ms, memory, err := startOnce(ctx, path, data, i == startTries-1)
		if err != nil {
			return nil, err
		}
		took = append(took, ms)
		idle = memory
	}
	slices.Sort(took)
	return []report.Result{
		report.AtMost("server, start to ready, median", "ms", took[startTries/2], startMost),
		report.AtMost("server, start to ready, slowest", "ms", took[startTries-1], startMost),
		report.AtMost("server, memory when idle (PSS)", "MB", idle, idleMost),
	}, nil
}

func startOnce(ctx context.Context, path, data string, look bool) (ms, memory float64, err error) {
	began := time.Now()
	s := &stage.Stage{Path: path, Folder: filepath.Join(data, "stage")}
	p, err := s.Start(ctx, nil, path, "serve", "--hosted", "--open", "--listen", "127.0.0.1:0", "--udp-port", "0", "--tcp-port", "0", "--data", data)
	if err != nil {
		return 0, 0, err
	}
	defer s.Close()
	if _, err := p.Wait(ctx, "ready"); err != nil {
		return 0, 0, err
	}
	ms = float64(time.Since(began).Microseconds()) / 1000
	if look {
		time.Sleep(idleAfter)
		memory, err = megabytes(p.Cmd.Process.Pid)
	}
	return ms, memory, err
}

// megabytes is the proportional share of a process in the memory.
func megabytes(pid int) (float64, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0, err
	}
	maps, err := p.MemoryMaps(true)
	if err != nil {
		return 0, err
	}
	return float64((*maps)[0].Pss) * 1024 / 1e6, nil
}

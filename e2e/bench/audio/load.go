package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"parley/e2e/bench/report"
)

const (
	people  = 10
	cpuMost = 15 // percent of a core
	cpuTime = 20 * time.Second
)

// measureCPU has somebody hear nine others, who all talk.
func measureCPU(ctx context.Context, path string) ([]report.Result, error) {
	s, err := newTheatre(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	defer s.close()
	for n := range people - 1 {
		name := fmt.Sprint("talker", n)
		p, err := s.Start(ctx, s.air.environment("", nowhere), path, "peer", "--server", s.Address, "--room", "bench", "--name", name,
			"--data", filepath.Join(s.Folder, name), "--video", "none", "--audio", "synthetic:"+name, "--speaker", "none", "--processing", "none")
		if err != nil {
			return nil, err
		}
		if _, err := p.Wait(ctx, "publisher_state"); err != nil {
			return nil, err
		}
	}
	hears, err := parley(ctx, s, seat{name: "ann", microphone: microphone, speaker: ear, processing: "echo,noise,gain"})
	if err != nil {
		return nil, err
	}
	watched, err := process.NewProcess(int32(hears.Cmd.Process.Pid))
	if err != nil {
		return nil, err
	}
	time.Sleep(5 * time.Second)
	before, err := watched.Times()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	time.Sleep(cpuTime)
	after, err := watched.Times()
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	line, err := hears.Wait(ctx, "stats")
	if err != nil {
		return nil, err
	}
	if play, _ := line["play"].([]any); len(play) != people-1 {
		return nil, fmt.Errorf("%d are heard, not %d", len(play), people-1)
	}
	spent := after.User + after.System - before.User - before.System
	return []report.Result{report.AtMost(fmt.Sprintf("sound of a call of %d, processed", people), "% of a core", 100*spent/took, cpuMost)}, nil
}

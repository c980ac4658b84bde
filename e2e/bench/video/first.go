package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"

	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
)

const (
	firstTries = 7
	firstMost  = 500 // ms
)

// measureFirst measures how long after Join somebody's picture is there.
func measureFirst(ctx context.Context, path string) ([]report.Result, error) {
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	sender, err := s.Start(ctx, nil, path, "peer", "--server", s.Address, "--room", stage.Room, "--name", "sender", "--audio", "none", "--data", filepath.Join(s.Folder, "sender"))
	if err != nil {
		return nil, err
	}
	if _, err := sender.Wait(ctx, "publisher_state"); err != nil {
		return nil, err
	}
	var ours, theirs []float64
	for i := range firstTries {
		name := fmt.Sprint("viewer", i)
		p, err := s.Start(ctx, nil, path, "peer", "--server", s.Address, "--room", stage.Room, "--name", name, "--video", "none", "--audio", "none", "--data", filepath.Join(s.Folder, name))
		if err != nil {
			return nil, err
		}
		line, err := p.Wait(ctx, "first_video")
		if err != nil {
			return nil, err
		}
		ms, _ := line["since_join_ms"].(float64)
		ours = append(ours, ms)
		if err := p.Say("/leave"); err != nil {
			return nil, err
		}
		_ = p.Cmd.Wait()
		browser, err := s.StartChromium(ctx, nil, "browser"+name, "PEER_CAMERA=none", "PEER_MICROPHONE=none")
		if err != nil {
			return nil, err
		}
		if line, err = browser.Wait(ctx, "first_video"); err != nil {
			return nil, err
		}
		ms, _ = line["since_join_ms"].(float64)
		theirs = append(theirs, ms)
		_ = browser.Cmd.Process.Signal(syscall.SIGTERM) // the browser ends with it
		_ = browser.Cmd.Wait()
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	r := report.AtMost("first picture after Join, median", "ms", ours[firstTries/2], firstMost)
	peer := theirs[firstTries/2]
	ratio := ours[firstTries/2] / peer
	r.Peer, r.Ratio = &peer, &ratio
	return []report.Result{r, report.AtMost("first picture after Join, slowest", "ms", ours[firstTries-1], firstMost)}, nil
}

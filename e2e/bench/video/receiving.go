package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/e2e/bench/report"
	"parley/e2e/bench/screen"
	"parley/e2e/bench/stage"
	"parley/e2e/bench/usage"
)

const (
	settleTime  = 12 * time.Second
	observeTime = 20 * time.Second
	// Of what Chromium takes.
	receiveCPU, receiveMemory = 0.6, 0.4
)

// measureReceiving has a window show others, all of them at 1280x720.
func measureReceiving(ctx context.Context, path string) ([]report.Result, error) {
	var results []report.Result
	for _, c := range []struct{ people, width, height int }{{4, 640, 360}, {1, 1280, 720}, {16, 320, 180}} {
		name := fmt.Sprintf("receiving %d x %dx%d", c.people, c.width, c.height)
		ours, err := receive(ctx, path, c.people, c.width, c.height, watchWithParley)
		if err != nil {
			return nil, fmt.Errorf("%s with Parley: %w", name, err)
		}
		theirs, err := receive(ctx, path, c.people, c.width, c.height, watchWithChromium)
		if err != nil {
			return nil, fmt.Errorf("%s with Chromium: %w", name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %+v, Chromium %+v\n", name, ours, theirs)
		results = append(results,
			report.Against(name+", CPU", "% of a core", ours.CPU, theirs.CPU, receiveCPU),
			report.Beside(name+", CPU of software GL", "% of a core", ours.GL, theirs.GL),
			report.Against(name+", memory (PSS)", "MiB", ours.PSS, theirs.PSS, receiveMemory),
			report.Beside(name+", memory without software GL's libraries", "MiB", ours.PSS-ours.Lib, theirs.PSS-theirs.Lib))
	}
	return results, nil
}

// watcher opens a window of 1280x720 in the room, and says whose use to observe.
type watcher func(ctx context.Context, s *stage.Stage, d *screen.Display) (pid int, leaveRoot bool, err error)

func receive(ctx context.Context, path string, people, width, height int, watch watcher) (usage.Usage, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := stage.New(ctx, path, "")
	if err != nil {
		return usage.Usage{}, err
	}
	defer s.Close()
	d, err := screen.New()
	if err != nil {
		return usage.Usage{}, err
	}
	defer d.Close()
	c, err := newCrowd(ctx, s, people, width, height)
	if err != nil {
		return usage.Usage{}, err
	}
	defer c.close()
	pid, leaveRoot, err := watch(ctx, s, d)
	if err != nil {
		return usage.Usage{}, err
	}
	time.Sleep(settleTime)
	if folder := os.Getenv("BENCH_SCREENSHOTS"); folder != "" {
		d.Screenshot(filepath.Join(folder, fmt.Sprintf("%d-%dx%d-%d.png", people, width, height, pid)))
	}
	return usage.Observe(ctx, pid, leaveRoot, observeTime)
}

func watchWithParley(ctx context.Context, s *stage.Stage, d *screen.Display) (int, bool, error) {
	p, err := s.Start(ctx, []string{"DISPLAY=" + d.Name, "WAYLAND_DISPLAY=", "LANG=en_US.UTF-8", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"}, s.Path, "--server", s.Address, "--room", stage.Room, "--name", "viewer", "--join",
		"--camera", "none", "--microphone", "none", "--speaker", "none", "--theme", "light", "--data", filepath.Join(s.Folder, "viewer"))
	if err != nil {
		return 0, false, err
	}
	window := ""
	for range 100 {
		time.Sleep(100 * time.Millisecond)
		out, _ := d.Command("xdotool", "search", "--onlyvisible", "--pid", fmt.Sprint(p.Cmd.Process.Pid)).Output() // fails until there is one
		if window = strings.TrimSpace(string(out)); window != "" {
			break
		}
	}
	if window == "" {
		return 0, false, errors.New("there is no window")
	}
	time.Sleep(3 * time.Second) // until it is in the room
	for _, args := range [][]string{
		{"windowmove", window, "0", "0"}, {"windowsize", window, "1280", "720"}, {"windowfocus", "--sync", window}, {"key", "ctrl+g"}, // the chat away
	} {
		if err := d.Command("xdotool", args...).Run(); err != nil {
			return 0, false, fmt.Errorf("xdotool %q: %w", args, err)
		}
	}
	return p.Cmd.Process.Pid, false, nil
}

func watchWithChromium(ctx context.Context, s *stage.Stage, d *screen.Display) (int, bool, error) {
	p, err := s.StartChromium(ctx, nil, "viewer", "DISPLAY="+d.Name, "PEER_WINDOW=1280,720", "PEER_CAMERA=none", "PEER_MICROPHONE=none")
	if err != nil {
		return 0, false, err
	}
	return p.Cmd.Process.Pid, true, nil
}

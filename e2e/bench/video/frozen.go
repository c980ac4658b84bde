package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"parley/e2e/bench/report"
	"parley/e2e/bench/stage"
	"parley/e2e/impair"
)

const frozenTime = 60 * time.Second

// frozenLosses are the parts of the packets that do not come to the receiver.
func frozenLosses() []float64 { return []float64{0.05, 0.1} }

// measureFrozen measures for how long the pictures of 720p stand still over a
// line with loss, as browsers count it, between two of a kind.
func measureFrozen(ctx context.Context, path string) ([]report.Result, error) {
	return compareFrozen(ctx, path, "", sendWithParley, sendWithChromium)
}

// measureFrozenVP9 has both receive the VP9 in spatial layers of a Chromium, which
// has fewer ways to go on without what was lost.
func measureFrozenVP9(ctx context.Context, path string) ([]report.Result, error) {
	return compareFrozen(ctx, path, "VP9 of Chromium, ", sendVP9WithChromium, sendVP9WithChromium)
}

func compareFrozen(ctx context.Context, path, what string, ourSender, theirSender sender) ([]report.Result, error) {
	c, err := newClip(ctx, sendTime*frameRate)
	if err != nil {
		return nil, err
	}
	defer c.close()
	ours, err := freezes(ctx, path, c.path, ourSender, watchFarWithParley)
	if err != nil {
		return nil, fmt.Errorf("with Parley: %w", err)
	}
	theirs, err := freezes(ctx, path, c.path, theirSender, watchFarWithChromium)
	if err != nil {
		return nil, fmt.Errorf("with Chromium: %w", err)
	}
	var results []report.Result
	for i, loss := range frozenLosses() {
		name := fmt.Sprintf("at %g %% loss", 100*loss)
		frozen := report.Beside(what+"frozen "+name, fmt.Sprintf("s of %g", frozenTime.Seconds()), ours[i].frozen, theirs[i].frozen)
		frozen.Goal, frozen.Holds = "at most theirs", ours[i].frozen <= theirs[i].frozen
		results = append(results, frozen, report.Beside(what+"pictures "+name, "Hz", ours[i].rate, theirs[i].rate),
			report.Beside(what+"lines of the pictures "+name, "", ours[i].height, theirs[i].height))
	}
	return results, nil
}

// sendVP9WithChromium sends fewer pictures: to encode them takes most of a machine.
func sendVP9WithChromium(ctx context.Context, s *stage.Stage, clip string) (int, bool, error) {
	return chromiumSends(ctx, s, clip, `PEER_PUBLISH={"videoCodec":"vp9","videoEncoding":{"maxBitrate":1700000,"maxFramerate":20}}`)
}

// seen is what somebody saw so far, or of the last picture.
type seen struct{ frozen, rate, height float64 }

// farWatcher watches from the far end of a line; look tells what was seen so far,
// with the number of pictures as the rate.
type farWatcher func(ctx context.Context, s *stage.Stage, far *stage.Network) (look func() (seen, error), err error)

func freezes(ctx context.Context, path, clip string, send sender, watch farWatcher) ([]seen, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	far, err := stage.NewNetwork()
	if err != nil {
		return nil, err
	}
	defer far.Close()
	s, err := stage.New(ctx, path, stage.NearAddress)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, _, err := send(ctx, s, clip); err != nil {
		return nil, err
	}
	look, err := watch(ctx, s, far)
	if err != nil {
		return nil, err
	}
	var all []seen
	for _, loss := range frozenLosses() {
		far.Line.Impair(impair.Way{Loss: loss, Delay: 10 * time.Millisecond, Seed: 7}, impair.Way{Delay: 10 * time.Millisecond})
		time.Sleep(settleTime)
		before, err := look()
		if err != nil {
			return nil, err
		}
		began := time.Now()
		time.Sleep(frozenTime)
		after, err := look()
		if err != nil {
			return nil, err
		}
		all = append(all, seen{frozen: after.frozen - before.frozen, rate: (after.rate - before.rate) / time.Since(began).Seconds(), height: after.height})
		fmt.Fprintf(os.Stderr, "%g %% loss: %+v\n", 100*loss, all[len(all)-1])
	}
	return all, nil
}

// entryOf gives the first entry of a list in the last statistics that fits.
func entryOf(ctx context.Context, p *stage.Program, list string, fits func(map[string]any) bool) (map[string]any, error) {
	line, err := p.Wait(ctx, "stats")
	if err != nil {
		return nil, err
	}
	entries, _ := line[list].([]any)
	for _, e := range entries {
		if entry, ok := e.(map[string]any); ok && fits(entry) {
			return entry, nil
		}
	}
	return nil, fmt.Errorf("there is no picture among %v", entries)
}

func watchFarWithParley(ctx context.Context, s *stage.Stage, far *stage.Network) (func() (seen, error), error) {
	p, err := s.StartAt(ctx, far, []string{"PARLEY_TOKEN=" + s.Token}, s.Path, "peer", "--server", s.Address, "--room", stage.Room, "--name", "receiver",
		"--video", "none", "--audio", "none", "--data", filepath.Join(s.Folder, "receiver"))
	if err != nil {
		return nil, err
	}
	if _, err := p.Wait(ctx, "first_video"); err != nil {
		return nil, err
	}
	return func() (seen, error) {
		entry, err := entryOf(ctx, p, "play", func(e map[string]any) bool { return e["video"] != nil })
		if err != nil {
			return seen{}, err
		}
		video, _ := entry["video"].(map[string]any)
		ms, _ := video["freezes_ms"].(float64)
		frames, _ := video["frames"].(float64)
		height, _ := video["height"].(float64)
		return seen{ms / 1000, frames, height}, nil
	}, nil
}

func watchFarWithChromium(ctx context.Context, s *stage.Stage, far *stage.Network) (func() (seen, error), error) {
	p, err := s.StartChromium(ctx, far, "receiver", "PEER_CAMERA=none", "PEER_MICROPHONE=none")
	if err != nil {
		return nil, err
	}
	if _, err := p.Wait(ctx, "first_video"); err != nil {
		return nil, err
	}
	return func() (seen, error) {
		entry, err := entryOf(ctx, p, "streams", func(e map[string]any) bool { return e["kind"] == "video" })
		if err != nil {
			return seen{}, err
		}
		frozen, _ := entry["freezes"].(float64)
		frames, _ := entry["frames"].(float64)
		height, _ := entry["height"].(float64)
		return seen{frozen, frames, height}, nil
	}, nil
}

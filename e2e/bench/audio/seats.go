package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"parley/e2e/bench/stage"
)

// seat is where somebody sits in a call.
type seat struct {
	name       string
	microphone string // a source; empty for none
	speaker    string // a sink
	processing string // "echo,noise,gain", fewer of them, or "none"
	far        bool   // at the far end of the line
}

// caller seats somebody in the room, who is there when it returns.
type caller func(ctx context.Context, s *theatre, who seat) (*stage.Program, error)

// pair seats one who speaks and one who hears.
func pair(ctx context.Context, s *theatre, call caller, processing string) (hears *stage.Program, err error) {
	if _, err := call(ctx, s, seat{name: "ann", microphone: microphone, speaker: nowhere, processing: processing}); err != nil {
		return nil, err
	}
	return call(ctx, s, seat{name: "bob", speaker: ear, processing: processing, far: s.far != nil})
}

// end is where somebody sits: the far end of the line, or nil for this machine.
func (s *theatre) end(who seat) *stage.Network {
	if who.far {
		return s.far
	}
	return nil
}

func parley(ctx context.Context, s *theatre, who seat) (*stage.Program, error) {
	audio := ""
	if who.microphone == "" {
		audio = "none"
	}
	p, err := s.StartAt(ctx, s.end(who), append(s.air.environment(who.microphone, who.speaker), "PARLEY_TOKEN="+s.Token), s.Path, "peer", "--server", s.Address,
		"--room", "bench", "--name", who.name, "--data", filepath.Join(s.Folder, who.name), "--video", "none", "--audio", audio, "--speaker", "", "--processing", who.processing)
	if err != nil {
		return nil, err
	}
	event := "publisher_state"
	if who.microphone == "" {
		event = "first_audio"
	}
	_, err = p.Wait(ctx, event)
	return p, err
}

func chromium(ctx context.Context, s *theatre, who seat) (*stage.Program, error) {
	source := "real"
	if who.microphone == "" {
		source = "none"
	}
	env := append(s.air.environment(who.microphone, who.speaker), "PEER_CAMERA=none", "PEER_MICROPHONE="+source, "PEER_PROCESSING="+who.processing)
	return s.StartChromium(ctx, s.end(who), who.name, env...)
}

// concealed is how much sound somebody had to make up so far, in seconds.
func concealed(ctx context.Context, p *stage.Program) (float64, error) {
	line, err := p.Wait(ctx, "stats")
	if err != nil {
		return 0, err
	}
	if play, ok := line["play"].([]any); ok { // a Parley
		sum := 0.0
		for _, entry := range play {
			audio, _ := entry.(map[string]any)["audio"].(map[string]any)
			ms, _ := audio["concealed_ms"].(float64)
			sum += ms / 1000
		}
		return sum, nil
	}
	streams, ok := line["streams"].([]any)
	if !ok {
		return 0, fmt.Errorf("statistics without streams: %s", strings.TrimSpace(fmt.Sprint(line)))
	}
	sum := 0.0
	for _, entry := range streams {
		samples, _ := entry.(map[string]any)["concealed"].(float64)
		sum += samples / 48000
	}
	return sum, nil
}

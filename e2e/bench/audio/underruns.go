package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"parley/devices"
	"parley/e2e/bench/report"
)

const (
	underTime   = 10 * time.Minute
	silentBlock = devices.SampleRate / 1000
	silentLevel = 0.01
	// controlLatency is what the player of the sound server is given, which is
	// what Parley asks for.
	controlLatency = "--latency-msec=20"
)

// measureUnderruns has a tone heard for ten minutes, while a core is busy with
// something else. Beside it the sound server's own player plays one, and threads
// of the highest priority watch whether the machine itself goes on.
func measureUnderruns(ctx context.Context, path string) ([]report.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := newTheatre(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	defer s.close()
	tone := filepath.Join(s.Folder, "tone.wav")
	if err := writeTone(tone); err != nil {
		return nil, err
	}
	p, err := s.Start(ctx, s.air.environment("", nowhere), path, "peer", "--server", s.Address, "--room", "bench", "--name", "ann",
		"--data", filepath.Join(s.Folder, "ann"), "--video", "none", "--audio", "file:"+tone, "--speaker", "none", "--processing", "none")
	if err != nil {
		return nil, err
	}
	if _, err := p.Wait(ctx, "publisher_state"); err != nil {
		return nil, err
	}
	if _, err := parley(ctx, s, seat{name: "bob", speaker: ear, processing: "none"}); err != nil {
		return nil, err
	}
	control := filepath.Join(s.Folder, "control.raw")
	if err := os.WriteFile(control, words(sine(int((underTime+time.Minute).Seconds())*devices.SampleRate)), 0o600); err != nil {
		return nil, err
	}
	if err := s.air.command(ctx, "pacat", "-p", "-d", ear2, "--channels=1", controlLatency, control).Start(); err != nil {
		return nil, err
	}
	machine, err := watchMachine(ctx)
	if err != nil {
		return nil, err
	}
	go func() {
		for ctx.Err() == nil {
		}
	}()
	time.Sleep(pause)
	heard, err := s.air.record(ctx, "air.monitor", channels)
	if err != nil {
		return nil, err
	}
	var ours, theirs interruptions
	data := make([]byte, 2*channels*silentBlock)
	for range int(underTime / time.Millisecond) {
		if _, err := io.ReadFull(heard, data); err != nil {
			return nil, err
		}
		stalled := machine.stalled(time.Now())
		ours.hear(data, atEar, stalled)
		theirs.hear(data, atEar2, stalled)
	}
	if !ours.heard || !theirs.heard {
		return nil, errors.New("the tone was not heard")
	}
	name := fmt.Sprintf("interruptions in %v, one core busy", underTime)
	return []report.Result{
		report.AtMost(name+", while the machine runs", "", float64(ours.running), 0),
		report.Beside("the same, beside the sound server's own player", "", float64(ours.running), float64(theirs.running)),
		report.Beside(name+", and when it stands still", "", float64(ours.all), float64(theirs.all)),
		report.Figure("times that the machine stood still for 4 ms or more", "", float64(machine.count())),
	}, nil
}

// interruptions counts how often a tone is not heard for a millisecond or more.
type interruptions struct {
	heard        bool
	loud         bool
	all, running int // running: those while the machine did not stand still
}

// hear takes a block of one channel of what was recorded.
func (n *interruptions) hear(data []byte, channel int, stalled bool) {
	sum := 0.0
	for i := 2 * channel; i < len(data); i += 2 * channels {
		v := float64(int16(binary.LittleEndian.Uint16(data[i:]))) / 32768
		sum += v * v
	}
	loud := math.Sqrt(sum/silentBlock) > silentLevel
	if n.loud && !loud {
		n.all++
		if !stalled {
			n.running++
		}
	}
	n.loud, n.heard = loud, n.heard || loud
}

// sine is 440 Hz, of whole periods in each second.
func sine(samples int) []float32 {
	pcm := make([]float32, samples)
	for i := range pcm {
		pcm[i] = float32(0.3 * math.Sin(2*math.Pi*440*float64(i%devices.SampleRate)/devices.SampleRate))
	}
	return pcm
}

// writeTone writes ten seconds of 440 Hz, which go on in a circle.
func writeTone(path string) error {
	data := words(sine(10 * devices.SampleRate))
	h := []byte("RIFF\x00\x00\x00\x00WAVEfmt ")
	binary.LittleEndian.PutUint32(h[4:], uint32(36+len(data)))
	for _, v := range []uint32{16, 1 | 1<<16, devices.SampleRate, 2 * devices.SampleRate, 2 | 16<<16} {
		h = binary.LittleEndian.AppendUint32(h, v)
	}
	h = binary.LittleEndian.AppendUint32(append(h, "data"...), uint32(len(data)))
	return os.WriteFile(path, append(h, data...), 0o600)
}

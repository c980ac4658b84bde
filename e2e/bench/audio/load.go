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

	"github.com/shirou/gopsutil/v4/process"

	"parley/devices"
	"parley/e2e/bench/report"
)

const (
	people      = 10
	cpuMost     = 15 // percent of a core
	cpuTime     = 20 * time.Second
	underTime   = 10 * time.Minute
	silentBlock = devices.SampleRate / 1000
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

// measureUnderruns has a tone heard for ten minutes, while a core is busy with
// something else.
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
	go func() {
		for ctx.Err() == nil {
		}
	}()
	time.Sleep(pause)
	heard, err := s.air.record(ctx, ear+".monitor", 1)
	if err != nil {
		return nil, err
	}
	gaps, loud, data := 0, false, make([]byte, 2*silentBlock)
	for range int(underTime / time.Millisecond) {
		if _, err := io.ReadFull(heard, data); err != nil {
			return nil, err
		}
		sum := 0.0
		for i := 0; i < len(data); i += 2 {
			v := float64(int16(binary.LittleEndian.Uint16(data[i:]))) / 32768
			sum += v * v
		}
		switch now := math.Sqrt(sum/silentBlock) > 0.01; {
		case loud && !now:
			gaps++
			loud = false
		case now:
			loud = true
		}
	}
	if !loud && gaps == 0 {
		return nil, errors.New("the tone was not heard")
	}
	return []report.Result{report.AtMost(fmt.Sprintf("interruptions in %v, one core busy", underTime), "", float64(gaps), 0)}, nil
}

// writeTone writes ten seconds of 440 Hz, which go on in a circle.
func writeTone(path string) error {
	pcm := make([]float32, 10*devices.SampleRate)
	for i := range pcm {
		pcm[i] = float32(0.3 * math.Sin(2*math.Pi*440*float64(i)/devices.SampleRate))
	}
	data := words(pcm)
	h := []byte("RIFF\x00\x00\x00\x00WAVEfmt ")
	binary.LittleEndian.PutUint32(h[4:], uint32(36+len(data)))
	for _, v := range []uint32{16, 1 | 1<<16, devices.SampleRate, 2 * devices.SampleRate, 2 | 16<<16} {
		h = binary.LittleEndian.AppendUint32(h, v)
	}
	h = binary.LittleEndian.AppendUint32(append(h, "data"...), uint32(len(data)))
	return os.WriteFile(path, append(h, data...), 0o600)
}

package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/report"
)

// echoLeast is how much of an echo has to go, in dB.
const echoLeast = 30

// measureEcho has somebody sit in a room where the loudspeaker is heard by the
// microphone, and measures how much of it comes back to the other end.
func measureEcho(ctx context.Context, path string) ([]report.Result, error) {
	var results []report.Result
	for _, clip := range []float32{0, 0.06} {
		ours, err := echoLoss(ctx, path, parley, clip)
		if err != nil {
			return nil, fmt.Errorf("with Parley: %w", err)
		}
		theirs, err := echoLoss(ctx, path, chromium, clip)
		if err != nil {
			return nil, fmt.Errorf("with Chromium: %w", err)
		}
		name := "echo return loss enhancement"
		if clip > 0 {
			name += ", loudspeaker that clips"
		}
		results = append(results, report.AtLeast(name, "dB", ours, theirs, echoLeast))
	}
	return results, nil
}

func echoLoss(ctx context.Context, path string, call caller, clip float32) (float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := newTheatre(ctx, path, nil)
	if err != nil {
		return 0, err
	}
	defer s.close()
	if err := s.air.echo(ctx, clip); err != nil {
		return 0, err
	}
	if _, err := call(ctx, s, seat{name: "ann", microphone: microphone, speaker: ear, processing: "none"}); err != nil {
		return 0, err
	}
	if _, err := call(ctx, s, seat{name: "bob", microphone: microphone2, speaker: ear2, processing: "echo"}); err != nil {
		return 0, err
	}
	time.Sleep(pause)
	voice := make([]float32, 15*devices.SampleRate)
	synthetic.NewVoice("far").Fill(voice)
	sound, err := s.air.converse(ctx, voice)
	if err != nil {
		return 0, err
	}
	const settled = 5 * devices.SampleRate // 3 s, and the way there
	echo, back := power(sound[atMouth2][settled:]), power(sound[atEar][settled:])
	if echo < 1e-7 {
		return 0, fmt.Errorf("there is no echo in the room: %g", echo)
	}
	loss := 10 * math.Log10(echo/max(back, 1e-12))
	fmt.Fprintf(os.Stderr, "clip %g: echo %.1f dB, back %.1f dB\n", clip, 10*math.Log10(echo), 10*math.Log10(max(back, 1e-12)))
	return loss, nil
}

func power(pcm []float32) float64 {
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return sum / float64(max(len(pcm), 1))
}

// echo plays what is heard at the second place into its microphone, as a room
// does whose sound falls by 60 dB in 250 ms, until ctx is done. The loudspeaker
// clips at clip, if that is not 0.
func (a *air) echo(ctx context.Context, clip float32) error {
	in, err := a.record(ctx, ear2+".monitor", 1)
	if err != nil {
		return err
	}
	c := a.command(ctx, "pacat", "-p", "-d", mouth2, "--channels=1", "--latency-msec=30")
	out, err := c.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	go func() { _ = c.Wait() }()
	go func() {
		r := newReflections(clip)
		data := make([]byte, 2*devices.PeriodSamples)
		period := make([]float32, devices.PeriodSamples)
		for {
			if _, err := io.ReadFull(in, data); err != nil {
				return
			}
			for i := range period {
				period[i] = float32(int16(uint16(data[2*i])|uint16(data[2*i+1])<<8)) / 32768
			}
			r.reflect(period)
			if _, err := out.Write(words(period)); err != nil {
				return
			}
		}
	}()
	return nil
}

// reflections are those of a room. Only each fourth is computed, which is as
// dense as ears can tell.
type reflections struct {
	response []float32
	past     []float32
	clip     float32
}

func newReflections(clip float32) *reflections {
	const length = devices.SampleRate / 4
	random := rand.New(rand.NewPCG(1, 2))
	r := &reflections{clip: clip, past: make([]float32, length+devices.PeriodSamples)}
	for i := 0; i < length; i += 4 {
		r.response = append(r.response, float32(random.NormFloat64()*math.Pow(10, -3*float64(i)/length)*0.02))
	}
	r.response[0] = 0.2
	return r
}

func (r *reflections) reflect(period []float32) {
	copy(r.past, r.past[len(period):])
	now := r.past[len(r.past)-len(period):]
	for i, v := range period {
		if r.clip > 0 {
			v = max(-r.clip, min(v, r.clip))
		}
		now[i] = v
	}
	for i := range period {
		at := len(r.past) - len(period) + i
		sum := float32(0)
		for j, v := range r.response {
			sum += r.past[at-4*j] * v
		}
		period[i] = sum
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/devices/voice"
	"parley/e2e/bench/report"
	"parley/e2e/bench/stoi"
)

const (
	noiseBelow = 5.0  // dB that noise is below the speech
	noiseLess  = 15.0 // dB by which it is to be lowered
	noiseTime  = 16   // seconds, of which the first quarter is for getting used to it
)

// measureNoise processes speech in noise, without a call.
func measureNoise(context.Context, string) ([]report.Result, error) {
	var results []report.Result
	for _, n := range []struct {
		name string
		make func(*rand.Rand) []float32
	}{{"white noise", white}, {"a fan", fan}, {"babble", babble}} {
		lowered, before, after, err := denoise(n.make(rand.New(rand.NewPCG(5, 6))))
		if err != nil {
			return nil, err
		}
		results = append(results, report.AtLeast(n.name+" lowered by", "dB", lowered, math.NaN(), noiseLess),
			report.NotBelow("speech in "+n.name+", processed and not", "STOI", after, before))
	}
	return results, nil
}

// denoise adds noise to speech and has it taken out again. It gives by how much
// noise is less in the pauses, and how well speech can be understood before and
// after.
func denoise(noise []float32) (lowered, before, after float64, err error) {
	p, err := voice.New(voice.Settings{Noise: true})
	if err != nil {
		return 0, 0, 0, err
	}
	defer p.Close()
	speech := make([]float32, noiseTime*devices.SampleRate)
	synthetic.NewVoice("near by").Fill(speech)
	scale := float32(math.Sqrt(power(speech) / power(noise) / math.Pow(10, noiseBelow/10)))
	noisy := make([]float32, len(speech))
	for i, v := range speech {
		noisy[i] = v + noise[i]*scale
	}
	clean := append([]float32(nil), noisy...)
	for i := 0; i < len(clean); i += devices.PeriodSamples {
		p.Capture(clean[i:i+devices.PeriodSamples], 0)
	}
	if err := p.Err(); err != nil {
		return 0, 0, 0, err
	}
	// By how much the processing delays.
	delay := delayOf(speech, clean)
	from := len(speech) / 4
	var was, left float64
	for i := from; i+2*devices.PeriodSamples+delay < len(speech); i += devices.PeriodSamples {
		if power(speech[i:i+2*devices.PeriodSamples]) == 0 {
			was += power(noisy[i : i+devices.PeriodSamples])
			left += power(clean[i+delay : i+delay+devices.PeriodSamples])
		}
	}
	if was == 0 {
		return 0, 0, 0, errors.New("the speech has no pauses")
	}
	end := len(speech) - delay
	return 10 * math.Log10(was/max(left, 1e-12)), stoi.Score(speech[from:end], noisy[from:end], devices.SampleRate),
		stoi.Score(speech[from:end], clean[from+delay:], devices.SampleRate), nil
}

// delayOf is by how many samples the one is later than the other, 50 ms at most.
func delayOf(said, heard []float32) int {
	best, most := 0, 0.0
	for lag := range devices.SampleRate / 20 {
		dot := 0.0
		for i := len(said) / 2; i < len(said)/2+2*devices.SampleRate; i += 3 {
			dot += float64(said[i]) * float64(heard[i+lag])
		}
		if dot > most {
			best, most = lag, dot
		}
	}
	return best
}

func white(r *rand.Rand) []float32 {
	out := make([]float32, noiseTime*devices.SampleRate)
	for i := range out {
		out[i] = float32(r.NormFloat64())
	}
	return out
}

// fan is noise that falls by 6 dB an octave, with a hum.
func fan(r *rand.Rand) []float32 {
	out, last := make([]float32, noiseTime*devices.SampleRate), 0.0
	for i := range out {
		last = 0.98*last + r.NormFloat64()
		out[i] = float32(last/5 + 0.7*math.Sin(2*math.Pi*120*float64(i)/devices.SampleRate))
	}
	return out
}

// babble is many voices at once, each from another moment on.
func babble(r *rand.Rand) []float32 {
	const voices = 24
	out := make([]float32, noiseTime*devices.SampleRate)
	for n := range voices {
		one := make([]float32, len(out)+3*devices.SampleRate)
		synthetic.NewVoice(fmt.Sprint("babble ", n)).Fill(one)
		from := r.IntN(3 * devices.SampleRate)
		for i := range out {
			out[i] += one[from+i]
		}
	}
	return out
}

package voice

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
)

const second = devices.SampleRate

// say gives seconds of a voice.
func say(who string, seconds int) []float32 {
	samples := make([]float32, seconds*second)
	synthetic.NewVoice(who).Fill(samples)
	return samples
}

func processor(t testing.TB, s Settings) *Processor {
	t.Helper()
	p, err := New(s)
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// periods calls f for each 10 ms of so many samples.
func periods(samples int, f func(from, to int)) {
	for i := 0; i+devices.PeriodSamples <= samples; i += devices.PeriodSamples {
		f(i, i+devices.PeriodSamples)
	}
}

// TestEcho has the far end speak in a room, also with a loudspeaker that
// clips, and with a delay that is told wrong.
func TestEcho(t *testing.T) {
	for _, c := range []struct {
		delay, told time.Duration
		clip        float32
	}{
		{20 * time.Millisecond, 20 * time.Millisecond, 0},
		{60 * time.Millisecond, 60 * time.Millisecond, 0.2},
		{120 * time.Millisecond, 60 * time.Millisecond, 0},
		{200 * time.Millisecond, 200 * time.Millisecond, 0},
		{200 * time.Millisecond, 200 * time.Millisecond, 0.2},
		{30 * time.Millisecond, 30 * time.Millisecond, 0.06},
	} {
		t.Run(fmt.Sprintf("%v told as %v clip %g", c.delay, c.told, c.clip), func(t *testing.T) {
			t.Parallel()
			p := processor(t, Settings{Echo: true})
			far, r := say("far", 10), newRoom(c.delay, c.clip)
			var echo, left float64
			periods(len(far), func(from, to int) {
				p.Render(far[from:to])
				heard := r.play(far[from:to])
				before := power(heard)
				p.Capture(heard, c.told)
				if from > 3*second {
					echo, left = echo+before, left+power(heard)
				}
			})
			erle := decibels(echo / left)
			t.Logf("echo return loss enhancement %.1f dB", erle)
			if err := p.Err(); err != nil || erle < 30 {
				t.Errorf("%.1f dB, %v", erle, err)
			}
		})
	}
}

// TestDoubleTalk has both ends speak at once.
func TestDoubleTalk(t *testing.T) {
	for _, delay := range []time.Duration{20 * time.Millisecond, 120 * time.Millisecond, 200 * time.Millisecond} {
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			p := processor(t, Settings{Echo: true})
			far, near, r := say("far", 14), say("near by", 14), newRoom(delay, 0)
			var said, came float64
			periods(len(far), func(from, to int) {
				p.Render(far[from:to])
				heard := r.play(far[from:to])
				if from > 6*second {
					for i := range heard {
						heard[i] += near[from+i]
					}
				}
				p.Capture(heard, delay)
				if from > 7*second {
					said, came = said+power(near[from:to]), came+power(heard)
				}
			})
			change := decibels(came / said)
			t.Logf("the near end by %.1f dB", change)
			if math.Abs(change) > 6 {
				t.Errorf("the near end changed by %.1f dB", change)
			}
		})
	}
}

// noises make a second of each, of power 1.
func noises() map[string]func() []float32 {
	r := rand.New(rand.NewPCG(5, 6))
	return map[string]func() []float32{
		"white": func() []float32 {
			out := make([]float32, second)
			for i := range out {
				out[i] = float32(r.NormFloat64())
			}
			return out
		},
		// A fan is noise that falls by 6 dB an octave, with a hum.
		"fan": func() []float32 {
			out, last := make([]float32, second), 0.0
			for i := range out {
				last = 0.98*last + r.NormFloat64()
				out[i] = float32(last/5 + 0.7*math.Sin(2*math.Pi*120*float64(i)/second))
			}
			return out
		},
	}
}

// TestNoise lowers noise under speech of 5 dB more.
func TestNoise(t *testing.T) {
	for name, noise := range noises() {
		t.Run(name, func(t *testing.T) {
			p := processor(t, Settings{Noise: true})
			speech := say("near by", 12)
			loud := power(speech)
			var before, after, pauses float64
			for s := range 12 {
				n := noise()
				scale := float32(math.Sqrt(loud / power(n) / math.Pow(10, 0.5)))
				periods(second, func(from, to int) {
					heard := make([]float32, to-from)
					silent := true
					for i := range heard {
						v := speech[s*second+from+i]
						silent = silent && v == 0
						heard[i] = v + n[from+i]*scale
					}
					was := power(heard)
					p.Capture(heard, 0)
					if s >= 4 && silent { // in the pauses one hears what is left
						before, after, pauses = before+was, after+power(heard), pauses+1
					}
				})
			}
			lowered := decibels(before / after)
			t.Logf("noise lowered by %.1f dB in %v s of pauses", lowered, pauses/100)
			if err := p.Err(); err != nil || pauses < 50 || lowered < 15 {
				t.Errorf("%.1f dB, %v", lowered, err)
			}
		})
	}
}

// TestGain brings a quiet voice up, and lets a loud one not clip.
func TestGain(t *testing.T) {
	p := processor(t, Settings{Gain: true})
	quiet := say("near by", 10)
	var before, after float64
	periods(len(quiet), func(from, to int) {
		heard := make([]float32, to-from)
		for i := range heard {
			heard[i] = quiet[from+i] * 0.1
		}
		was := power(heard)
		p.Capture(heard, 0)
		if from > 5*second {
			before, after = before+was, after+power(heard)
		}
	})
	if gain := decibels(after / before); gain < 5 {
		t.Errorf("a quiet voice is raised by %.1f dB", gain)
	}
	periods(len(quiet), func(from, to int) {
		heard := make([]float32, to-from)
		for i := range heard {
			heard[i] = max(-1, min(quiet[from+i]*5, 1))
		}
		p.Capture(heard, 0)
		for _, v := range heard {
			if v > 1 || v < -1 || v != v {
				t.Fatal("the sound is out of its range:", v)
			}
		}
	})
}

// TestBadSound is what broken drivers give.
func TestBadSound(t *testing.T) {
	p := processor(t, Settings{Echo: true, Noise: true, Gain: true})
	nan := float32(math.NaN())
	for _, v := range []float32{nan, float32(math.Inf(1)), 1e30, -5} {
		period := make([]float32, devices.PeriodSamples)
		for i := range period {
			period[i] = v
		}
		p.Render(period)
		p.Capture(period, 0)
	}
	p.Capture(make([]float32, 7), 0)
	p.Render(nil)
	voice, sum := say("near by", 3), 0.0
	periods(len(voice), func(from, to int) {
		heard := append([]float32(nil), voice[from:to]...)
		p.Render(make([]float32, to-from))
		p.Capture(heard, 0)
		if from > second {
			sum += power(heard)
		}
		for _, v := range heard {
			if v != v || v > 1 || v < -1 {
				t.Fatal("what was broken comes out later:", v)
			}
		}
	})
	if sum == 0 {
		t.Error("nothing comes out any more")
	}
}

func TestClosedAndChanged(t *testing.T) {
	p := processor(t, Settings{})
	if err := p.Set(Settings{Echo: true, Noise: true, Gain: true}); err != nil {
		t.Error(err)
	}
	p.Close()
	p.Close()
	p.Capture(make([]float32, devices.PeriodSamples), 0)
	p.Render(make([]float32, devices.PeriodSamples))
	if err := p.Set(Settings{}); !errors.Is(err, devices.ErrClosed) {
		t.Error(err)
	}
}

// TestThreads has the speaker and the microphone come on threads of their own,
// while the settings change.
func TestThreads(t *testing.T) {
	p := processor(t, Settings{Echo: true})
	var both sync.WaitGroup
	for _, f := range []func(period []float32){p.Render, func(period []float32) { p.Capture(period, 20*time.Millisecond) }} {
		both.Go(func() {
			period := make([]float32, devices.PeriodSamples)
			for range 200 {
				f(period)
			}
		})
	}
	for i := range 20 {
		if err := p.Set(Settings{Echo: i%2 == 0, Noise: i%3 == 0}); err != nil {
			t.Error(err)
		}
	}
	both.Wait()
}

func BenchmarkPeriod(b *testing.B) {
	p := processor(b, Settings{Echo: true, Noise: true, Gain: true})
	far, near := say("far", 1), say("near by", 1)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		p.Render(far[i : i+devices.PeriodSamples])
		p.Capture(near[i:i+devices.PeriodSamples], 20*time.Millisecond)
		i = (i + devices.PeriodSamples) % second
	}
}

// TestDelay is by how much a voice comes later for being processed.
func TestDelay(t *testing.T) {
	for _, c := range []struct {
		s    Settings
		most time.Duration
	}{
		{Settings{}, time.Millisecond},
		{Settings{Echo: true}, 9 * time.Millisecond},
		{Settings{Echo: true, Noise: true, Gain: true}, 15 * time.Millisecond},
	} {
		p := processor(t, c.s)
		said := say("near by", 4)
		var came []float32
		periods(len(said), func(from, to int) {
			heard := append([]float32(nil), said[from:to]...)
			p.Render(make([]float32, to-from))
			p.Capture(heard, 0)
			came = append(came, heard...)
		})
		best, most := 0, 0.0
		for lag := range second / 25 {
			dot := 0.0
			for i := second; i < 2*second; i += 3 {
				dot += float64(said[i]) * float64(came[i+lag])
			}
			if dot > most {
				best, most = lag, dot
			}
		}
		delay := time.Duration(best) * time.Second / second
		t.Logf("%+v: %v", c.s, delay)
		if delay > c.most {
			t.Errorf("%+v: a voice comes %v later", c.s, delay)
		}
	}
}

package media

import (
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

// sharedOut decodes what is sent of a SharedSound.
type sharedOut struct {
	mu      sync.Mutex
	decoder *opus.Decoder
	pcm     []float32
	packets int
	bytes   int
	last    time.Time
	uneven  int // packets that are not 20 ms after the one before
}

func newSharedOut(t *testing.T, s *SharedSound) *sharedOut {
	t.Helper()
	decoder, err := opus.NewDecoder(devices.SampleRate, 2)
	if err != nil {
		t.Fatal(err)
	}
	out := &sharedOut{decoder: decoder}
	s.SendTo(out.write)
	return out
}

func (o *sharedOut) write(s Sample) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	buffer := make([]float32, 2*opusFrame)
	n, err := o.decoder.DecodeFloat32(s.Data, buffer)
	o.pcm = append(o.pcm, buffer[:2*n]...)
	o.packets++
	o.bytes += len(s.Data)
	if !o.last.IsZero() && s.Timestamp.Sub(o.last) != 20*time.Millisecond {
		o.uneven++
	}
	o.last = s.Timestamp
	return err
}

// db is the level of a tone at an ear, over all samples.
func db(pcm []float32, ear int, hz float64) float64 {
	n := len(pcm) / 2
	var re, im float64
	for i := range n {
		hann := 1 - math.Cos(2*math.Pi*float64(i)/float64(n))
		v := hann * float64(pcm[2*i+ear])
		re += v * math.Cos(2*math.Pi*hz*float64(i)/devices.SampleRate)
		im += v * math.Sin(2*math.Pi*hz*float64(i)/devices.SampleRate)
	}
	return 20 * math.Log10(2*math.Hypot(re, im)/float64(n)+1e-9)
}

// toneFrom makes a tone at one ear, from a moment on.
func toneFrom(at, samples, ear int, hz, level float64) []float32 {
	pcm := make([]float32, 2*samples)
	for i := range samples {
		pcm[2*i+ear] = float32(level * math.Sin(2*math.Pi*hz*float64(at+i)/devices.SampleRate))
	}
	return pcm
}

// TestSharedSound mixes two programs whose clocks are not the computer's, for a
// minute.
func TestSharedSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewSharedSound()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		out := newSharedOut(t, s)
		const each = 961 // of 960, in 20 ms: a clock that is 1000 ppm fast
		for i := range 60 * 50 {
			time.Sleep(20 * time.Millisecond)
			s.Play(1, toneFrom(i*each, each, 0, 1000, 0.3))
			s.Play(2, toneFrom(i*959, 959, 1, 3000, 0.3)) // and slow
		}
		synctest.Wait()
		out.mu.Lock()
		defer out.mu.Unlock()
		if out.packets < 2990 || out.uneven > 0 {
			t.Errorf("%d packets in 60 s, %d not after 20 ms", out.packets, out.uneven)
		}
		// The last seconds, in half seconds: nothing is torn, and each ear has its own.
		for end := len(out.pcm); end > len(out.pcm)-2*20*devices.SampleRate; end -= devices.SampleRate {
			part := out.pcm[end-devices.SampleRate : end]
			left, right := db(part, 0, 1001.04), db(part, 1, 2996.9)
			if left < -11.5 || right < -11.5 {
				t.Fatalf("before sample %d the tones are at %.1f and %.1f dB", end, left, right)
			}
			if cross := max(db(part, 1, 1001.04), db(part, 0, 2996.9)); cross > -50 {
				t.Fatalf("before sample %d the other ear's tone is at %.1f dB", end, cross)
			}
		}
		s.mu.Lock()
		for id, e := range s.programs {
			if held := len(e.taken[0]) + len(e.waiting)/2; held > 2*sharedCushion+2*opusFrame {
				t.Errorf("%d samples of program %d wait", held, id)
			}
		}
		s.mu.Unlock()
		if kbps := out.bytes * 8 / 60 / 1000; kbps < 60 || kbps > 160 {
			t.Errorf("%d kbit/s", kbps)
		}
	})
}

// TestSharedSoundShort plays a sound that is shorter than what waits, and goes on
// in silence.
func TestSharedSoundShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewSharedSound()
		if err != nil {
			t.Fatal(err)
		}
		out := newSharedOut(t, s)
		var recorded []float32
		var mu sync.Mutex
		s.Record(func(pcm []float32) {
			mu.Lock()
			defer mu.Unlock()
			recorded = append(recorded, pcm...)
		})
		time.Sleep(time.Second)
		s.Play(7, toneFrom(0, 1440, 0, 1000, 0.5))
		s.Ended(7)
		s.Ended(8) // nobody knows it
		time.Sleep(time.Second)
		s.Close()
		if out.packets < 98 || out.packets > 101 {
			t.Errorf("%d packets in 2 s", out.packets)
		}
		var sum, mono float64
		for _, v := range out.pcm {
			sum += float64(v) * float64(v)
		}
		for _, v := range recorded {
			mono += float64(v) * float64(v)
		}
		if want := 1440 * 0.125; math.Abs(sum-want) > want/3 {
			t.Errorf("an energy of %.1f, want about %.1f", sum, want)
		}
		if want := 1440 * 0.125 / 4; math.Abs(mono-want) > want/3 {
			t.Errorf("an energy of %.1f is recorded, want about %.1f", mono, want)
		}
		if len(s.programs) != 0 {
			t.Error("what ended is kept")
		}
	})
}

func TestSharedRate(t *testing.T) {
	for bandwidth, want := range map[int]int{0: 128000, 5_000_000: 128000, 900_000: 90000, 100_000: 48000} {
		if got := sharedRate(Line{Bandwidth: bandwidth}); got != want {
			t.Errorf("%d bit/s of %d, want %d", got, bandwidth, want)
		}
	}
}

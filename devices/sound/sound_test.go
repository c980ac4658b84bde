package sound

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/sound/soundtest"
)

// pulse starts a sound server with a virtual speaker, whose sound a virtual microphone
// picks up.
func pulse(t *testing.T) *soundtest.Pulse {
	t.Helper()
	server := soundtest.NewPulse(t, "module-null-sink sink_name=ear rate=48000 sink_properties=device.description=Ear")
	t.Setenv("PULSE_SOURCE", "ear.monitor")
	t.Setenv("PULSE_SINK", "ear")
	return server
}

func TestSpeakerToMicrophone(t *testing.T) {
	pulse(t)
	s, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	speakers, err := s.List(t.Context(), devices.Speaker)
	if err != nil || len(speakers) != 1 || speakers[0].Name != "Ear" {
		t.Fatalf("%+v, %v", speakers, err)
	}
	var mu sync.Mutex
	n := 0
	speaker, err := s.OpenSpeaker(t.Context(), "Ear", func(dst []float32) {
		mu.Lock()
		defer mu.Unlock()
		for i := range dst {
			dst[i] = float32(0.5 * math.Sin(2*math.Pi*1000*float64(n)/devices.SampleRate))
			n++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	microphone, err := s.OpenMicrophone(t.Context(), devices.Default)
	if err != nil {
		t.Fatal(err)
	}
	period := make([]float32, devices.PeriodSamples)
	began, loud := time.Now(), 0
	for range 150 {
		if err := microphone.ReadPeriod(t.Context(), period); err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, x := range period {
			sum += float64(x) * float64(x)
		}
		if math.Sqrt(sum/float64(len(period))) > 0.3 {
			loud++
		}
	}
	if took := time.Since(began); took < 1200*time.Millisecond || took > 4*time.Second {
		t.Errorf("1.5 s of sound took %v", took)
	}
	if loud < 80 {
		t.Errorf("the tone is in %d of 150 periods", loud)
	}
	if err := speaker.Close(); err != nil {
		t.Error(err)
	}
	mu.Lock()
	before := n
	mu.Unlock()
	time.Sleep(50 * time.Millisecond)
	mu.Lock()
	if n != before {
		t.Error("a closed speaker asks for sound")
	}
	mu.Unlock()
	go func() {
		time.Sleep(30 * time.Millisecond)
		_ = microphone.Close()
	}()
	for {
		if err := microphone.ReadPeriod(t.Context(), period); err != nil {
			if !errors.Is(err, devices.ErrClosed) {
				t.Error(err)
			}
			return
		}
	}
}

func TestUnknownDevice(t *testing.T) {
	pulse(t)
	s, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.OpenMicrophone(t.Context(), "no such thing"); !errors.Is(err, devices.ErrNotFound) {
		t.Error(err)
	}
}

func TestRingDropsTheOldest(t *testing.T) {
	m := &Microphone{closed: make(chan struct{}), wake: make(chan struct{}, 1)}
	block := make([]float32, 700)
	n := 0
	for range 40 {
		for i := range block {
			block[i] = float32(n)
			n++
		}
		m.push(block)
	}
	dst := make([]float32, devices.PeriodSamples)
	next := float32(n - ringPeriods*devices.PeriodSamples)
	for range ringPeriods {
		if err := m.ReadPeriod(context.Background(), dst); err != nil {
			t.Fatal(err)
		}
		for _, x := range dst {
			if x != next {
				t.Fatalf("%v, want %v", x, next)
			}
			next++
		}
	}
	m.stop()
	if err := m.ReadPeriod(context.Background(), dst); !errors.Is(err, errStopped) {
		t.Error(err)
	}
}

// TestServerStartsAgain has the sound server end while a speaker plays: its devices
// are there again when it is.
func TestServerStartsAgain(t *testing.T) {
	server := pulse(t)
	s, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var played atomic.Int64
	render := func([]float32) { played.Add(1) }
	before, err := s.OpenSpeaker(t.Context(), "Ear", render)
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	server.Start()
	again := time.Now()
	var speaker *Speaker
	for time.Since(again) < 10*time.Second {
		if speaker, err = s.OpenSpeaker(t.Context(), "Ear", render); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatalf("after %v: %v", time.Since(again).Round(time.Millisecond), err)
	}
	t.Logf("opened again after %v", time.Since(again).Round(time.Millisecond))
	n := played.Load()
	for played.Load() < n+10 && time.Since(again) < 15*time.Second {
		time.Sleep(10 * time.Millisecond)
	}
	if played.Load() < n+10 {
		t.Error("it plays nothing")
	}
	_ = speaker.Close()
	_ = before.Close()
}

// TestSpeakerHasTwoPeriodsInHand asks the sound server how much waits there, for when the
// program is not there in time.
func TestSpeakerHasTwoPeriodsInHand(t *testing.T) {
	pulse(t)
	s, err := New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	speaker, err := s.OpenSpeaker(t.Context(), "Ear", func(dst []float32) {
		if len(dst) > devices.PeriodSamples {
			t.Errorf("%d samples at once", len(dst))
		}
		clear(dst)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer speaker.Close()
	waits := regexp.MustCompile(`Buffer Latency: (\d+) usec`)
	most := time.Duration(0)
	for range 20 {
		list := exec.CommandContext(t.Context(), "pactl", "list", "sink-inputs")
		list.Env = append(os.Environ(), "LC_ALL=C")
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		if found := waits.FindSubmatch(out); found != nil {
			us, err := strconv.Atoi(string(found[1]))
			if err != nil {
				t.Fatal(err)
			}
			most = max(most, time.Duration(us)*time.Microsecond)
		}
	}
	// A part of it is in the speaker's own buffer already.
	if most < 12*time.Millisecond {
		t.Errorf("at most %v wait in the sound server", most)
	}
}

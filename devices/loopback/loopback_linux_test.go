package loopback

import (
	"errors"
	"log/slog"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/devices/sound"
	"parley/devices/sound/soundtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a sound server with two virtual speakers.
type server struct {
	t      *testing.T
	folder string
	pulse  *soundtest.Pulse // nil where it is PipeWire
}

func newServer(t *testing.T) *server {
	t.Helper()
	pulse := soundtest.NewPulse(t, "module-null-sink sink_name=first rate=48000", "module-null-sink sink_name=second rate=44100")
	t.Setenv("PULSE_SINK", "first")
	return &server{t, pulse.Folder, pulse}
}

// newPipeWire starts PipeWire instead, with a session bus, where its server for the
// programs of PulseAudio is installed. Setting up a machine does not install that: it
// would change what plays the sound there.
func newPipeWire(t *testing.T) *server {
	t.Helper()
	for _, name := range []string{"pipewire", "pipewire-pulse", "wireplumber", "dbus-run-session", "pactl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	folder, err := os.MkdirTemp("", "pw")
	if err != nil {
		t.Fatal(err)
	}
	input, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-run-session", "--", "sh", "-c",
		"pipewire & a=$!; sleep 1; wireplumber & b=$!; pipewire-pulse & c=$!; read line; kill $a $b $c; wait")
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "PIPEWIRE_RUNTIME_DIR="+folder, "PULSE_RUNTIME_PATH="+folder)
	cmd.Stdin = input
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = input.Close()
	t.Cleanup(func() {
		_ = end.Close() // which ends all that it started
		_ = cmd.Wait()
		_ = os.RemoveAll(folder)
	})
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(folder, "native"))
	eventually(t, "the sound server", func() bool { return exec.Command("pactl", "info").Run() == nil })
	for _, name := range []string{"first", "second"} {
		if err := exec.Command("pactl", "load-module", "module-null-sink", "sink_name="+name, "rate=48000").Run(); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PULSE_SINK", "first")
	return &server{t: t, folder: folder}
}

// play has a program of its own play a tone of a frequency for each ear, until
// the end of the test or stop.
func (s *server) play(left, right float64, options ...string) (stop func()) {
	s.t.Helper()
	name := filepath.Join(s.folder, strconv.FormatFloat(left, 'f', 0, 64)+".raw")
	const seconds = 60
	raw := make([]byte, 0, seconds*devices.SampleRate*4)
	for i := range seconds * devices.SampleRate {
		for _, hz := range []float64{left, right} {
			v := int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/devices.SampleRate))
			raw = append(raw, byte(v), byte(v>>8))
		}
	}
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command("pacat", append(options, "--playback", "--raw", "--format=s16le", "--rate=48000", "--channels=2", "--latency-msec=50", name)...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s.t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for range 200 {
		if true() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s: not within 10 s", what)
}

// heard keeps the last half second of each program.
type heard struct {
	mu    sync.Mutex
	sound map[uint32][]float32
	ended int
	lost  chan error
}

const kept = devices.SampleRate // samples of both ears

func newHeard() *heard { return &heard{sound: make(map[uint32][]float32), lost: make(chan error, 1)} }

func (h *heard) Play(program uint32, samples []float32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := append(h.sound[program], samples...)
	h.sound[program] = slices.Clone(all[max(len(all)-kept, 0):])
}

func (h *heard) Ended(program uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sound, program)
	h.ended++
}

// level is that of a frequency, in dB below full scale, in the loudest of what is
// heard now, at the left ear.
func (h *heard) level(hz float64) float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	loudest := 0.0
	for _, samples := range h.sound {
		if len(samples) < kept {
			continue
		}
		n := len(samples) / 2
		var re, im float64
		for i := range n {
			hann := 1 - math.Cos(2*math.Pi*float64(i)/float64(n))
			v := hann * float64(samples[2*i])
			re += v * math.Cos(2*math.Pi*hz*float64(i)/devices.SampleRate)
			im += v * math.Sin(2*math.Pi*hz*float64(i)/devices.SampleRate)
		}
		loudest = max(loudest, 2*math.Hypot(re, im)/float64(n))
	}
	return 20 * math.Log10(loudest+1e-9)
}

// tones are the samples that the tones of the tests have whole periods in: 20 ms.
const tones = devices.SampleRate / 50

// within is the level of a frequency at one ear in that many samples, in dB below full scale.
func within(samples []float32, ear int, hz float64) float64 {
	var re, im float64
	for i := range tones {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / devices.SampleRate)
		re += cos * float64(samples[2*i+ear])
		im += sin * float64(samples[2*i+ear])
	}
	return 20 * math.Log10(2*math.Hypot(re, im)/tones+1e-9)
}

// others gives, of each moment of what is heard now in which a program plays left and right
// without a gap, by how much the loudest of what should not be there is less.
func (h *heard) others(left, right, ours float64) (less []float64) {
	h.mu.Lock()
	var all [][]float32
	for _, samples := range h.sound {
		all = append(all, samples)
	}
	h.mu.Unlock()
	const full = -12.25 // what play plays
	for _, samples := range all {
		for ; len(samples) >= 2*tones; samples = samples[2*tones:] {
			if math.Abs(within(samples, 0, left)-full) > 0.3 || math.Abs(within(samples, 1, right)-full) > 0.3 {
				continue
			}
			less = append(less, full-max(within(samples, 0, ours), within(samples, 1, ours), within(samples, 0, right), within(samples, 1, left)))
		}
	}
	return less
}

// waits until a frequency is heard, or is not.
func (h *heard) waits(t *testing.T, hz float64, there bool) {
	t.Helper()
	eventually(t, strconv.FormatFloat(hz, 'f', 0, 64)+" Hz", func() bool { return h.level(hz) > -30 == there })
}

func listenTo(t *testing.T, h *heard) *Loopback {
	t.Helper()
	l, err := open(t.Context(), slog.New(slog.DiscardHandler), h, func(err error) { h.lost <- err }, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// speak has this process play a tone.
func speak(t *testing.T, hz float64) {
	t.Helper()
	s, err := sound.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	speaker, err := s.OpenSpeaker(t.Context(), devices.Default, func(dst []float32) {
		for i := range dst {
			dst[i] = float32(0.25 * math.Sin(2*math.Pi*hz*float64(n)/devices.SampleRate))
			n++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = speaker.Close()
		_ = s.Close()
	})
}

// room hears, at one ear, what the default speaker plays.
func room(t *testing.T) *heard {
	t.Helper()
	t.Setenv("PULSE_SOURCE", "first.monitor")
	s, err := sound.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	microphone, err := s.OpenMicrophone(t.Context(), devices.Default)
	if err != nil {
		t.Fatal(err)
	}
	h := newHeard()
	period, both := make([]float32, devices.PeriodSamples), make([]float32, 2*devices.PeriodSamples)
	for range 100 {
		if err := microphone.ReadPeriod(t.Context(), period); err != nil {
			t.Fatal(err)
		}
		for i, v := range period {
			both[2*i], both[2*i+1] = v, v
		}
		h.Play(0, both)
	}
	_ = microphone.Close()
	_ = s.Close()
	return h
}

// TestOthersButNotOurselves has two programs play, to two speakers, and this
// process a third tone; it is only theirs that is heard, ear by ear.
func TestOthersButNotOurselves(t *testing.T) {
	othersButNotOurselves(t, newServer(t))
	if out, _ := exec.Command("pactl", "list", "short", "source-outputs").Output(); len(out) != 0 {
		t.Errorf("the server still records: %s", out)
	}
}

// TestPipeWire is the same with PipeWire's server.
func TestPipeWire(t *testing.T) { othersButNotOurselves(t, newPipeWire(t)) }

func othersButNotOurselves(t *testing.T, s *server) {
	speak(t, 700)
	s.play(1000, 1300)
	h := newHeard()
	l := listenTo(t, h)
	h.waits(t, 1000, true)
	s.play(1900, 1900, "--device=second") // comes while it is listened
	h.waits(t, 1900, true)
	// That our own is played at all is what the speaker's monitor tells.
	all := room(t)
	t.Logf("the speaker plays 700 Hz at %.1f dB, 1000 Hz at %.1f dB", all.level(700), all.level(1000))
	if all.level(700) < -40 { // it has gaps on a busy machine
		t.Error("our own tone is not played at all")
	}
	// On a busy machine the tones have gaps, in which there is some of everything.
	var less []float64
	for range 30 {
		if less = append(less, h.others(1000, 1300, 700)...); len(less) >= 20 {
			break
		}
		time.Sleep(time.Second)
	}
	slices.Sort(less)
	if len(less) < 20 || less[len(less)/2] < 40 {
		t.Errorf("it is not theirs alone, ear by ear: anything else is less by (dB) %.1f", less)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sound) != 0 || h.ended != 2 {
		t.Errorf("%d programs are heard after the end, %d ended", len(h.sound), h.ended)
	}
}

// TestProgramsComeAndGo hears what comes, what goes, and what moves to another
// speaker.
func TestProgramsComeAndGo(t *testing.T) {
	s := newServer(t)
	h := newHeard()
	listenTo(t, h)
	stop := s.play(1000, 1000)
	h.waits(t, 1000, true)
	inputs, err := exec.Command("pactl", "list", "short", "sink-inputs").Output()
	if err != nil {
		t.Fatal(err)
	}
	index := strings.Fields(string(inputs))[0]
	if err := exec.Command("pactl", "move-sink-input", index, "second").Run(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of what moves", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.ended == 1 })
	h.waits(t, 1000, true)
	if err := exec.Command("pactl", "set-sink-input-mute", index, "1").Run(); err != nil {
		t.Fatal(err)
	}
	h.waits(t, 1000, false) // muted by its user
	if err := exec.Command("pactl", "set-sink-input-mute", index, "0").Run(); err != nil {
		t.Fatal(err)
	}
	h.waits(t, 1000, true)
	stop()
	h.waits(t, 1000, false)
	eventually(t, "its end", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.ended == 2 && len(h.sound) == 0 })
	for range 20 { // faster than the server is asked
		s.play(1400, 1400)()
	}
	s.play(1500, 1500)
	h.waits(t, 1500, true)
	eventually(t, "the end of all others", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(h.sound) == 1 })
}

// TestFilters does not hear what the server's own filter makes of our sound, and
// hears what goes through it once.
func TestFilters(t *testing.T) {
	s := newServer(t)
	for _, module := range []string{"module-remap-sink sink_name=filtered master=first", "module-loopback source=first.monitor sink=second"} {
		if err := exec.Command("pactl", append([]string{"load-module"}, strings.Fields(module)...)...).Run(); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PULSE_SINK", "filtered")
	speak(t, 700)
	s.play(1000, 1000, "--device=filtered")
	h := newHeard()
	listenTo(t, h)
	h.waits(t, 1000, true)
	time.Sleep(time.Second)
	h.mu.Lock()
	programs := slices.Collect(maps.Keys(h.sound))
	h.mu.Unlock()
	if ours := h.level(700); len(programs) != 1 || ours > -60 {
		t.Errorf("programs %v are heard, and ours at %.1f dB", programs, ours)
	}
}

// TestServerRestarts goes on after the sound server did.
func TestServerRestarts(t *testing.T) {
	s := newServer(t)
	h := newHeard()
	listenTo(t, h)
	s.play(1000, 1000)
	h.waits(t, 1000, true)
	s.pulse.Stop()
	h.waits(t, 1000, false)
	s.pulse.Start()
	s.play(1200, 1200)
	h.waits(t, 1200, true)
	select {
	case err := <-h.lost:
		t.Errorf("it was given up: %v", err)
	default:
	}
}

// TestServerGoes tells when the sound server does not come back.
func TestServerGoes(t *testing.T) {
	s := newServer(t)
	h := newHeard()
	l, err := open(t.Context(), slog.New(slog.DiscardHandler), h, func(err error) { h.lost <- err }, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	s.pulse.Stop()
	select {
	case err := <-h.lost:
		if !errors.Is(err, devices.ErrNotFound) {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("nobody is told")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := Check(t.Context()); !errors.Is(err, devices.ErrNotFound) {
		t.Errorf("without a server: %v", err)
	}
}

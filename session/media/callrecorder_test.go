package media

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/oggreader"
	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

// decodeOgg gives the sound of a file with one packet a page.
func decodeOgg(t *testing.T, path string) []float32 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, header, err := oggreader.NewWith(file)
	if err != nil {
		t.Fatal(err)
	}
	if header.Channels != 1 || header.SampleRate != devices.SampleRate {
		t.Errorf("header %+v", header)
	}
	decoder, err := opus.NewDecoder(devices.SampleRate, 1)
	if err != nil {
		t.Fatal(err)
	}
	var pcm []float32
	buffer := make([]float32, maxOpusFrame)
	for {
		payload, page, err := reader.ParseNextPage()
		if errors.Is(err, io.EOF) {
			return pcm
		}
		if err != nil {
			t.Fatal(err)
		}
		if string(payload[:min(8, len(payload))]) == "OpusTags" {
			continue
		}
		n, err := decoder.DecodeFloat32(payload, buffer)
		if err != nil {
			t.Fatal(err)
		}
		pcm = append(pcm, buffer[:n]...)
		if want := uint64(len(pcm)); page.GranulePosition > want+maxOpusFrame {
			t.Fatalf("page at %d after %d samples", page.GranulePosition, want)
		}
	}
}

// loudnessAt is how much of a tone is in a sound, 0 to its amplitude.
func loudnessAt(pcm []float32, hertz float64) float64 {
	var re, im float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hertz * float64(i) / devices.SampleRate)
		re, im = re+float64(v)*c, im+float64(v)*s
	}
	return 2 * math.Hypot(re, im) / float64(len(pcm))
}

// Two devices whose clocks run apart, each with its own period: both are in the
// recording, and the muted part of one is not.
func TestCallRecorder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "call.ogg")
	r, err := NewCallRecorder(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCallRecorder(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second recording over the first: %v", err)
	}
	const length = 2400 * time.Millisecond
	start := time.Now()
	tone := func(at *int, hertz float64, n int) []float32 {
		pcm := make([]float32, n)
		for i := range pcm {
			pcm[i] = 0.3 * float32(math.Sin(2*math.Pi*hertz*float64(*at)/devices.SampleRate))
			*at++
		}
		return pcm
	}
	heard, said := 0, 0
	for time.Since(start) < length {
		due := time.Since(start).Seconds() * devices.SampleRate
		for float64(heard) < due*1.003 {
			r.Heard(tone(&heard, 500, devices.PeriodSamples))
		}
		if time.Since(start) < length/2 {
			for float64(said) < due*0.997 {
				r.Said(tone(&said, 1200, 1024))
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	took, err := r.Close()
	if err != nil {
		t.Fatal(err)
	}
	if took < length-200*time.Millisecond || took > length+time.Second {
		t.Errorf("%v were recorded in %v", took, length)
	}
	pcm := decodeOgg(t, path)
	if got := time.Duration(samplesDuration(len(pcm))); got != took {
		t.Errorf("the file has %v, %v were told", got, took)
	}
	part := func(from, to float64) []float32 {
		return pcm[int(from*devices.SampleRate):int(to*devices.SampleRate)]
	}
	for _, c := range []struct {
		name     string
		pcm      []float32
		hertz    float64
		from, to float64
	}{
		{"heard", part(0.5, 0.7), 500, 0.2, 0.33},
		{"said", part(0.5, 0.7), 1200, 0.2, 0.33},
		{"heard later", part(1.8, 2), 500, 0.2, 0.33},
		{"said while muted", part(1.8, 2), 1200, 0, 0.01},
	} {
		if got := loudnessAt(c.pcm, c.hertz); got < c.from || got > c.to {
			t.Errorf("%s: %.3f of the tone, want %.2f to %.2f", c.name, got, c.from, c.to)
		}
	}
}

// A disk that takes no more ends the recording with an error.
func TestCallRecorderFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no full disk to try")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	r, err := recordTo(full)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("it goes on writing")
	}
	if _, err := r.Close(); err == nil {
		t.Error("no error of the disk")
	}
}

func TestMixerTapsTheCallAlone(t *testing.T) {
	m := NewMixer()
	m.Add(constantSource(0.25))
	aside := constantSource(0.5)
	m.AddAside(aside)
	var call float32
	m.TapCall(func(mix []float32) { call = mix[0] })
	out := make([]float32, devices.PeriodSamples)
	m.Render(out)
	if call != 0.25 || out[0] != 0.75 {
		t.Errorf("the call is %v, what is heard %v", call, out[0])
	}
	m.RemoveAside(aside)
	m.TapCall(nil)
	m.Render(out)
	if out[0] != 0.25 {
		t.Errorf("without the aside %v is heard", out[0])
	}
}

type constantSource float32

func (c constantSource) Mix(dst []float32) {
	for i := range dst {
		dst[i] += float32(c)
	}
}

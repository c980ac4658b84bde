package voice

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tone is a sine of the given length, silent in its second half.
func tone(d time.Duration) []float32 {
	pcm := make([]float32, int(d.Seconds()*SampleRate))
	for i := range len(pcm) / 2 {
		pcm[i] = 0.5 * float32(math.Sin(2*math.Pi*440*float64(i)/SampleRate))
	}
	return pcm
}

func record(t testing.TB, pcm []float32) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "voice.ogg")
	r, err := NewRecorder(path)
	if err != nil {
		t.Fatal(err)
	}
	for len(pcm) > 0 { // as a microphone gives it
		n := min(len(pcm), 480)
		if err := r.Write(pcm[:n]); err != nil {
			t.Fatal(err)
		}
		pcm = pcm[n:]
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRecordingComesBackAsLongAndAsLoud(t *testing.T) {
	for _, d := range []time.Duration{20 * time.Millisecond, 333 * time.Millisecond, 2500 * time.Millisecond} {
		info, err := Inspect(record(t, tone(d)))
		if err != nil || (info.Duration-d).Abs() > time.Millisecond {
			t.Fatalf("%v: %v, %v", d, info.Duration, err)
		}
		if d < time.Second {
			continue
		}
		if loud, quiet := info.Waveform[10], info.Waveform[50]; loud < 150 || loud > 210 || quiet > 20 {
			t.Errorf("%v", info.Waveform)
		}
	}
}

func TestRecordingThatBreaksOffLosesUnderASecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "voice.ogg")
	r, err := NewRecorder(path)
	if err != nil {
		t.Fatal(err)
	}
	const d = 3300 * time.Millisecond
	if err := r.Write(tone(d)); err != nil {
		t.Fatal(err)
	}
	// The program is gone: nothing is closed. Half a page is torn, too.
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".torn", data[:len(data)-7], 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := Inspect(path)
	if err != nil || info.Duration < d-time.Second {
		t.Errorf("%v, %v", info.Duration, err)
	}
	if info, err := Inspect(path + ".torn"); err != nil || info.Duration < d-1500*time.Millisecond {
		t.Errorf("%v, %v", info.Duration, err)
	}
	if err := r.Discard(); err != nil {
		t.Error(err)
	}
}

func TestRecordingEndsAtTheLimit(t *testing.T) {
	r, err := NewRecorder(filepath.Join(t.TempDir(), "voice.ogg"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(make([]float32, samplesMax+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
	if err := r.Close(); err != nil || r.Duration() != time.Minute {
		t.Errorf("%v %v", r.Duration(), err)
	}
	if info, err := Inspect(r.file.Name()); err != nil || info.Duration != time.Minute {
		t.Errorf("%v %v", info.Duration, err)
	}
}

func TestNotAVoiceMessage(t *testing.T) {
	good, err := os.ReadFile(record(t, tone(time.Second)))
	if err != nil {
		t.Fatal(err)
	}
	spoilt := bytes.Clone(good)
	spoilt[len(spoilt)/2] ^= 1
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("hello, this is no voice message at all"), "damaged": spoilt, "head only": good[:47]} {
		path := filepath.Join(t.TempDir(), "x.ogg")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Inspect(path); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good, err := os.ReadFile(record(f, tone(100*time.Millisecond)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:60])
	f.Add([]byte("OggS"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := int64(0)
		samples, err := decode(bytes.NewReader(data), func(pcm []float32) error {
			n += int64(len(pcm))
			return nil
		})
		if err == nil && samples != n || n > samplesMax+SampleRate {
			t.Errorf("%d samples, %d given", samples, n)
		}
	})
}

func BenchmarkInspectOneMinute(b *testing.B) {
	path := record(b, tone(time.Minute))
	for b.Loop() {
		if _, err := Inspect(path); err != nil {
			b.Fatal(err)
		}
	}
}

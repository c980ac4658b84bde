package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"parley/devices"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func y4mFile(w, h, frames int, header string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d %s\n", w, h, header)
	for n := range frames {
		b.WriteString("FRAME\n")
		b.Write(bytes.Repeat([]byte{byte(100 + n)}, w*h))
		b.Write(bytes.Repeat([]byte{90}, 2*((w+1)/2)*((h+1)/2)))
	}
	return b.Bytes()
}

func wavFile(rate, channels int, samples []int16) []byte {
	b := []byte("RIFF....WAVEfmt ")
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate*channels*2))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels*2))
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(samples)*2))
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}

func TestY4MPlaysAndStartsOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clip.y4m")
	if err := os.WriteFile(path, y4mFile(7, 5, 3, "F100:1 C420jpeg"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := OpenCamera(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 7 {
		f, err := c.ReadFrame(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.Width != 7 || f.Height != 5 || f.Y[4*f.StrideY+6] != byte(100+n%3) || f.V[2*f.StrideUV+3] != 90 {
			t.Errorf("frame %d: %dx%d %d", n, f.Width, f.Height, f.Y[0])
		}
		f.Release()
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadFrame(t.Context()); !errors.Is(err, devices.ErrClosed) {
		t.Error(err)
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"a.y4m": []byte("YUV4MPEG2 W100000 H5 F30:1\n"),
		"b.y4m": []byte("YUV4MPEG2 W16 H16 F0:0\n"),
		"c.y4m": []byte("YUV4MPEG2 W16 H16 F30:1 C444\n"),
		"d.y4m": []byte("GIF89a"),
		"e.ivf": []byte("DKIF"),
		"f.mov": {},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCamera(path, nil); err == nil {
			t.Errorf("%s is played", name)
		}
	}
	if _, err := OpenCamera("/does/not/exist.y4m", nil); !errors.Is(err, devices.ErrNotFound) {
		t.Error(err)
	}
	if _, err := OpenMicrophone("/does/not/exist.wav"); !errors.Is(err, devices.ErrNotFound) {
		t.Error(err)
	}
}

func TestWAVIsResampledToMono(t *testing.T) {
	for _, test := range []struct{ rate, channels int }{{48000, 1}, {44100, 2}, {8000, 1}, {96000, 2}} {
		var samples []int16
		for i := range test.rate {
			s := int16(20000 * math.Sin(2*math.Pi*440*float64(i)/float64(test.rate)))
			for range test.channels {
				samples = append(samples, s)
			}
		}
		got, err := readWAV(bytes.NewReader(wavFile(test.rate, test.channels, samples)))
		if err != nil {
			t.Fatal(err)
		}
		if d := len(got) - devices.SampleRate; d > 1 || d < -1 {
			t.Errorf("%+v: %d samples", test, len(got))
		}
		worst := 0.0
		for i := 1000; i < len(got)-1000; i++ {
			want := 20000.0 / 32768 * math.Sin(2*math.Pi*440*float64(i)/devices.SampleRate)
			worst = max(worst, math.Abs(want-float64(got[i])))
		}
		if worst > 0.005 {
			t.Errorf("%+v: off by %v", test, worst)
		}
	}
}

func TestMicrophoneLoops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	if err := os.WriteFile(path, wavFile(48000, 1, []int16{8192, 16384, -8192}), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := OpenMicrophone(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	dst := make([]float32, devices.PeriodSamples)
	if err := m.ReadPeriod(t.Context(), dst); err != nil {
		t.Fatal(err)
	}
	if dst[0] != 0.25 || dst[1] != 0.5 || dst[3] != 0.25 || dst[479] != -0.25 {
		t.Errorf("%v", dst[:4])
	}
}

type nopCloser struct{ io.Reader }

func (nopCloser) Close() error { return nil }

type noDecoder struct{}

func (noDecoder) Decode([]byte) (*devices.Frame, error) { return nil, nil } //nolint:nilnil // no picture
func (noDecoder) Close() error                          { return nil }

func FuzzY4M(f *testing.F) {
	f.Add(y4mFile(4, 4, 2, "F30:1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := newY4M(nopCloser{bytes.NewReader(data)})
		if err != nil {
			return
		}
		if v.width*v.height > 1<<20 {
			return // allowed, but slow to fuzz
		}
		for range 3 {
			frame, err := v.next()
			if err != nil {
				return
			}
			frame.Release()
		}
	})
}

func FuzzIVF(f *testing.F) {
	f.Add(append([]byte("DKIF\x00\x00\x20\x00VP80\x40\x01\xb4\x00\x1e\x00\x00\x00\x01\x00\x00\x00........"), 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := newIVF(nopCloser{bytes.NewReader(data)}, func(string) (Decoder, error) { return noDecoder{}, nil })
		if err != nil {
			return
		}
		for range 5 {
			if _, err := v.next(); err != nil {
				return
			}
		}
	})
}

func FuzzWAV(f *testing.F) {
	f.Add(wavFile(8000, 2, []int16{1, 2, 3, 4}))
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, err := readWAV(bytes.NewReader(data))
		if err == nil && len(samples) == 0 {
			t.Error("no samples and no error")
		}
	})
}

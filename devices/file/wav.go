package file

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"parley/devices"
)

const (
	// wavMax bounds the sound of a WAV file: half an hour of 48 kHz stereo.
	wavMax = 48000 * 4 * 1800
	// The rates that are resampled.
	rateLeast, rateMost = 4000, 384000
	channelsMost        = 8
)

// ReadSound reads a WAV file of at most half an hour: mono samples, -1 to 1, at
// devices.SampleRate. Errors of the content wrap devices.ErrFormat.
func ReadSound(path string) ([]float32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the sound: %w", err)
	}
	defer f.Close()
	return readWAV(bufio.NewReader(f))
}

// readWAV reads a whole WAV file as mono at devices.SampleRate: PCM of 16, 24
// or 32 bits, or 32-bit floats.
func readWAV(r io.Reader) ([]float32, error) {
	bad := func(format string, args ...any) ([]float32, error) {
		return nil, fmt.Errorf("WAV: %s: %w", fmt.Sprintf(format, args...), devices.ErrFormat)
	}
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil || string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return bad("not a WAV file")
	}
	var format, channels, bits uint16
	var rate uint32
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return bad("no sound in it")
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch string(chunk[:4]) {
		case "fmt ":
			if size < 16 || size > 128 {
				return bad("a format of %d bytes", size)
			}
			b := make([]byte, size)
			if _, err := io.ReadFull(r, b); err != nil {
				return bad("cut off")
			}
			format, channels = binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
			rate, bits = binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint16(b[14:])
			if format == 0xfffe && size >= 26 { // extensible: the real one follows
				format = binary.LittleEndian.Uint16(b[24:])
			}
		case "data":
			if channels == 0 || channels > channelsMost || rate < rateLeast || rate > rateMost {
				return bad("%d channels at %d Hz", channels, rate)
			}
			sample, err := sampleReader(format, bits)
			if err != nil {
				return nil, err
			}
			// A recorder that was killed leaves no size, or too large a one.
			data, err := io.ReadAll(io.LimitReader(r, min(size, wavMax)))
			if err != nil {
				return nil, err
			}
			mono := mixDown(data, int(channels), int(bits)/8, sample)
			if len(mono) == 0 {
				return bad("no sound in it")
			}
			return resample(mono, int(rate), devices.SampleRate), nil
		default:
			if _, err := io.CopyN(io.Discard, r, size+size%2); err != nil {
				return bad("no sound in it")
			}
		}
	}
}

func sampleReader(format, bits uint16) (func([]byte) float32, error) {
	switch {
	case format == 1 && bits == 16:
		return func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15) }, nil
	case format == 1 && bits == 24:
		return func(b []byte) float32 {
			return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}, nil
	case format == 1 && bits == 32:
		return func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) }, nil
	case format == 3 && bits == 32:
		return func(b []byte) float32 {
			x := math.Float32frombits(binary.LittleEndian.Uint32(b))
			if x != x || x > 4 || x < -4 {
				return 0 // not a sample
			}
			return x
		}, nil
	default:
		return nil, fmt.Errorf("WAV: format %d with %d bits: %w", format, bits, devices.ErrFormat)
	}
}

func mixDown(data []byte, channels, size int, sample func([]byte) float32) []float32 {
	mono := make([]float32, len(data)/(channels*size))
	for i := range mono {
		var sum float32
		for c := range channels {
			sum += sample(data[(i*channels+c)*size:])
		}
		mono[i] = sum / float32(channels)
	}
	return mono
}

// taps is the reach of the resampler to each side, in samples of the lower
// rate.
const taps = 16

// resample changes the rate by a sinc filter under a Hann window, cut off at
// the lower rate's half (Smith, "Digital Audio Resampling Home Page").
func resample(in []float32, from, to int) []float32 {
	if from == to {
		return in
	}
	ratio := float64(to) / float64(from)
	cutoff := math.Min(1, ratio)
	reach := taps / cutoff
	out := make([]float32, int(float64(len(in))*ratio))
	for i := range out {
		center := float64(i) / ratio
		var sum, weight float64
		for j := max(0, int(math.Ceil(center-reach))); j <= min(len(in)-1, int(center+reach)); j++ {
			d := float64(j) - center
			w := 0.5 + 0.5*math.Cos(math.Pi*d/reach)
			if x := math.Pi * d * cutoff; x != 0 {
				w *= math.Sin(x) / x
			}
			sum += w * float64(in[j])
			weight += w
		}
		if weight > 1e-9 {
			sum /= weight
		}
		out[i] = float32(sum)
	}
	if len(out) == 0 {
		return []float32{0}
	}
	return out
}

// Package voice records and reads voice messages: Opus in Ogg (RFC 7845), one
// channel, at most wire.VoiceMax long.
package voice

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"gopkg.in/hraban/opus.v2"

	"parley/session/wire"
)

// MIME is the type of a voice message.
const MIME = "audio/ogg"

const (
	// SampleRate of what is written to a Recorder and read by Decode, in Hz.
	SampleRate = 48000
	frame      = SampleRate / 50 // 20 ms
	frameMost  = SampleRate / 1000 * 120
	// preSkip is what the encoder needs to get going: its delay at 48 kHz.
	preSkip = 312
	bitrate = 24000
	// pagePackets is how many packets are written at once: half a second, so
	// that a crash loses no more.
	pagePackets = 25
	fileMax     = 4 << 20 // bytes; 60 s at over 500 kb/s
)

// ErrTooLong means that a voice message is over its limit.
var ErrTooLong = fmt.Errorf("a voice message has at most %v", wire.VoiceMax)

const samplesMax = int64(wire.VoiceMax/time.Second) * SampleRate

// Recorder writes a voice message as it is spoken. It is not safe for
// concurrent use.
type Recorder struct {
	file    *os.File
	pages   pageWriter
	encoder *opus.Encoder
	pcm     []float32 // less than a frame
	packets [][]byte  // less than a page
	samples int64     // all that came
	encoded int64
	peak    float32
	err     error
}

// NewRecorder begins a recording in a new file.
func NewRecorder(path string) (*Recorder, error) {
	encoder, err := opus.NewEncoder(SampleRate, 1, opus.AppVoIP)
	if err != nil {
		return nil, fmt.Errorf("open the Opus encoder: %w", err)
	}
	if err := errors.Join(encoder.SetBitrate(bitrate), encoder.SetComplexity(9)); err != nil {
		return nil, fmt.Errorf("set up the Opus encoder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("begin the recording: %w", err)
	}
	r := &Recorder{file: file, encoder: encoder, pages: pageWriter{w: file, serial: 1}, pcm: make([]float32, 0, frame)}
	head := append([]byte("OpusHead"), 1, 1)
	head = binary.LittleEndian.AppendUint16(head, preSkip)
	head = binary.LittleEndian.AppendUint32(head, SampleRate)
	head = append(head, 0, 0, 0) // no gain, one or two channels
	tags := append([]byte("OpusTags"), 6, 0, 0, 0)
	tags = append(append(tags, "parley"...), 0, 0, 0, 0)
	if err := errors.Join(r.pages.write([][]byte{head}, 0, flagFirst), r.pages.write([][]byte{tags}, 0, 0)); err != nil {
		return nil, errors.Join(fmt.Errorf("begin the recording: %w", err), r.Discard())
	}
	return r, nil
}

// Write adds samples, -1 to 1. What is over the limit is left out, with
// ErrTooLong. Errors of the disk last.
func (r *Recorder) Write(pcm []float32) error {
	if r.err != nil {
		return r.err
	}
	var full error
	if left := samplesMax - r.samples; int64(len(pcm)) > left {
		pcm, full = pcm[:left], ErrTooLong
	}
	r.samples += int64(len(pcm))
	for len(pcm) > 0 {
		n := copy(r.pcm[len(r.pcm):frame], pcm)
		r.pcm, pcm = r.pcm[:len(r.pcm)+n], pcm[n:]
		if len(r.pcm) == frame {
			if r.err = r.encode(); r.err != nil {
				return r.err
			}
		}
	}
	return full
}

func (r *Recorder) encode() error {
	r.peak = peak(r.pcm)
	packet := make([]byte, 1275)
	n, err := r.encoder.EncodeFloat32(r.pcm, packet)
	if err != nil {
		return fmt.Errorf("encode the recording: %w", err)
	}
	r.pcm, r.encoded = r.pcm[:0], r.encoded+frame
	r.packets = append(r.packets, packet[:n])
	if len(r.packets) < pagePackets {
		return nil
	}
	return r.page(uint64(r.encoded), 0)
}

func (r *Recorder) page(position uint64, flags byte) error {
	err := r.pages.write(r.packets, position, flags)
	r.packets = r.packets[:0]
	if err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}

// Flush writes what was recorded so far, so that it can be read from the file.
func (r *Recorder) Flush() error {
	if r.err == nil && len(r.packets) > 0 {
		r.err = r.page(uint64(r.encoded), 0)
	}
	return r.err
}

// Duration is how long the recording is.
func (r *Recorder) Duration() time.Duration { return duration(r.samples) }

// Level is the loudness of the last 20 ms, as a value of a waveform.
func (r *Recorder) Level() byte { return loudness(r.peak) }

// Close ends the recording.
func (r *Recorder) Close() error {
	if r.err == nil {
		r.err = r.finish()
	}
	return errors.Join(r.err, r.file.Close())
}

func (r *Recorder) finish() error {
	// Silence until the encoder has given out all that came.
	for r.encoded < r.samples+preSkip {
		for len(r.pcm) < frame {
			r.pcm = append(r.pcm, 0)
		}
		if err := r.encode(); err != nil {
			return err
		}
	}
	// The last page tells where the sound ends.
	if err := r.page(uint64(r.samples)+preSkip, flagLast); err != nil {
		return err
	}
	if err := r.file.Sync(); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}

// Discard ends the recording and removes its file.
func (r *Recorder) Discard() error {
	return errors.Join(r.file.Close(), os.Remove(r.file.Name()))
}

// Info is what a voice message says about itself.
type Info struct {
	Duration time.Duration
	Waveform [64]byte // loudness, 0 to 255, over the whole length
}

// Inspect reads a whole voice message, also one whose recording broke off.
func Inspect(path string) (Info, error) {
	var (
		info  Info
		peaks []float32
		n     int64
		chunk float32
	)
	const step = frame / 2
	samples, err := Decode(path, func(pcm []float32) error {
		for _, s := range pcm {
			chunk = max(chunk, float32(math.Abs(float64(s))))
			if n++; n%step == 0 {
				peaks, chunk = append(peaks, chunk), 0
			}
		}
		return nil
	})
	if err != nil {
		return info, err
	}
	if samples == 0 {
		return info, fmt.Errorf("%w: it is empty", ErrFormat)
	}
	info.Duration = max(duration(samples), time.Millisecond)
	peaks = append(peaks, chunk)
	for i := range info.Waveform {
		from, to := i*len(peaks)/len(info.Waveform), (i+1)*len(peaks)/len(info.Waveform)
		var most float32
		for _, p := range peaks[from:max(to, from+1)] {
			most = max(most, p)
		}
		info.Waveform[i] = loudness(most)
	}
	return info, nil
}

// Decode reads a voice message: each gets its samples, piece by piece, in a
// buffer that is used again. It gives their number.
func Decode(path string, each func(pcm []float32) error) (samples int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("open the voice message: %w", err)
	}
	defer file.Close()
	return decode(io.LimitReader(file, fileMax), each)
}

func decode(r io.Reader, each func([]float32) error) (int64, error) {
	pages := newPageReader(r)
	head, err := pages.next()
	if err != nil {
		return 0, formatError(err)
	}
	// Version 1, one or two channels, no mapping of its own.
	if len(head) < 19 || !bytes.HasPrefix(head, []byte("OpusHead")) || head[8]>>4 != 0 || head[9] < 1 || head[9] > 2 || head[18] != 0 {
		return 0, fmt.Errorf("%w: it is not Opus", ErrFormat)
	}
	skip := int64(binary.LittleEndian.Uint16(head[10:]))
	if tags, err := pages.next(); err != nil || !bytes.HasPrefix(tags, []byte("OpusTags")) {
		return 0, fmt.Errorf("%w: it has no tags", ErrFormat)
	}
	decoder, err := opus.NewDecoder(SampleRate, 1)
	if err != nil {
		return 0, fmt.Errorf("open the Opus decoder: %w", err)
	}
	pcm := make([]float32, frameMost)
	var decoded, given int64
	for {
		packet, err := pages.next()
		if errors.Is(err, io.EOF) {
			return given, nil
		}
		if err != nil {
			return given, err
		}
		if len(packet) == 0 {
			continue
		}
		n, err := decoder.DecodeFloat32(packet, pcm)
		if err != nil {
			return given, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		from := min(max(skip-decoded, 0), int64(n))
		to := int64(n)
		decoded += to
		if pages.last && pages.position != unknownPosition && pages.position < math.MaxInt64 {
			// What is behind the position of the last page is padding.
			to -= min(max(decoded-int64(pages.position), 0), to)
		}
		if from >= to {
			continue
		}
		if given += to - from; given > samplesMax+SampleRate/2 {
			return given, ErrTooLong
		}
		if err := each(pcm[from:to]); err != nil {
			return given, err
		}
	}
}

func formatError(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it is empty", ErrFormat)
	}
	return err
}

func duration(samples int64) time.Duration {
	return min(time.Duration(samples)*time.Second/SampleRate, wire.VoiceMax)
}

func peak(pcm []float32) float32 {
	var most float32
	for _, s := range pcm {
		most = max(most, float32(math.Abs(float64(s))))
	}
	return most
}

// loudness puts a peak on the scale of a waveform: its square root, so that
// quiet speech can be seen.
func loudness(peak float32) byte {
	return byte(math.Round(255 * math.Sqrt(float64(min(max(peak, 0), 1)))))
}

package peer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"

	"parley/devices"
	"parley/session/wire"
)

// recorder writes what is received to a folder: an .ivf and an .ogg for each
// stream, and the decoded mix as mix.wav. The recording of the call, recording.ogg,
// is the engine's.
type recorder struct {
	folder string

	mu      sync.Mutex
	streams map[string]*streamRecorder
	wav     *wavWriter
}

type rtpWriter interface {
	WriteRTP(*rtp.Packet) error
	Close() error
}

// streamRecorder is written to by two tracks, each on its own goroutine.
type streamRecorder struct {
	base    string
	mu      sync.Mutex
	writers map[string]rtpWriter // by MIME type
	ended   bool
}

func newRecorder(folder string) (*recorder, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	wav, err := newWAV(filepath.Join(folder, "mix.wav"))
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return &recorder{folder: folder, streams: make(map[string]*streamRecorder), wav: wav}, nil
}

// callPath names a new file for the recording of the call.
func (r *recorder) callPath() string {
	path := filepath.Join(r.folder, "recording.ogg")
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); err != nil {
			return path
		}
		path = filepath.Join(r.folder, fmt.Sprintf("recording-%d.ogg", n))
	}
}

// mix is called on the speaker's thread.
func (r *recorder) mix(samples []float32) { r.wav.write(samples) }

// begin records a stream. A StreamID may hold what a file name can't.
func (r *recorder) begin(streamID string) func(string, *rtp.Packet) {
	name := streamID
	if strings.ContainsAny(name, `<>:"/\|?*.`) || len(name) > 100 {
		name = wire.SubjectToken(name[:min(len(name), 100)])
	}
	s := &streamRecorder{base: filepath.Join(r.folder, name), writers: make(map[string]rtpWriter)}
	r.mu.Lock()
	defer r.mu.Unlock()
	// A stream that comes a second time does not overwrite its first part.
	for n := 2; ; n++ {
		if _, err := os.Stat(s.base + ".ogg"); err != nil {
			if _, err := os.Stat(s.base + ".ivf"); err != nil {
				break
			}
		}
		s.base = filepath.Join(r.folder, fmt.Sprintf("%s-%d", name, n))
	}
	r.streams[streamID] = s
	return s.packet
}

func (r *recorder) end(streamID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.streams[streamID]; s != nil {
		s.close()
		delete(r.streams, streamID)
	}
}

func (r *recorder) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.streams {
		s.close()
	}
	_ = r.wav.close()
}

func (s *streamRecorder) packet(mimeType string, p *rtp.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	w, known := s.writers[mimeType]
	if !known {
		var err error
		switch {
		case strings.EqualFold(mimeType, webrtc.MimeTypeOpus):
			w, err = oggwriter.New(s.base+".ogg", devices.SampleRate, 2)
		case strings.EqualFold(mimeType, webrtc.MimeTypeVP8), strings.EqualFold(mimeType, webrtc.MimeTypeVP9):
			w, err = newIVF(s.picturePath(), mimeType)
		}
		if err != nil {
			w = nil
		}
		s.writers[mimeType] = w
	}
	if w != nil {
		// The packet belongs to the receiver, and the writers keep payloads.
		_ = w.WriteRTP(p.Clone())
	}
}

// picturePath names a file for pictures of one codec more: the sender may change it.
func (s *streamRecorder) picturePath() string {
	path := s.base + ".ivf"
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); err != nil {
			return path
		}
		path = fmt.Sprintf("%s-codec%d.ivf", s.base, n)
	}
}

func (s *streamRecorder) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, w := range s.writers {
		if w != nil {
			_ = w.Close()
		}
	}
}

// wavWriter writes 16-bit mono at the sample rate of devices.
type wavWriter struct {
	mu     sync.Mutex
	f      *os.File
	w      *bufio.Writer
	bytes  int
	buf    []byte
	closed bool
}

const wavHeader = 44

func newWAV(path string) (*wavWriter, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := &wavWriter{f: f, w: bufio.NewWriterSize(f, 256<<10)}
	_, err = w.w.Write(make([]byte, wavHeader))
	return w, err
}

func (w *wavWriter) write(samples []float32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.buf = w.buf[:0]
	for _, s := range samples {
		w.buf = binary.LittleEndian.AppendUint16(w.buf, uint16(int16(min(max(s, -1), 1)*32767)))
	}
	n, _ := w.w.Write(w.buf)
	w.bytes += n
}

func (w *wavWriter) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if err := w.w.Flush(); err != nil {
		return errors.Join(err, w.f.Close())
	}
	h := make([]byte, 0, wavHeader)
	h = append(h, "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, uint32(w.bytes+wavHeader-8))
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, 1) // PCM
	h = binary.LittleEndian.AppendUint16(h, 1) // mono
	h = binary.LittleEndian.AppendUint32(h, devices.SampleRate)
	h = binary.LittleEndian.AppendUint32(h, devices.SampleRate*2)
	h = binary.LittleEndian.AppendUint16(h, 2)
	h = binary.LittleEndian.AppendUint16(h, 16)
	h = append(h, "data"...)
	h = binary.LittleEndian.AppendUint32(h, uint32(w.bytes))
	_, err := w.f.Seek(0, io.SeekStart)
	if err == nil {
		_, err = w.f.Write(h)
	}
	return errors.Join(err, w.f.Close())
}

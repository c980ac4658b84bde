// Package file plays files as if they were devices: Y4M and IVF as cameras,
// WAV as microphones. They run in real time and start over at their end.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"parley/devices"
	"parley/devices/internal/pace"
)

// VideoDecoder decodes the frames of an IVF file. fourcc is "VP80" or "VP90".
type VideoDecoder func(fourcc string) (Decoder, error)

// Decoder turns encoded frames into pictures, which the caller releases. A
// frame without a picture of its own gives nil.
type Decoder interface {
	Decode(data []byte) (*devices.Frame, error)
	Close() error
}

// video is a file that can be read from its start again and again.
type video interface {
	// next gives the next picture, or io.EOF.
	next() (*devices.Frame, error)
	// rate is in frames a second, as a fraction.
	rate() (n, d int)
	close() error
}

// camera is a file played as a camera.
type camera struct {
	path   string
	decode VideoDecoder
	pacer  *pace.Pacer
	every  time.Duration
	n      int64

	mu     sync.Mutex // Close may come while a read waits
	file   video
	closed bool
}

// OpenCamera opens a .y4m or .ivf file.
func OpenCamera(path string, decode VideoDecoder) (devices.VideoSource, error) {
	c := &camera{path: path, decode: decode}
	var err error
	if c.file, err = c.open(); err != nil {
		return nil, fmt.Errorf("open %s as a camera: %w", filepath.Base(path), err)
	}
	n, d := c.file.rate()
	c.every = time.Duration(int64(time.Second) * int64(d) / int64(n))
	c.pacer = pace.New(c.every)
	return c, nil
}

func (c *camera) open() (video, error) {
	f, err := os.Open(c.path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, devices.ErrNotFound
		}
		return nil, err
	}
	var v video
	switch strings.ToLower(filepath.Ext(c.path)) {
	case ".y4m":
		v, err = newY4M(f)
	case ".ivf":
		v, err = newIVF(f, c.decode)
	default:
		err = fmt.Errorf("neither .y4m nor .ivf: %w", devices.ErrFormat)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return v, nil
}

// ReadFrame waits for the next picture.
func (c *camera) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	for {
		if _, err := c.pacer.Wait(ctx, false); err != nil {
			return nil, err
		}
		f, err := c.next()
		if err != nil || f != nil {
			return f, err
		}
	}
}

func (c *camera) next() (*devices.Frame, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, devices.ErrClosed
	}
	f, err := c.file.next()
	if errors.Is(err, io.EOF) {
		if c.n == 0 {
			return nil, fmt.Errorf("%s has no pictures: %w", filepath.Base(c.path), devices.ErrFormat)
		}
		again, openErr := c.open()
		if openErr != nil {
			return nil, openErr
		}
		_ = c.file.close()
		c.file = again
		f, err = c.file.next()
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(c.path), err)
	}
	if f != nil {
		f.Timestamp = time.Duration(c.n) * c.every
	}
	c.n++
	return f, nil
}

// Close closes the file.
func (c *camera) Close() error {
	c.pacer.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	return c.file.close()
}

// microphone is a file played as a microphone. It is read whole when opened.
type microphone struct {
	pacer   *pace.Pacer
	samples []float32
	at      int
}

// OpenMicrophone opens a .wav file.
func OpenMicrophone(path string) (devices.AudioSource, error) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = devices.ErrNotFound
		}
		return nil, fmt.Errorf("open %s as a microphone: %w", filepath.Base(path), err)
	}
	defer f.Close()
	samples, err := readWAV(f)
	if err != nil {
		return nil, fmt.Errorf("open %s as a microphone: %w", filepath.Base(path), err)
	}
	return &microphone{pacer: pace.New(devices.Period), samples: samples}, nil
}

// ReadPeriod waits for the next 10 ms.
func (m *microphone) ReadPeriod(ctx context.Context, dst []float32) error {
	if _, err := m.pacer.Wait(ctx, false); err != nil {
		return err
	}
	for len(dst) > 0 {
		n := copy(dst, m.samples[m.at:])
		dst = dst[n:]
		m.at = (m.at + n) % len(m.samples)
	}
	return nil
}

// Close ends the sound.
func (m *microphone) Close() error {
	m.pacer.Close()
	return nil
}

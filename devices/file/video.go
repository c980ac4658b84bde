package file

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"parley/devices"
)

const (
	// headerMax bounds a line of a Y4M file.
	headerMax = 1 << 10
	// encodedMax bounds an encoded frame of an IVF file.
	encodedMax = 8 << 20
	// rateMax bounds the frame rate that a file may ask for.
	rateMax = 240
)

func checkRate(n, d int) error {
	if n <= 0 || d <= 0 || n/d > rateMax || d/n > 60 {
		return fmt.Errorf("%d/%d frames a second: %w", n, d, devices.ErrFormat)
	}
	return nil
}

func checkSize(w, h int) error {
	if w <= 0 || h <= 0 || w > devices.MaxFrameSide || h > devices.MaxFrameSide {
		return fmt.Errorf("pictures of %dx%d: %w", w, h, devices.ErrFormat)
	}
	return nil
}

// y4m reads YUV4MPEG2 with 4:2:0 pictures of 8 bits.
type y4m struct {
	f             io.Closer
	r             *bufio.Reader
	pool          devices.FramePool
	width, height int
	n, d          int
	fullRange     bool
}

func newY4M(f io.ReadCloser) (*y4m, error) {
	v := &y4m{f: f, r: bufio.NewReaderSize(f, 256<<10), n: 30, d: 1}
	line, err := v.line()
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(line)
	if len(fields) == 0 || fields[0] != "YUV4MPEG2" {
		return nil, fmt.Errorf("not a Y4M file: %w", devices.ErrFormat)
	}
	for _, field := range fields[1:] {
		value := field[1:]
		switch field[0] {
		case 'W':
			v.width, err = strconv.Atoi(value)
		case 'H':
			v.height, err = strconv.Atoi(value)
		case 'F':
			n, d, found := strings.Cut(value, ":")
			if !found {
				err = devices.ErrFormat
				break
			}
			var errN, errD error
			v.n, errN = strconv.Atoi(n)
			v.d, errD = strconv.Atoi(d)
			err = errors.Join(errN, errD)
		case 'C':
			if !strings.HasPrefix(value, "420") || strings.HasPrefix(value, "420p") && value != "420paldv" {
				err = fmt.Errorf("colour space %s", value)
			}
		case 'X':
			v.fullRange = v.fullRange || value == "COLORRANGE=FULL"
		}
		if err != nil {
			return nil, fmt.Errorf("Y4M header %q: %w: %w", field, devices.ErrFormat, err)
		}
	}
	if err := checkSize(v.width, v.height); err != nil {
		return nil, err
	}
	return v, checkRate(v.n, v.d)
}

func (v *y4m) line() (string, error) {
	var b strings.Builder
	for b.Len() < headerMax {
		c, err := v.r.ReadByte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return b.String(), nil
		}
		b.WriteByte(c)
	}
	return "", fmt.Errorf("a line of over %d bytes: %w", headerMax, devices.ErrFormat)
}

func (v *y4m) next() (*devices.Frame, error) {
	line, err := v.line()
	if err != nil {
		return nil, io.EOF // a file that was cut off ends there
	}
	if !strings.HasPrefix(line, "FRAME") {
		return nil, fmt.Errorf("no frame where one should be: %w", devices.ErrFormat)
	}
	f, err := v.pool.Get(v.width, v.height)
	if err != nil {
		return nil, err
	}
	f.FullRange = v.fullRange
	for _, p := range []struct {
		pix                   []byte
		stride, width, height int
	}{{f.Y, f.StrideY, f.Width, f.Height}, {f.U, f.StrideUV, f.ChromaWidth(), f.ChromaHeight()}, {f.V, f.StrideUV, f.ChromaWidth(), f.ChromaHeight()}} {
		for y := range p.height {
			if _, err := io.ReadFull(v.r, p.pix[y*p.stride:y*p.stride+p.width]); err != nil {
				f.Release()
				return nil, io.EOF
			}
		}
	}
	return f, nil
}

func (v *y4m) rate() (int, int) { return v.n, v.d }
func (v *y4m) close() error     { return v.f.Close() }

// ivf reads the IVF container of VP8 and VP9.
type ivf struct {
	f       io.Closer
	r       *bufio.Reader
	decoder Decoder
	n, d    int
	buf     []byte
}

const ivfHeader, ivfFrameHeader = 32, 12

func newIVF(f io.ReadCloser, decode VideoDecoder) (*ivf, error) {
	v := &ivf{f: f, r: bufio.NewReaderSize(f, 64<<10)}
	header := make([]byte, ivfHeader)
	if _, err := io.ReadFull(v.r, header); err != nil {
		return nil, fmt.Errorf("no IVF header: %w", devices.ErrFormat)
	}
	length := binary.LittleEndian.Uint16(header[6:])
	if string(header[:4]) != "DKIF" || length < ivfHeader {
		return nil, fmt.Errorf("not an IVF file: %w", devices.ErrFormat)
	}
	if _, err := v.r.Discard(int(length) - ivfHeader); err != nil {
		return nil, fmt.Errorf("no IVF header: %w", devices.ErrFormat)
	}
	if err := checkSize(int(binary.LittleEndian.Uint16(header[12:])), int(binary.LittleEndian.Uint16(header[14:]))); err != nil {
		return nil, err
	}
	v.n, v.d = int(binary.LittleEndian.Uint32(header[16:])), int(binary.LittleEndian.Uint32(header[20:]))
	if err := checkRate(v.n, v.d); err != nil {
		// Recorders write a time base there, such as 90000:1 or 1:1000.
		v.n, v.d = 30, 1
	}
	if decode == nil {
		return nil, fmt.Errorf("no decoder for IVF: %w", devices.ErrFormat)
	}
	var err error
	v.decoder, err = decode(string(header[8:12]))
	return v, err
}

func (v *ivf) next() (*devices.Frame, error) {
	var header [ivfFrameHeader]byte
	if _, err := io.ReadFull(v.r, header[:]); err != nil {
		return nil, io.EOF
	}
	size := binary.LittleEndian.Uint32(header[:])
	if size > encodedMax {
		return nil, fmt.Errorf("a frame of %d bytes: %w", size, devices.ErrFormat)
	}
	if cap(v.buf) < int(size) {
		v.buf = make([]byte, size)
	}
	v.buf = v.buf[:size]
	if _, err := io.ReadFull(v.r, v.buf); err != nil {
		return nil, io.EOF
	}
	f, err := v.decoder.Decode(v.buf)
	if err != nil {
		return nil, nil //nolint:nilnil,nilerr // a broken frame is passed over, as a receiver does
	}
	return f, nil
}

func (v *ivf) rate() (int, int) { return v.n, v.d }
func (v *ivf) close() error     { return errors.Join(v.decoder.Close(), v.f.Close()) }

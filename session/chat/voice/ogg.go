package voice

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The pages of Ogg (RFC 3533, section 6).
const (
	pageHeaderSize  = 27
	segmentsMax     = 255
	flagContinued   = 1
	flagFirst       = 2
	flagLast        = 4
	packetMax       = 61440 // bytes; what RFC 7845 asks readers to take
	checksumAt      = 22
	checksumPoly    = 0x04C11DB7
	capturePattern  = "OggS"
	unknownPosition = ^uint64(0)
)

// ErrFormat means that a file is not Opus in Ogg.
var ErrFormat = errors.New("the file is not a voice message")

// checksum is the CRC of a page whose own checksum is taken as zero.
func checksum(crc uint32, data []byte) uint32 {
	for _, b := range data {
		crc ^= uint32(b) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ checksumPoly
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// pageWriter writes packets as pages of one stream.
type pageWriter struct {
	w      io.Writer
	serial uint32
	page   uint32
}

// write writes whole packets as one page. All together may have up to 255
// segments of 255 bytes, which is for the caller to keep.
func (p *pageWriter) write(packets [][]byte, position uint64, flags byte) error {
	var lacing, body []byte
	for _, packet := range packets {
		for n := len(packet); ; n -= 255 {
			if n < 255 {
				lacing = append(lacing, byte(n))
				break
			}
			lacing = append(lacing, 255)
		}
		body = append(body, packet...)
	}
	if len(lacing) > segmentsMax {
		return fmt.Errorf("write an Ogg page: %d segments", len(lacing))
	}
	page := make([]byte, pageHeaderSize, pageHeaderSize+len(lacing)+len(body))
	copy(page, capturePattern)
	page[5] = flags
	binary.LittleEndian.PutUint64(page[6:], position)
	binary.LittleEndian.PutUint32(page[14:], p.serial)
	binary.LittleEndian.PutUint32(page[18:], p.page)
	page[26] = byte(len(lacing))
	page = append(append(page, lacing...), body...)
	binary.LittleEndian.PutUint32(page[checksumAt:], checksum(0, page))
	p.page++
	_, err := p.w.Write(page)
	return err
}

// pageReader reads the packets of the first stream of a file.
type pageReader struct {
	r        *bufio.Reader
	segments []byte // of the page, still to come
	// position is that of the page that was last begun: how many samples there
	// are up to the end of the last packet that ends on it.
	position uint64
	serial   uint32
	begun    bool
	last     bool
	body     []byte // of the page, still to come
}

func newPageReader(r io.Reader) *pageReader { return &pageReader{r: bufio.NewReader(r)} }

// next gives the next packet, which is valid until the call after; io.EOF at
// the end. A file that was cut off ends with its last whole page.
func (p *pageReader) next() ([]byte, error) {
	var packet []byte
	for {
		for len(p.segments) > 0 {
			n := int(p.segments[0])
			p.segments = p.segments[1:]
			packet = append(packet, p.body[:n]...)
			p.body = p.body[n:]
			if len(packet) > packetMax {
				return nil, fmt.Errorf("%w: a packet of over %d bytes", ErrFormat, packetMax)
			}
			if n < 255 {
				return packet, nil
			}
		}
		if p.last {
			return nil, io.EOF
		}
		if err := p.readPage(len(packet) > 0); err != nil {
			return nil, err
		}
	}
}

func (p *pageReader) readPage(continued bool) error {
	header := make([]byte, pageHeaderSize)
	if _, err := io.ReadFull(p.r, header); err != nil {
		return io.EOF
	}
	if string(header[:4]) != capturePattern || header[4] != 0 {
		return fmt.Errorf("%w: there is no page where one should be", ErrFormat)
	}
	rest := make([]byte, int(header[26]))
	if _, err := io.ReadFull(p.r, rest); err != nil {
		return io.EOF
	}
	segments, size := rest, 0
	for _, n := range segments {
		size += int(n)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(p.r, body); err != nil {
		return io.EOF
	}
	want := binary.LittleEndian.Uint32(header[checksumAt:])
	copy(header[checksumAt:], []byte{0, 0, 0, 0})
	if checksum(checksum(checksum(0, header), segments), body) != want {
		return fmt.Errorf("%w: a page is damaged", ErrFormat)
	}
	serial := binary.LittleEndian.Uint32(header[14:])
	if !p.begun {
		p.begun, p.serial = true, serial
	} else if serial != p.serial {
		return fmt.Errorf("%w: it has several streams", ErrFormat)
	}
	if (header[5]&flagContinued != 0) != continued {
		return fmt.Errorf("%w: a packet is torn", ErrFormat)
	}
	if position := binary.LittleEndian.Uint64(header[6:]); position != unknownPosition {
		p.position = position
	}
	p.segments, p.body, p.last = segments, body, header[5]&flagLast != 0
	return nil
}

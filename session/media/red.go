package media

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits of a redundant block (RFC 2198, section 3).
const (
	redOffsetMax = 1<<14 - 1 // ticks
	redLengthMax = 1<<10 - 1 // bytes
	// redCopiesMost is how many earlier payloads a packet carries at most.
	redCopiesMost = 2
	// redBlocksMost is how many blocks of a packet are looked at.
	redBlocksMost = 8
)

// redBlock is one payload in a packet of redundant sound.
type redBlock struct {
	payloadType uint8
	offset      uint32 // ticks before the packet's timestamp
	length      int    // of a copy, in bytes
	payload     []byte
}

// REDEncoder puts copies of the payloads before it into each packet (RFC 2198),
// so that lost ones come again. It is not safe for concurrent use.
type REDEncoder struct {
	past [redCopiesMost]struct {
		timestamp uint32
		payload   []byte // capacity is reused
	}
	filled int
	out    []byte
}

// Encode gives the payload of a packet of redundant sound, valid until the next
// call, with so many copies of what was encoded before, as far as there are.
func (e *REDEncoder) Encode(payload []byte, payloadType uint8, timestamp uint32, copies int) []byte {
	e.out = e.out[:0]
	from := max(e.filled-min(copies, redCopiesMost), 0)
	for from < e.filled && timestamp-e.past[from].timestamp > redOffsetMax {
		from++ // a pause lies between
	}
	for _, p := range e.past[from:e.filled] {
		e.out = append(e.out, 0x80|payloadType)
		info := (timestamp-p.timestamp)<<10 | uint32(len(p.payload))
		e.out = append(e.out, byte(info>>16), byte(info>>8), byte(info))
	}
	e.out = append(e.out, payloadType)
	for _, p := range e.past[from:e.filled] {
		e.out = append(e.out, p.payload...)
	}
	e.out = append(e.out, payload...)
	e.remember(payload, timestamp)
	return e.out
}

func (e *REDEncoder) remember(payload []byte, timestamp uint32) {
	if len(payload) > redLengthMax {
		e.filled = 0
		return
	}
	if e.filled == redCopiesMost {
		oldest := e.past[0]
		copy(e.past[:], e.past[1:])
		e.past[redCopiesMost-1] = oldest
		e.filled--
	}
	p := &e.past[e.filled]
	p.timestamp, p.payload = timestamp, append(p.payload[:0], payload...)
	e.filled++
}

// errRED means that a packet is not what RFC 2198 says.
var errRED = errors.New("the redundant sound can't be read")

// splitRED gives the blocks of a packet, the oldest first and the packet's own
// last. They share the packet's memory.
func splitRED(packet []byte, blocks []redBlock) ([]redBlock, error) {
	blocks = blocks[:0]
	lengths := 0
	for at := 0; ; at += 4 {
		if at >= len(packet) || len(blocks) == redBlocksMost {
			return nil, fmt.Errorf("%w: its headers do not end", errRED)
		}
		if packet[at]&0x80 == 0 {
			blocks = append(blocks, redBlock{payloadType: packet[at]})
			packet = packet[at+1:]
			break
		}
		if at+4 > len(packet) {
			return nil, fmt.Errorf("%w: a header is cut off", errRED)
		}
		info := binary.BigEndian.Uint32(packet[at:])
		b := redBlock{payloadType: packet[at] & 0x7F, offset: info >> 10 & redOffsetMax, length: int(info & redLengthMax)}
		blocks, lengths = append(blocks, b), lengths+b.length
	}
	if lengths > len(packet) {
		return nil, fmt.Errorf("%w: its blocks are longer than it is", errRED)
	}
	for i := range blocks[:len(blocks)-1] {
		b := &blocks[i]
		b.payload, packet = packet[:b.length:b.length], packet[b.length:]
	}
	blocks[len(blocks)-1].payload = packet
	return blocks, nil
}

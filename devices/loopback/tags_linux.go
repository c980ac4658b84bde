package loopback

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Types of the values in a packet of PulseAudio's native protocol.
const (
	tagString     = 't'
	tagNoString   = 'N'
	tagUint32     = 'L'
	tagSpec       = 'a'
	tagArbitrary  = 'x'
	tagTrue       = '1'
	tagFalse      = '0'
	tagMicros     = 'U'
	tagChannelMap = 'm'
	tagVolumes    = 'v'
	tagProperties = 'P'
)

// none is the index of nothing.
const none = 0xFFFFFFFF

// tagWriter builds the values of a packet.
type tagWriter []byte

func (w *tagWriter) number(v uint32) {
	*w = append(*w, tagUint32)
	*w = binary.BigEndian.AppendUint32(*w, v)
}

func (w *tagWriter) text(s string) {
	*w = append(*w, tagString)
	*w = append(append(*w, s...), 0)
}

func (w *tagWriter) noText() { *w = append(*w, tagNoString) }

func (w *tagWriter) flags(values ...bool) {
	for _, v := range values {
		tag := byte(tagFalse)
		if v {
			tag = tagTrue
		}
		*w = append(*w, tag)
	}
}

func (w *tagWriter) arbitrary(data []byte) {
	*w = append(*w, tagArbitrary)
	*w = binary.BigEndian.AppendUint32(*w, uint32(len(data)))
	*w = append(*w, data...)
}

// properties takes keys and values in turn.
func (w *tagWriter) properties(pairs ...string) {
	*w = append(*w, tagProperties)
	for i := 0; i+1 < len(pairs); i += 2 {
		w.text(pairs[i])
		value := append([]byte(pairs[i+1]), 0)
		w.number(uint32(len(value)))
		w.arbitrary(value)
	}
	w.noText()
}

// errProtocol means that the sound server said what can't be understood.
var errProtocol = errors.New("the sound server's answer can't be understood")

// tagReader reads the values of a packet. After a value that is not there it
// gives zeros, and err says so.
type tagReader struct {
	rest []byte
	err  error
}

// take gives the next n bytes.
func (r *tagReader) take(n int) []byte {
	if r.err == nil && n > len(r.rest) {
		r.err = fmt.Errorf("%w: it ends early", errProtocol)
	}
	if r.err != nil {
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// tag takes the type of the next value, which has to be one of these.
func (r *tagReader) tag(wanted ...byte) byte {
	b := r.take(1)
	if b == nil {
		return 0
	}
	for _, w := range wanted {
		if b[0] == w {
			return b[0]
		}
	}
	r.err = fmt.Errorf("%w: a value of type %q, not %q", errProtocol, b[0], wanted)
	return 0
}

func (r *tagReader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *tagReader) number() uint32 {
	r.tag(tagUint32)
	return r.uint32()
}

// text reads a string; none is an empty one.
func (r *tagReader) text() string {
	if r.tag(tagString, tagNoString) != tagString {
		return ""
	}
	for i, b := range r.rest {
		if b == 0 {
			return string(r.take(i + 1)[:i])
		}
	}
	r.take(len(r.rest) + 1)
	return ""
}

func (r *tagReader) flag() bool { return r.tag(tagTrue, tagFalse) == tagTrue }

func (r *tagReader) arbitrary() []byte {
	r.tag(tagArbitrary)
	return r.take(int(min(r.uint32(), packetMost)))
}

// skip passes over values of these types.
func (r *tagReader) skip(types ...byte) {
	for _, t := range types {
		switch r.tag(t); t {
		case tagSpec:
			r.take(6)
		case tagMicros:
			r.take(8)
		case tagChannelMap, tagVolumes:
			each := 1
			if t == tagVolumes {
				each = 4
			}
			if n := r.take(1); n != nil {
				r.take(int(n[0]) * each)
			}
		}
	}
}

// properties reads a list of properties; values that are no text stay as they
// are.
func (r *tagReader) properties() map[string]string {
	r.tag(tagProperties)
	list := make(map[string]string)
	for r.err == nil {
		key := r.text()
		if key == "" {
			break
		}
		r.number() // the length once more
		value := r.arbitrary()
		if n := len(value); n > 0 && value[n-1] == 0 {
			value = value[:n-1]
		}
		list[key] = string(value)
	}
	return list
}

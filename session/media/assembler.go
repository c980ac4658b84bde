package media

import (
	"slices"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

const (
	// assemblerSlots is how many packets there is room for: about 1.2 MB of a
	// picture. It is a power of two.
	assemblerSlots = 1024
	// assemblerPictures is how many whole pictures wait for one before them.
	assemblerPictures = 128
	// resendWait is for how long a missing packet is waited for before a key
	// frame is asked for: some resends on a slow line.
	resendWait = 500 * time.Millisecond
)

// packetInfo is what a packet's payload descriptor tells of its picture (RFC
// 7741, section 4.2, for VP8; RFC 9628, section 4.2, for VP9).
type packetInfo struct {
	begins   bool // it is the first packet of the picture
	key      bool // with begins: the picture needs no other
	numbered bool
	number   uint16 // picture ID, of 7 or 15 bits
	layered  bool
	base     uint8 // TL0PICIDX: the number of the last picture of the lowest temporal layer
	layer    uint8 // temporal
	sync     bool  // the picture needs that of the lowest layer only
	data     []byte
}

// describe reads a payload; its data shares the memory.
type describe func(payload []byte) (packetInfo, error)

func describeVP8(payload []byte) (packetInfo, error) {
	var p codecs.VP8Packet
	data, err := p.Unmarshal(payload)
	if err != nil {
		return packetInfo{}, err
	}
	begins := p.S == 1 && p.PID == 0
	return packetInfo{
		begins: begins, key: begins && len(data) > 0 && data[0]&1 == 0, // RFC 6386, section 9.1
		numbered: p.I == 1, number: p.PictureID,
		layered: p.L == 1 && p.T == 1, base: p.TL0PICIDX, layer: p.TID, sync: p.Y == 1, data: data,
	}, nil
}

func describeVP9(payload []byte) (packetInfo, error) {
	var p codecs.VP9Packet
	data, err := p.Unmarshal(payload)
	if err != nil {
		return packetInfo{}, err
	}
	begins := p.B && (!p.L || p.SID == 0)
	return packetInfo{
		begins: begins, key: begins && !p.P, numbered: p.I, number: p.PictureID,
		layered: p.L && !p.F, base: p.TL0PICIDX, layer: p.TID, data: data,
	}, nil
}

// assembler puts the packets of pictures together and gives them in an order in
// which each can be decoded. Which picture follows which is told by their numbers
// where there are any: a gap in the sequence of packets need not be one of
// pictures, as the SFU does not resend the padding that it probes a line with.
// It is for one goroutine.
type assembler struct {
	describe describe
	slots    [assemblerSlots]assemblerSlot
	whole    []picture // complete, by sequence number
	started  bool
	newest   uint16    // sequence number
	waiting  time.Time // since when something is there that can't be given; zero for not

	given bool // whether a picture was: it is last, and edge
	last  picture
	edge  uint16 // up to here everything was given, or is known to be nothing
}

type assemblerSlot struct {
	full      bool
	padding   bool
	marker    bool
	seq       uint16
	timestamp uint32
	packetInfo
}

// picture is a whole one, of the packets from first to last.
type picture struct {
	first, last uint16
	timestamp   uint32
	packetInfo  // of its first packet
}

// push takes a packet, in any order; padding alone says that there is nothing in
// it. The payload is kept until its picture is given. The error is that of a
// payload that can't be read, which counts as lost.
func (a *assembler) push(p *rtp.Packet, padding bool, now time.Time) error {
	seq := p.SequenceNumber
	if ahead := int(int16(seq - a.newest)); a.started && (ahead >= assemblerSlots || ahead <= -assemblerSlots) {
		*a = assembler{describe: a.describe} // the sender started over
	}
	if a.given && int16(seq-a.edge) <= 0 {
		return nil // too late
	}
	slot := &a.slots[seq%assemblerSlots]
	if slot.full && slot.seq == seq {
		return nil
	}
	var info packetInfo
	if !padding {
		var err error
		if info, err = a.describe(p.Payload); err != nil {
			return err
		}
	}
	if !a.started || int16(seq-a.newest) > 0 {
		a.started, a.newest = true, seq
	}
	*slot = assemblerSlot{full: true, padding: padding, marker: p.Marker, seq: seq, timestamp: p.Timestamp, packetInfo: info}
	if padding {
		a.passPadding()
		return nil
	}
	if a.waiting.IsZero() {
		a.waiting = now
	}
	if made, ok := a.around(seq); ok {
		at, _ := slices.BinarySearchFunc(a.whole, made, func(x, y picture) int { return int(int16(x.first - y.first)) })
		a.whole = slices.Insert(a.whole, at, made)
		if len(a.whole) > assemblerPictures {
			a.whole = slices.Delete(a.whole, 0, 1)
		}
	}
	return nil
}

// at is the slot of a sequence number, or nil where nothing of it came.
func (a *assembler) at(seq uint16) *assemblerSlot {
	if slot := &a.slots[seq%assemblerSlots]; slot.full && slot.seq == seq {
		return slot
	}
	return nil
}

// around gives the picture that a packet is of, once all of it is there.
func (a *assembler) around(seq uint16) (made picture, ok bool) {
	timestamp := a.at(seq).timestamp
	part := func(seq uint16) *assemblerSlot {
		if slot := a.at(seq); slot != nil && !slot.padding && slot.timestamp == timestamp {
			return slot
		}
		return nil
	}
	made = picture{first: seq, last: seq, timestamp: timestamp}
	for range assemblerSlots {
		slot := part(made.first)
		if slot == nil {
			return made, false
		}
		if slot.begins {
			made.packetInfo = slot.packetInfo
			break
		}
		made.first--
	}
	for range assemblerSlots {
		slot := part(made.last)
		if slot == nil {
			return made, false
		}
		if slot.marker {
			return made, true
		}
		made.last++
	}
	return made, false
}

// next appends the next picture that can be decoded to buffer, and reports
// whether there is one, and how many before it are left out.
func (a *assembler) next(buffer []byte) (data []byte, timestamp uint32, skipped int, ok bool) {
	at := slices.IndexFunc(a.whole, a.follows)
	if at < 0 {
		return buffer, 0, 0, false
	}
	p := a.whole[at]
	a.whole = slices.Delete(a.whole, 0, at+1)
	for seq := p.first; seq != p.last+1; seq++ {
		buffer = append(buffer, a.at(seq).data...)
	}
	if a.given && p.first != a.edge+1 && (!p.numbered || !a.last.numbered || p.number != after(a.last.number, p.number)) {
		skipped = 1
	}
	a.clear(p.last)
	base := a.last.base
	if p.layered {
		base = p.base
	}
	a.given, a.last, a.edge, a.waiting = true, p, p.last, time.Time{}
	a.last.base, a.last.data = base, nil
	a.passPadding()
	return buffer, p.timestamp, skipped, true
}

// clear forgets the packets up to one.
func (a *assembler) clear(last uint16) {
	for seq := last; seq != a.edge && last-seq < assemblerSlots; seq-- {
		if slot := a.at(seq); slot != nil {
			*slot = assemblerSlot{}
		}
	}
}

// passPadding moves the edge over what is known to be nothing.
func (a *assembler) passPadding() {
	if !a.given {
		return
	}
	for slot := a.at(a.edge + 1); slot != nil && slot.padding; slot = a.at(a.edge + 1) {
		*slot = assemblerSlot{}
		a.edge++
	}
}

// follows is whether a picture can be decoded after the last that was given.
func (a *assembler) follows(p picture) bool {
	switch {
	case p.key:
		return true
	case !a.given:
		return false
	case p.first == a.edge+1:
		return true
	case p.numbered && a.last.numbered && p.number == after(a.last.number, p.number):
		return true
	case p.layered && a.last.layered && p.layer == 0:
		return p.base == a.last.base+1
	case p.layered && a.last.layered:
		return p.sync && p.base == a.last.base
	}
	return false
}

// after is the picture ID after one, of as many bits as the next has: of 7 it
// begins again after 127.
func after(number, next uint16) uint16 {
	if number == 127 && next == 0 {
		return 0
	}
	return (number + 1) & 0x7fff
}

// stuck is whether what is there can't be given for so long that only a key
// frame helps. What is still on its way, as a large picture, is none of that.
func (a *assembler) stuck(now time.Time) bool {
	if a.waiting.IsZero() || now.Sub(a.waiting) < resendWait {
		return false
	}
	if len(a.whole) > 0 {
		return true
	}
	from := a.edge + 1
	if !a.given {
		key := slices.IndexFunc(a.slots[:], func(s assemblerSlot) bool { return s.full && s.begins && s.key })
		if key < 0 {
			return true
		}
		from = a.slots[key].seq
	}
	for seq := from; seq != a.newest && a.newest-seq < assemblerSlots; seq++ {
		if a.at(seq) == nil {
			return true
		}
	}
	return false
}

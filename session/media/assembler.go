package media

import (
	"slices"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"parley/session/media/vpx"
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
	// leaveOut is for how long a picture waits for one before it that it does not need.
	leaveOut = 40 * time.Millisecond
)

// packetInfo is what a packet's payload descriptor tells of its picture (RFC
// 7741, section 4.2, for VP8; RFC 9628, section 4.2, for VP9).
type packetInfo struct {
	begins   bool // a picture can begin with it
	key      bool // with begins: the picture needs no other
	numbered bool
	number   uint16 // picture ID, of 7 or 15 bits
	layered  bool
	base     uint8 // TL0PICIDX: the number of the last picture of the lowest temporal layer
	layer    uint8 // temporal
	sync     bool  // the picture needs that of the lowest layer only
	frame    bool  // it is the first of a frame: a picture has one for each spatial layer
	ends     bool  // it is the last of a frame
	spatial  uint8 // layer
	upon     bool  // the frame needs that of the spatial layer below
	// With frame, by how much the numbers of the pictures that it needs are less than
	// its own; 0 for none, and nothing is known unless told.
	told  bool
	needs [3]uint8
	data  []byte
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
	long := p.I && len(payload) > 1 && payload[1]&0x80 != 0 // a picture ID of 15 bits
	// Where only the lowest layer of key frames is taken from those below, the SFU
	// sends nothing else of them: a picture begins with a higher layer then.
	info := packetInfo{
		begins: p.B && (p.SID == 0 || !p.D), key: p.B && p.SID == 0 && !p.P, numbered: p.I, number: p.PictureID,
		layered: p.L && !p.F, base: p.TL0PICIDX, layer: p.TID,
		frame: p.B, ends: p.E, spatial: p.SID, upon: p.SID > 0 && p.D, told: p.B && long && (p.F || !p.P), data: data,
	}
	for i, back := range p.PDiff[:min(len(p.PDiff), len(info.needs))] {
		info.needs[i] = back
	}
	return info, nil
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
	had   [hadPictures]hadPicture
}

// hadPictures is how many pictures that were given are remembered, by number: a
// frame says of 127 before it which it needs.
const hadPictures = 128

type hadPicture struct {
	number uint16
	layers uint8 // spatial, a bit each; 0 for no picture
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
	came        time.Time
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
	} else if a.waiting.IsZero() {
		a.waiting = now
	}
	// What comes before or after may be known to be whole only now.
	for _, seq := range [...]uint16{seq, seq - 1, seq + 1} {
		if made, ok := a.around(seq); ok {
			made.came = now
			a.keep(made)
		}
	}
	return nil
}

// keep has a whole picture wait for its turn.
func (a *assembler) keep(made picture) {
	// It may be known better now where it begins.
	a.whole = slices.DeleteFunc(a.whole, func(p picture) bool {
		if p.last == made.last {
			made.came = p.came
		}
		return p.last == made.last
	})
	at, _ := slices.BinarySearchFunc(a.whole, made, func(x, y picture) int { return int(int16(x.first - y.first)) })
	a.whole = slices.Insert(a.whole, at, made)
	if len(a.whole) > assemblerPictures {
		a.whole = slices.Delete(a.whole, 0, 1)
	}
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
	middle := a.at(seq)
	if middle == nil || middle.padding {
		return made, false
	}
	made = picture{first: seq, last: seq, timestamp: middle.timestamp}
	for range assemblerSlots {
		slot := a.part(made.first, made.timestamp)
		if slot == nil {
			return made, false
		}
		if slot.begins && a.beginsAt(made.first, slot) {
			made.packetInfo = slot.packetInfo
			break
		}
		made.first--
	}
	for range assemblerSlots {
		slot := a.part(made.last, made.timestamp)
		if slot == nil {
			return made, false
		}
		// A layer that the SFU did not get has the marker of the picture.
		if slot.marker || slot.ends && a.other(made.last+1, made.timestamp) {
			return made, true
		}
		made.last++
	}
	return made, false
}

// part is a packet of a picture.
func (a *assembler) part(seq uint16, timestamp uint32) *assemblerSlot {
	if slot := a.at(seq); slot != nil && !slot.padding && slot.timestamp == timestamp {
		return slot
	}
	return nil
}

// other is whether something came that is not of a picture.
func (a *assembler) other(seq uint16, timestamp uint32) bool {
	slot := a.at(seq)
	return slot != nil && (slot.padding || slot.timestamp != timestamp)
}

// beginsAt is whether a picture begins with a packet that it can begin with: there
// may be lower layers before it.
func (a *assembler) beginsAt(seq uint16, slot *assemblerSlot) bool {
	switch {
	case slot.spatial == 0, a.given && seq-1 == a.edge:
		return true
	case a.at(seq-1) != nil:
		return a.other(seq-1, slot.timestamp)
	}
	// Nobody knows what was before it, if anything: as the last began.
	return a.given && !a.last.key && a.last.spatial == slot.spatial
}

// next appends the next picture that can be decoded to buffer, and reports
// whether there is one, and how many before it are left out.
func (a *assembler) next(buffer []byte, now time.Time) (data []byte, timestamp uint32, skipped int, ok bool) {
	at := slices.IndexFunc(a.whole, func(p picture) bool { return a.follows(p, now) })
	if at < 0 {
		return buffer, 0, 0, false
	}
	p := a.whole[at]
	a.whole = slices.Delete(a.whole, 0, at+1)
	buffer = a.join(buffer, p)
	a.remember(p)
	if a.given && !a.adjoins(p) {
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

// join appends the data of a picture; that of several layers is a superframe.
func (a *assembler) join(buffer []byte, p picture) []byte {
	var (
		room  [8]int
		sizes = room[:0]
	)
	for seq := p.first; seq != p.last+1; seq++ {
		slot := a.at(seq)
		if slot.frame || len(sizes) == 0 {
			sizes = append(sizes, 0)
		}
		sizes[len(sizes)-1] += len(slot.data)
		buffer = append(buffer, slot.data...)
	}
	if len(sizes) > 1 {
		return vpx.AppendSuperframeIndex(buffer, sizes...)
	}
	return buffer
}

// remember notes the layers of a picture that is given.
func (a *assembler) remember(p picture) {
	if p.key {
		clear(a.had[:])
	}
	if !p.numbered {
		return
	}
	had := hadPicture{number: p.number}
	for seq := p.first; seq != p.last+1; seq++ {
		had.layers |= 1 << a.at(seq).spatial
	}
	a.had[p.number%hadPictures] = had
}

// hasAll is whether all was given that the frames of a picture say they need.
func (a *assembler) hasAll(p picture) bool {
	below := -1
	for seq := p.first; seq != p.last+1; seq++ {
		slot := a.at(seq)
		if !slot.frame {
			continue
		}
		if !slot.told || slot.upon && below != int(slot.spatial)-1 {
			return false
		}
		below = int(slot.spatial)
		for _, back := range slot.needs {
			number := (p.number - uint16(back)) & 0x7fff
			if had := a.had[number%hadPictures]; back > 0 && (had.number != number || had.layers&(1<<slot.spatial) == 0) {
				return false
			}
		}
	}
	return below >= 0
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
func (a *assembler) follows(p picture, now time.Time) bool {
	switch {
	case p.key:
		return true
	case !a.given:
		return false
	case p.told:
		// What is between them may still be on its way, and worth waiting for.
		return a.hasAll(p) && (a.adjoins(p) || now.Sub(p.came) >= leaveOut)
	case a.adjoins(p):
		return true
	case p.layered && a.last.layered && p.layer == 0:
		return p.base == a.last.base+1
	case p.layered && a.last.layered:
		return p.sync && p.base == a.last.base
	}
	return false
}

// adjoins is whether there is nothing between a picture and the last that was given.
func (a *assembler) adjoins(p picture) bool {
	return p.first == a.edge+1 || p.numbered && a.last.numbered && p.number == after(a.last.number, p.number)
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
	for seq := from; seq != a.newest+1 && a.newest-seq < assemblerSlots; seq++ {
		// The end of a picture that is not whole has no beginning.
		if slot := a.at(seq); slot == nil || slot.marker && !slot.padding {
			return true
		}
	}
	return false
}

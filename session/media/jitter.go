package media

import (
	"sync"
	"time"

	"github.com/pion/rtp"

	"parley/devices"
)

// jitterSlots is how many packets there is room for: 2.5 s of 20 ms each. It is
// a power of two.
const jitterSlots = 128

// jitterBuffer orders the packets of one audio track by sequence number and
// says when to play, conceal or wait. It is safe for one writer and one reader.
type jitterBuffer struct {
	mu      sync.Mutex
	slots   [jitterSlots]jitterSlot
	delay   delayEstimator
	started bool
	playing bool
	next    uint16    // the sequence number to play
	highest uint16    // the newest one received
	first   time.Time // when the first packet after a pause came
	ts      uint32    // the timestamp of what plays next
	frame   uint32    // ticks from packet to packet
	dry     uint32    // ticks that were concealed because nothing was there
	lost    int
}

type jitterSlot struct {
	seq     uint16
	full    bool
	copied  bool // it came as a copy, after its time
	ts      uint32
	payload []byte // capacity is reused
}

// verdict is what the reader is to do next.
type verdict int

const (
	verdictWait    verdict = iota // a pause: play silence
	verdictPlay                   // decode the payload
	verdictFEC                    // the packet is lost, but the payload of the one after it carries a copy
	verdictConceal                // the packet is lost
	verdictDry                    // nothing is there, and it is not known why: conceal dryTicks
)

const (
	opusTicks = devices.SampleRate / 50
	// dryTicks is how much is concealed at a time while nothing is there, so
	// that a late packet is heard soon.
	dryTicks = devices.SampleRate / 100
	// dryMost is after how much of that the sender is taken to pause.
	dryMost = 10 * dryTicks
	// skipOver is how much more than its target a packet may be held after a
	// stall; what would be held longer is left out.
	skipOver = 300 * time.Millisecond
)

// pulled is what the reader is to do, and for it.
type pulled struct {
	verdict
	payload []byte        // valid until the next call
	ts      uint32        // of the payload that is played
	held    time.Duration // how long what is played was held after it could have come
	target  time.Duration // how long it should be
	wait    time.Duration // with verdictWait: for how long, as far as that is known
	paused  uint32        // ticks of concealment that turned out to have been a pause
}

func newJitterBuffer() *jitterBuffer {
	return &jitterBuffer{frame: opusTicks, delay: delayEstimator{target: delayLeast}}
}

// push takes a packet; the payload is copied. Empty ones, duplicates and those
// that come after their time are dropped.
func (b *jitterBuffer) push(p *rtp.Packet, now time.Time) {
	if len(p.Payload) == 0 || len(p.Payload) > maxOpusPacket {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	seq := p.SequenceNumber
	if !b.started {
		b.start(p, now)
	}
	b.delay.packet(p.Timestamp, now)
	switch ahead := int16(seq - b.next); {
	case ahead < 0 && !b.playing && int(b.highest-seq) < jitterSlots:
		b.next, b.ts = seq, p.Timestamp // reordered before the playout began
	case ahead < 0 && ahead > -jitterSlots:
		b.delay.came() // too late
		return
	case ahead >= jitterSlots || ahead <= -jitterSlots:
		// The sender started over.
		b.clear()
		b.start(p, now)
	}
	if !b.playing && b.depth() <= 0 {
		b.first = now
	}
	if int16(seq-b.highest) > 0 {
		b.highest = seq
	}
	slot := &b.slots[seq%jitterSlots]
	if slot.full && slot.seq == seq {
		slot.copied = false // its copy overtook it
		return
	}
	slot.seq, slot.full, slot.copied, slot.ts = seq, true, false, p.Timestamp
	slot.payload = append(slot.payload[:0], p.Payload...)
}

// pushCopy takes what a packet carries of an earlier one: nth counts back from
// it. Where timestamps tell of packets between that were never sent with it,
// they win. What should have been heard before a pause is not heard after it.
func (b *jitterBuffer) pushCopy(p *rtp.Packet, nth uint16, block redBlock, now time.Time) {
	if len(block.payload) == 0 || len(block.payload) > maxOpusPacket || block.offset == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if block.offset%b.frame == 0 {
		nth = max(nth, uint16(block.offset/b.frame))
	}
	seq := p.SequenceNumber - nth
	if ahead := int16(seq - b.next); !b.started || ahead < 0 || ahead >= jitterSlots || int16(b.highest-seq) <= 0 {
		return
	}
	if !b.playing && b.delay.held(p.Timestamp-block.offset, now) > b.delay.target {
		return
	}
	slot := &b.slots[seq%jitterSlots]
	if slot.full && slot.seq == seq {
		return
	}
	slot.seq, slot.full, slot.copied, slot.ts = seq, true, true, p.Timestamp-block.offset
	slot.payload = append(slot.payload[:0], block.payload...)
}

func (b *jitterBuffer) start(p *rtp.Packet, now time.Time) {
	b.started, b.first = true, now
	b.next, b.highest, b.ts = p.SequenceNumber, p.SequenceNumber-1, p.Timestamp
}

func (b *jitterBuffer) clear() {
	for i := range b.slots {
		b.slots[i].full = false
	}
	b.started, b.playing, b.dry = false, false, 0
}

// depth is how many packets lie between what plays next and the newest.
func (b *jitterBuffer) depth() int {
	if !b.started {
		return 0
	}
	return int(int16(b.highest-b.next)) + 1
}

// pull says what to play after what was pulled before, of which pending is
// still to be heard.
func (b *jitterBuffer) pull(scratch []byte, now time.Time, pending time.Duration) pulled {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := pulled{target: b.delay.target}
	depth := b.depth()
	if depth <= 0 {
		return b.runDry(out)
	}
	if !b.playing {
		if out.wait = b.wait(now.Add(pending)); out.wait > 0 {
			return out
		}
		b.playing = true
		// What was left out before the first one is not lost.
		for !b.at(b.next).full {
			b.next++
		}
		b.ts = b.at(b.next).ts
	}
	for depth > 1 && b.delay.held(b.ts, now)+pending > b.delay.target+skipOver {
		b.at(b.next).full = false
		b.next++
		b.ts += b.frame
		depth--
	}
	slot := b.at(b.next)
	if !slot.full && b.dry >= b.frame {
		// Its time was concealed already, while nothing was there.
		b.dry -= b.frame
		b.skip()
		slot = b.at(b.next)
	}
	if b.dry > 0 {
		// Timestamps that went on while nothing came are those of a pause.
		if slot.full && slot.ts-b.ts >= b.frame && slot.ts-b.ts < 1<<31 {
			out.paused = b.dry
		}
		b.dry = 0
	}
	if slot.full {
		slot.full = false
		b.delay.played(!slot.copied)
		out.verdict, out.payload = verdictPlay, append(scratch[:0], slot.payload...)
		b.ts, out.ts = slot.ts, slot.ts
	} else {
		b.lost++
		b.delay.played(false)
		out.verdict = verdictConceal
		if after := b.at(b.next + 1); after.full && after.seq == b.next+1 {
			out.verdict, out.payload = verdictFEC, append(scratch[:0], after.payload...)
		}
	}
	out.held = b.delay.held(b.ts, now) + pending
	b.next++
	b.ts += b.frame
	return out
}

// at is the slot of a sequence number; it is full only with that packet.
func (b *jitterBuffer) at(seq uint16) *jitterSlot {
	slot := &b.slots[seq%jitterSlots]
	if slot.seq != seq {
		slot.full = false
	}
	return slot
}

func (b *jitterBuffer) skip() {
	b.lost++
	b.delay.played(false)
	b.next++
	b.ts += b.frame
}

// wait is for how long the first packet after a pause is still to be held.
func (b *jitterBuffer) wait(now time.Time) time.Duration {
	oldest := b.next
	for !b.at(oldest).full && int16(b.highest-oldest) > 0 {
		oldest++
	}
	if time.Duration(b.highest-oldest)*20*time.Millisecond >= b.delay.target {
		return 0
	}
	return max(b.delay.target-b.delay.held(b.at(oldest).ts, now), 0)
}

func (b *jitterBuffer) runDry(out pulled) pulled {
	if !b.playing {
		return out
	}
	if b.dry >= dryMost {
		b.playing = false
		out.paused = b.dry
		b.dry = 0
		return out
	}
	b.dry += dryTicks
	out.verdict = verdictDry
	return out
}

// decoded tells how long the packet was that was pulled last.
func (b *jitterBuffer) decoded(ticks int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ts += uint32(ticks) - b.frame
	b.frame = uint32(ticks)
}

// holdLeast says for how long packets are to be held at least, for a picture
// that comes later.
func (b *jitterBuffer) holdLeast(hold time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delay.hold = hold
}

// stats is what the buffer holds now, and how many packets it missed.
func (b *jitterBuffer) stats() (buffered, target time.Duration, lost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	frames := time.Duration(samplesDuration(int(b.frame)))
	return time.Duration(max(b.depth(), 0)) * frames, b.delay.target, b.lost
}

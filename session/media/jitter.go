package media

import (
	"sync"
	"time"

	"github.com/pion/rtp"
)

// Limits of the jitter buffer, in packets of 20 ms.
const (
	jitterSlots   = 128 // a power of two: 2.5 s
	jitterMinimum = 2
	jitterMaximum = 15
	jitterSlack   = 4 // packets over the target at which one is skipped at once
)

// jitterBuffer orders the packets of one audio track by sequence number and
// says when to play, conceal or wait. It starts with jitterMinimum packets,
// grows at once when a packet came too late, and shrinks by one packet a
// quarter of a minute. It is safe for one writer and one reader.
type jitterBuffer struct {
	mu      sync.Mutex
	slots   [jitterSlots]jitterSlot
	started bool
	playing bool
	next    uint16 // the sequence number to play
	highest uint16 // the newest one received
	target  int    // packets
	calm    int    // packets played since the target last changed
	excess  int    // packets in a row played with more in the buffer than the target asks
	lost    int
}

type jitterSlot struct {
	seq     uint16
	full    bool
	payload []byte // capacity is reused
}

// jitterCalm is how many packets must play undisturbed before the target
// shrinks.
const jitterCalm = int(15 * time.Second / (20 * time.Millisecond))

// jitterPatience is for how many packets too full a buffer is let be.
const jitterPatience = int(2 * time.Second / (20 * time.Millisecond))

// verdict is what the reader is to do for the next 20 ms.
type verdict int

const (
	verdictWait    verdict = iota // nothing is there: play silence
	verdictPlay                   // decode the payload
	verdictFEC                    // the packet is lost, but the payload of the one after it carries a copy
	verdictConceal                // the packet is lost
)

func newJitterBuffer() *jitterBuffer { return &jitterBuffer{target: jitterMinimum} }

// push takes a packet; the payload is copied. Empty ones, duplicates and those
// that come after their time are dropped.
func (b *jitterBuffer) push(p *rtp.Packet) {
	if len(p.Payload) == 0 || len(p.Payload) > maxOpusPacket {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	seq := p.SequenceNumber
	if !b.started {
		b.started = true
		b.next, b.highest = seq, seq
	}
	switch ahead := int16(seq - b.next); {
	case ahead < 0 && !b.playing && int(b.highest-seq) < jitterSlots:
		b.next = seq // reordered before the playout began
	case ahead < 0 && ahead > -jitterSlots:
		// Too late: more of a buffer would have saved it.
		b.target = min(b.target+1, jitterMaximum)
		b.calm = 0
		return
	case ahead >= jitterSlots || ahead <= -jitterSlots:
		// The sender started over.
		b.clear()
		b.started = true
		b.next, b.highest = seq, seq
	}
	if int16(seq-b.highest) > 0 {
		b.highest = seq
	}
	slot := &b.slots[seq%jitterSlots]
	if slot.full && slot.seq == seq {
		return
	}
	slot.seq, slot.full = seq, true
	slot.payload = append(slot.payload[:0], p.Payload...)
}

func (b *jitterBuffer) clear() {
	for i := range b.slots {
		b.slots[i].full = false
	}
	b.started, b.playing = false, false
}

// depth is how many packets lie between what plays next and the newest.
func (b *jitterBuffer) depth() int {
	if !b.started {
		return 0
	}
	return int(int16(b.highest-b.next)) + 1
}

// pull says what to do for the next packet's time. The payload is valid until
// the next call.
func (b *jitterBuffer) pull(scratch []byte) (verdict, []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	depth := b.depth()
	if !b.playing {
		if depth < b.target {
			return verdictWait, nil
		}
		b.playing = true
	}
	if depth <= 0 {
		// Run dry: the sender paused, or the network did. Wait for the target
		// again; a burst of loss is told from a pause by the packets after it.
		b.playing = false
		return verdictWait, nil
	}
	if depth > b.target+1 {
		b.excess++
	} else {
		b.excess = 0
	}
	if depth > b.target+jitterSlack || b.excess >= jitterPatience {
		// A burst arrived after a stall, or the sender's clock is the faster
		// one: catch up, one packet at a time.
		b.slots[b.next%jitterSlots].full = false
		b.next++
		b.excess = 0
	}
	slot := &b.slots[b.next%jitterSlots]
	seq := b.next
	b.next++
	if b.calm++; b.calm >= jitterCalm {
		b.target, b.calm = max(b.target-1, jitterMinimum), 0
	}
	if slot.full && slot.seq == seq {
		slot.full = false
		return verdictPlay, append(scratch[:0], slot.payload...)
	}
	b.lost++
	after := &b.slots[b.next%jitterSlots]
	if after.full && after.seq == b.next {
		return verdictFEC, append(scratch[:0], after.payload...)
	}
	return verdictConceal, nil
}

// delay is what the buffer holds now.
func (b *jitterBuffer) delay() (time.Duration, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Duration(max(b.depth(), 0)) * 20 * time.Millisecond, b.lost
}

package media

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

const (
	// maxOpusPacket is the largest Opus packet (RFC 6716, section 3.4, for
	// one frame of 120 ms, rounded up).
	maxOpusPacket = 1500
	// maxOpusFrame is 120 ms at 48 kHz.
	maxOpusFrame = 5760
)

// Playout receives one audio track: RTP in by Push, sound out by Mix on the
// speaker's thread.
type Playout struct {
	sync    *LipSync
	jitter  *jitterBuffer
	decoder *opus.Decoder
	onFirst func()
	now     func() time.Time

	// Owned by the reader.
	pcm       [maxOpusFrame + lagMost]float32
	rest      []float32 // the part of pcm that is still to be played
	packet    int       // samples of the last packet
	scratch   []byte
	concealed int       // samples concealed in a row
	tail      []float32 // what would follow the concealment, to fade from
	tailPCM   [tailSamples]float32
	quiet     bool    // the last sample given was one of silence
	fade      float32 // 0 to 1: sound comes back from silence
	pace      pace
	resampler resampler
	block     [devices.PeriodSamples]float32 // of the resampler

	volume      atomic.Uint32 // float32 bits
	level       atomic.Int32
	playedNS    atomic.Int64
	concealedNS atomic.Int64
	heldNS      atomic.Int64
	first       atomic.Bool
}

// NewPlayout makes a playout; onFirst is called once, on the goroutine that
// pushes, when the first packet comes.
// sync is told what is heard.
func NewPlayout(sync *LipSync, onFirst func()) (*Playout, error) {
	return newPlayout(sync, onFirst, time.Now)
}

func newPlayout(sync *LipSync, onFirst func(), now func() time.Time) (*Playout, error) {
	dec, err := opus.NewDecoder(devices.SampleRate, 1)
	if err != nil {
		return nil, fmt.Errorf("open the Opus decoder: %w", err)
	}
	p := &Playout{
		sync: sync, jitter: newJitterBuffer(), decoder: dec, onFirst: onFirst, now: now, packet: opusTicks, quiet: true,
		scratch: make([]byte, 0, maxOpusPacket), resampler: newResampler(),
	}
	p.SetVolume(1)
	return p, nil
}

// Push takes a packet as it came from the network.
func (p *Playout) Push(packet *rtp.Packet) {
	if len(packet.Payload) > 0 && p.first.CompareAndSwap(false, true) && p.onFirst != nil {
		p.onFirst()
	}
	p.jitter.push(packet, p.now())
}

// PushRED takes a packet of redundant sound (RFC 2198): the payload of its own,
// and the copies of earlier ones. payloadType is that of Opus; blocks of others
// are left out. It gives the packet as it would have come without copies.
func (p *Playout) PushRED(packet *rtp.Packet, payloadType uint8) (own rtp.Packet, err error) {
	var room [redBlocksMost]redBlock
	blocks, err := splitRED(packet.Payload, room[:0])
	if err != nil {
		return own, err
	}
	newest := blocks[len(blocks)-1]
	if newest.payloadType != payloadType {
		return own, fmt.Errorf("%w: it carries payload type %d", errRED, newest.payloadType)
	}
	own = rtp.Packet{Header: packet.Header, Payload: newest.payload}
	p.Push(&own)
	for i, b := range blocks[:len(blocks)-1] {
		if b.payloadType == payloadType {
			p.jitter.pushCopy(packet, uint16(len(blocks)-1-i), b, p.now())
		}
	}
	return own, nil
}

// SetVolume sets a factor from 0 to 2.
func (p *Playout) SetVolume(factor float32) {
	p.volume.Store(math.Float32bits(min(max(factor, 0), 2)))
}

const (
	// concealMost is how much in a row is concealed before concealment, which
	// fades by then, gives way to silence; it fades out over the last packet.
	concealMost = devices.SampleRate / 10
	// tailSamples is over how much concealment fades into the sound after it.
	tailSamples = devices.SampleRate / 200
	// fadeStep is how fast sound comes back from silence: within 2.5 ms.
	fadeStep = 1.0 / (devices.SampleRate / 400)
)

// Mix adds the next samples of this track to dst.
func (p *Playout) Mix(dst []float32) {
	volume := math.Float32frombits(p.volume.Load())
	now := p.now()
	var sum float64
	for i := 0; i < len(dst); {
		made, taken := p.resampler.run(p.block[:min(len(dst)-i, len(p.block))], p.rest, p.pace.ratio())
		p.rest = p.rest[taken:]
		sum += p.add(dst[i:], p.block[:made], volume)
		if i += made; made == 0 {
			more, silence := p.decodeNext(now, i)
			if !more {
				break
			}
			// Sound begins when it is due, not when the speaker next asks.
			if i += silence; i >= len(dst) {
				break
			}
		}
	}
	p.level.Store(int32(levelOf(sum, len(dst))))
}

// add adds a block to dst, and gives the sum of its squares before the volume.
func (p *Playout) add(dst, block []float32, volume float32) float64 {
	for i := 0; p.fade < 1 && i < len(block); i++ {
		block[i] *= p.fade
		p.fade += fadeStep
	}
	sum := float32(0)
	dst = dst[:len(block)]
	for i, v := range block {
		dst[i] += v * volume
		sum += v * v
	}
	return float64(sum)
}

// decodeNext makes rest longer by the next packet's sound; it reports whether
// there is any, after so many samples of silence. ahead is how many samples are
// played before it from now on.
func (p *Playout) decodeNext(now time.Time, ahead int) (more bool, silence int) {
	left := copy(p.pcm[:], p.rest) // fewer than the resampler's step
	pending := time.Duration(samplesDuration(ahead + left))
	next := p.jitter.pull(p.scratch, now, pending)
	if next.paused > 0 {
		p.concealedNS.Add(-samplesDuration(int(next.paused)))
	}
	buffer := p.pcm[left:]
	var sound []float32
	switch next.verdict {
	case verdictWait:
		p.quiet, p.tail = true, nil
		p.pace.reset()
		return next.wait > 0, int(next.wait*devices.SampleRate/time.Second) + 1
	case verdictPlay:
		n, err := p.decoder.DecodeFloat32(next.payload, buffer[:maxOpusFrame])
		if err != nil || n <= 0 {
			sound = p.conceal(buffer[:p.packet])
			break
		}
		if n != p.packet {
			p.packet = n
			p.jitter.decoded(n)
		}
		sound = buffer[:n]
		p.concealed = 0
		p.playedNS.Add(samplesDuration(n))
		p.jitter.holdLeast(p.sync.Heard(next.ts, now.Add(pending)))
	case verdictFEC:
		sound = buffer[:p.packet]
		if err := p.decoder.DecodeFECFloat32(next.payload, sound); err != nil {
			sound = p.conceal(sound)
			break
		}
		p.concealed = 0
		p.playedNS.Add(samplesDuration(len(sound)))
	case verdictConceal:
		sound = p.conceal(buffer[:p.packet])
	case verdictDry:
		sound = p.bridge(buffer)
	}
	tame(sound)
	if next.verdict != verdictDry {
		for i, v := range p.tail {
			part := float32(i) / tailSamples
			sound[i] = v*(1-part) + sound[i]*part
		}
		p.tail = nil
	}
	if p.quiet {
		p.quiet, p.fade = false, 0
	}
	if next.verdict != verdictDry {
		sound = p.pace.adjust(sound, next.held, next.target)
		p.heldNS.Store(int64(next.held))
	}
	p.rest = p.pcm[:left+len(sound)]
	return true, 0
}

func (p *Playout) conceal(sound []float32) []float32 {
	p.concealed += len(sound)
	p.concealedNS.Add(samplesDuration(len(sound)))
	if p.concealed > concealMost+len(sound) || p.decoder.DecodePLCFloat32(sound) != nil {
		clear(sound)
		p.quiet = true
		return sound
	}
	if p.concealed > concealMost {
		for i := range sound {
			sound[i] *= 1 - float32(i)/float32(len(sound))
		}
	}
	return sound
}

// bridge conceals dryTicks, and keeps what would follow: the packet that comes
// after them begins somewhere else, and is faded over to.
func (p *Playout) bridge(buffer []float32) []float32 {
	had := copy(buffer, p.tail)
	p.conceal(buffer[had : dryTicks+tailSamples])
	p.concealedNS.Add(samplesDuration(had - tailSamples)) // as much as is heard of it
	p.tail = p.tailPCM[:copy(p.tailPCM[:], buffer[dryTicks:dryTicks+tailSamples])]
	tame(p.tail)
	return buffer[:dryTicks]
}

// tame keeps what a hostile stream decodes to within what can be played.
func tame(sound []float32) {
	for i, v := range sound {
		if !(v >= -2 && v <= 2) { // NaN too
			sound[i] = 0
		}
	}
}

// samplesDuration is in nanoseconds.
func samplesDuration(n int) int64 { return int64(n) * int64(time.Second) / devices.SampleRate }

// PlayoutStats is what a playout did so far.
type PlayoutStats struct {
	Level     int // 0..100
	Played    time.Duration
	Concealed time.Duration
	Buffered  time.Duration // packets that wait
	Target    time.Duration // for how long a packet is to be held
	Held      time.Duration // for how long the last one was, after it could have come
	Speed     float64       // of the resampling, 1 for none
	Lost      int           // packets
}

// Stats may be called on any goroutine.
func (p *Playout) Stats() PlayoutStats {
	buffered, target, lost := p.jitter.stats()
	return PlayoutStats{
		Level: int(p.level.Load()), Played: time.Duration(p.playedNS.Load()), Concealed: time.Duration(p.concealedNS.Load()),
		Buffered: buffered, Target: target, Held: time.Duration(p.heldNS.Load()), Speed: 1 + p.pace.shown(), Lost: lost,
	}
}

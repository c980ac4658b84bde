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
	jitter  *jitterBuffer
	decoder *opus.Decoder
	onFirst func()

	// Owned by the reader.
	pcm       [maxOpusFrame]float32
	rest      []float32 // the part of pcm that is still to be played
	packet    int       // samples of the last packet
	scratch   []byte
	concealed int // packets concealed in a row

	volume      atomic.Uint32 // float32 bits
	level       atomic.Int32
	playedNS    atomic.Int64
	concealedNS atomic.Int64
	first       atomic.Bool
}

// NewPlayout makes a playout; onFirst is called once, on the goroutine that
// pushes, when the first packet comes.
func NewPlayout(onFirst func()) (*Playout, error) {
	dec, err := opus.NewDecoder(devices.SampleRate, 1)
	if err != nil {
		return nil, fmt.Errorf("open the Opus decoder: %w", err)
	}
	p := &Playout{jitter: newJitterBuffer(), decoder: dec, onFirst: onFirst, packet: devices.SampleRate / 50,
		scratch: make([]byte, 0, maxOpusPacket)}
	p.SetVolume(1)
	return p, nil
}

// Push takes a packet as it came from the network.
func (p *Playout) Push(packet *rtp.Packet) {
	if len(packet.Payload) > 0 && p.first.CompareAndSwap(false, true) && p.onFirst != nil {
		p.onFirst()
	}
	p.jitter.push(packet)
}

// SetVolume sets a factor from 0 to 2.
func (p *Playout) SetVolume(factor float32) {
	p.volume.Store(math.Float32bits(min(max(factor, 0), 2)))
}

// concealLimit is after how many lost packets in a row concealment, which
// fades by then, gives way to silence.
const concealLimit = 5

// Mix adds the next samples of this track to dst.
func (p *Playout) Mix(dst []float32) {
	volume := math.Float32frombits(p.volume.Load())
	for len(dst) > 0 {
		if len(p.rest) == 0 && !p.decodeNext() {
			p.level.Store(0)
			return
		}
		n := min(len(dst), len(p.rest))
		for i, s := range p.rest[:n] {
			dst[i] += s * volume
		}
		p.level.Store(int32(level(p.rest[:n])))
		p.rest = p.rest[n:]
		dst = dst[n:]
	}
}

// decodeNext fills rest with the next packet's sound; it reports whether
// there is any.
func (p *Playout) decodeNext() bool {
	what, payload := p.jitter.pull(p.scratch)
	switch what {
	case verdictWait:
		return false
	case verdictPlay:
		n, err := p.decoder.DecodeFloat32(payload, p.pcm[:])
		if err != nil || n <= 0 {
			return p.conceal()
		}
		p.packet = n
		p.rest = p.pcm[:n]
		p.concealed = 0
	case verdictFEC:
		if err := p.decoder.DecodeFECFloat32(payload, p.pcm[:p.packet]); err != nil {
			return p.conceal()
		}
		p.rest = p.pcm[:p.packet]
		p.concealed = 0
	case verdictConceal:
		return p.conceal()
	}
	p.playedNS.Add(samplesDuration(len(p.rest)))
	return true
}

func (p *Playout) conceal() bool {
	p.rest = p.pcm[:p.packet]
	p.concealed++
	if p.concealed > concealLimit || p.decoder.DecodePLCFloat32(p.rest) != nil {
		clear(p.rest)
	}
	p.concealedNS.Add(samplesDuration(len(p.rest)))
	return true
}

// samplesDuration is in nanoseconds.
func samplesDuration(n int) int64 { return int64(n) * int64(time.Second) / devices.SampleRate }

// PlayoutStats is what a playout did so far.
type PlayoutStats struct {
	Level     int // 0..100
	Played    time.Duration
	Concealed time.Duration
	Buffered  time.Duration
	Lost      int // packets
}

// Stats may be called on any goroutine.
func (p *Playout) Stats() PlayoutStats {
	buffered, lost := p.jitter.delay()
	return PlayoutStats{Level: int(p.level.Load()), Played: time.Duration(p.playedNS.Load()),
		Concealed: time.Duration(p.concealedNS.Load()), Buffered: buffered, Lost: lost}
}

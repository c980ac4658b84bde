package media

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

const (
	sharedChannels = 2
	// sharedCushion is how much of each program waits: they give 20 ms at once,
	// and not on the dot. sharedMost is what waits after a stall at most.
	sharedCushion = 6 * devices.PeriodSamples
	sharedMost    = 30 * devices.PeriodSamples
	// sharedBehind is how far the sound may be behind the clock before the gap is
	// left out: the computer slept.
	sharedBehind = time.Second

	sharedLeast = 48000 // bit/s
	sharedUsual = 128000
	// sharedPart is what the shared sound takes of a line that is narrow.
	sharedPart = 0.1
)

// SharedBits is what a shared sound takes of a line, copies included, in bit/s.
const SharedBits = 150_000

// SharedSound mixes what programs play, and encodes it as it is: in stereo, with
// many bits, and without a gap where nothing is played. It is a
// devices.Programs.
type SharedSound struct {
	cancel context.CancelFunc
	done   chan struct{}

	line     atomic.Pointer[Line]
	level    atomic.Int32
	bytes    atomic.Int64
	recorder atomic.Pointer[func([]float32)]

	mu       sync.Mutex
	programs map[uint32]*elastic
	writer   SampleWriter
}

var _ devices.Programs = (*SharedSound)(nil)

// NewSharedSound makes one in which nothing is played yet.
func NewSharedSound() (*SharedSound, error) {
	enc, err := sharedEncoder()
	if err != nil {
		return nil, fmt.Errorf("open the Opus encoder: %w", err)
	}
	s := &SharedSound{done: make(chan struct{}), programs: make(map[uint32]*elastic)}
	s.line.Store(&Line{})
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	go s.run(ctx, enc)
	return s, nil
}

// sharedEncoder makes one for all that a computer can play: no speech is looked
// for, and silence is sent like anything else.
func sharedEncoder() (*opus.Encoder, error) {
	enc, err := opus.NewEncoder(devices.SampleRate, sharedChannels, opus.AppAudio)
	if err != nil {
		return nil, err
	}
	return enc, errors.Join(enc.SetDTX(false), enc.SetComplexity(opusEffort), enc.SetBitrate(sharedUsual))
}

// sharedRate is the bit rate for a line.
func sharedRate(l Line) int {
	if l.Bandwidth == 0 {
		return sharedUsual
	}
	return min(max(int(float64(l.Bandwidth)*sharedPart), sharedLeast), sharedUsual)
}

// Play takes what a program plays.
func (s *SharedSound) Play(program uint32, samples []float32) {
	s.mu.Lock()
	e := s.programs[program]
	if e == nil {
		e = newElastic(sharedChannels, sharedCushion, sharedMost)
		s.programs[program] = e
	}
	s.mu.Unlock()
	e.push(samples)
}

// Ended says that a program plays no more.
func (s *SharedSound) Ended(program uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.programs[program]; e != nil {
		e.end()
	}
}

// SendTo directs the encoded sound; nil stops it. When it returns, the former
// writer is not called any more.
func (s *SharedSound) SendTo(w SampleWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writer = w
}

// Over tells of the line that the sound goes over.
func (s *SharedSound) Over(l Line) { s.line.Store(&l) }

// Record gives all that is mixed to f, as one channel, on a goroutine of its own:
// f copies what it needs and returns. Nil ends it.
func (s *SharedSound) Record(f func(pcm []float32)) { tapWith(&s.recorder, f) }

// Level is the loudness of the last 20 ms, 0 to 100.
func (s *SharedSound) Level() int { return int(s.level.Load()) }

// Bytes counts what was encoded and written.
func (s *SharedSound) Bytes() int64 { return s.bytes.Load() }

// Close ends it, and waits for that.
func (s *SharedSound) Close() {
	s.cancel()
	<-s.done
}

// run mixes and encodes by the computer's clock.
func (s *SharedSound) run(ctx context.Context, enc *opus.Encoder) {
	defer close(s.done)
	const every = 20 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	var (
		out    = make([]byte, maxOpusPacket)
		limit  = limiter{gain: 1}
		rate   = sharedUsual
		next   = time.Now()
		pcm    [sharedChannels * opusFrame]float32
		oneEar [opusFrame]float32
	)
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if behind := now.Sub(next); behind > sharedBehind {
				next = next.Add(behind)
			}
		}
		for ; time.Since(next) >= every; next = next.Add(every) {
			clear(pcm[:])
			s.mix(pcm[:])
			limit.apply(pcm[:])
			for i := range oneEar {
				oneEar[i] = (pcm[2*i] + pcm[2*i+1]) / 2
			}
			s.level.Store(int32(level(oneEar[:])))
			if record := s.recorder.Load(); record != nil {
				(*record)(oneEar[:])
			}
			if r := sharedRate(*s.line.Load()); r != rate {
				rate = r
				_ = enc.SetBitrate(rate) // these values are never refused
			}
			n, err := enc.EncodeFloat32(pcm[:], out)
			if err == nil && n > 0 {
				s.write(Sample{Data: out[:n], Timestamp: next, Duration: every})
			}
		}
	}
}

// mix adds what is next of every program, and forgets those that are over.
func (s *SharedSound) mix(pcm []float32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, e := range s.programs {
		if e.mix(pcm) {
			delete(s.programs, id)
		}
	}
}

func (s *SharedSound) write(sample Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writer != nil {
		s.bytes.Add(int64(len(sample.Data)))
		_ = s.writer(sample)
	}
}

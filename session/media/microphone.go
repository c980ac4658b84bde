package media

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

const opusFrame = devices.SampleRate / 50 // 20 ms

// Microphone captures from one source, meters it, and encodes it for any
// number of writers. While it is muted the encoder gets nothing: what was
// captured ends in the meter.
type Microphone struct {
	voice voiceStage // of the goroutine

	source devices.AudioSource
	muted  atomic.Bool
	music  atomic.Bool
	line   atomic.Pointer[Line]
	level  atomic.Int32
	bytes  atomic.Int64

	captured atomic.Int64 // periods
	sounded  atomic.Int64 // when the source last gave a sample that is not zero, in Unix ns

	cancel  context.CancelFunc
	done    chan struct{}
	onError func(error)

	listener atomic.Pointer[func([]float32)]
	recorder atomic.Pointer[func([]float32)]

	mu     sync.Mutex
	writer SampleWriter
}

// NewMicrophone starts capturing; it owns the source from now on. processor, if
// there is one, changes what is captured, against what is written to reference.
// onError is called at most once, when the source ends by itself.
func NewMicrophone(source devices.AudioSource, muted bool, processor VoiceProcessor, reference *Reference, onError func(error)) (*Microphone, error) {
	enc, err := encodingFor(Line{}, false).encoder()
	if err != nil {
		return nil, fmt.Errorf("open the Opus encoder: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m := &Microphone{source: source, voice: voiceStage{processor: processor, reference: reference}, cancel: cancel, done: make(chan struct{}), onError: onError}
	m.muted.Store(muted)
	m.line.Store(&Line{})
	m.sounded.Store(time.Now().UnixNano())
	go m.run(ctx, enc)
	return m, nil
}

// SetMuted opens or shuts the gate between the capture and the encoder. When
// it returns with muted set, nothing more is written.
func (m *Microphone) SetMuted(muted bool) {
	m.muted.Store(muted)
	m.mu.Lock() // waits for a write that is under way
	defer m.mu.Unlock()
}

// Over tells of the line that the sound goes over: what is encoded from now on
// fits it.
func (m *Microphone) Over(l Line) { m.line.Store(&l) }

// SetMusic sends the sound as it is, for music: it is not processed, and
// encoded with more bits.
func (m *Microphone) SetMusic(on bool) { m.music.Store(on) }

// Level is the loudness of the last 10 ms, 0 to 100, muted or not.
func (m *Microphone) Level() int { return int(m.level.Load()) }

// Captured counts the periods that the source gave.
func (m *Microphone) Captured() int64 { return m.captured.Load() }

// LastSound is when the source last gave anything but zeros.
func (m *Microphone) LastSound() time.Time { return time.Unix(0, m.sounded.Load()) }

// Bytes counts what was encoded and written.
func (m *Microphone) Bytes() int64 { return m.bytes.Load() }

// SendTo directs the encoded sound; nil stops it. When it returns, the former
// writer is not called any more.
func (m *Microphone) SendTo(w SampleWriter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writer = w
}

// Listen gives every 10 ms of what is captured to f, muted or not, on the
// goroutine of the capture: f copies what it needs and returns. Nil ends it.
func (m *Microphone) Listen(f func(pcm []float32)) { tapWith(&m.listener, f) }

// Record gives every 10 ms that is captured and not muted to f, as Listen does.
func (m *Microphone) Record(f func(pcm []float32)) { tapWith(&m.recorder, f) }

// Close ends the capture and waits for it.
func (m *Microphone) Close() error {
	m.cancel()
	err := m.source.Close()
	<-m.done
	return err
}

func (m *Microphone) run(ctx context.Context, enc *opus.Encoder) {
	defer close(m.done)
	var (
		pcm      [opusFrame]float32
		filled   int
		out      = make([]byte, maxOpusPacket)
		start    time.Time
		captured int64 // samples, muted ones included
		now      = encodingFor(Line{}, false)
	)
	for {
		period := pcm[filled : filled+devices.PeriodSamples]
		if err := m.source.ReadPeriod(ctx, period); err != nil {
			if ctx.Err() == nil {
				m.onError(err)
			}
			return
		}
		devices.Mend(period)
		if start.IsZero() {
			start = time.Now().Add(-devices.Period)
		}
		captured += devices.PeriodSamples
		m.captured.Add(1)
		if slices.ContainsFunc(period, func(v float32) bool { return v != 0 }) {
			m.sounded.Store(time.Now().UnixNano())
		}
		music := m.music.Load()
		m.voice.process(period, music)
		m.level.Store(int32(level(period)))
		if listen := m.listener.Load(); listen != nil {
			(*listen)(period)
		}
		if m.muted.Load() {
			filled = 0
			continue
		}
		if record := m.recorder.Load(); record != nil {
			(*record)(period)
		}
		if filled += devices.PeriodSamples; filled < opusFrame {
			continue
		}
		filled = 0
		if e := encodingFor(*m.line.Load(), music); e != now {
			if fresh, err := e.encoder(); e.music != now.music && err == nil {
				enc = fresh
			}
			now = e
			_ = e.apply(enc) // these values are never refused
		}
		m.mu.Lock()
		// Checked again under the lock: SetMuted may have come in between.
		if m.writer != nil && !m.muted.Load() {
			// A packet of two bytes or less says "still silent" and need not be
			// sent. Timestamps count on, so that receivers see the pause.
			if n, err := enc.EncodeFloat32(pcm[:], out); err == nil && n > 2 {
				m.bytes.Add(int64(n))
				at := start.Add(time.Duration(samplesDuration(int(captured - opusFrame))))
				_ = m.writer(Sample{Data: out[:n], Timestamp: at, Duration: 20 * time.Millisecond})
			}
		}
		m.mu.Unlock()
	}
}

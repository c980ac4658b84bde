package media

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

// brokenMicrophone gives a tone, and each third period something that is no
// sound.
type brokenMicrophone struct {
	closed chan struct{}
	once   sync.Once
	n      int
}

func (b *brokenMicrophone) ReadPeriod(ctx context.Context, dst []float32) error {
	select {
	case <-b.closed:
		return devices.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Millisecond):
	}
	junk := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e38, -7}
	for i := range dst {
		dst[i] = float32(0.3 * math.Sin(float64(b.n*len(dst)+i)/20))
		if b.n%3 == 2 {
			dst[i] = junk[i%len(junk)]
		}
	}
	b.n++
	return nil
}

func (b *brokenMicrophone) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

func TestBrokenMicrophoneSendsSound(t *testing.T) {
	m, err := NewMicrophone(&brokenMicrophone{closed: make(chan struct{})}, false, nil, nil, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	packets := make(chan []byte, 100)
	m.SendTo(func(s Sample) error {
		select {
		case packets <- append([]byte(nil), s.Data...):
		default:
		}
		return nil
	})
	decoder, err := opus.NewDecoder(devices.SampleRate, 1)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]float32, maxOpusFrame)
	loud := 0
	for range 50 {
		n, err := decoder.DecodeFloat32(<-packets, pcm)
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, v := range pcm[:n] {
			if !(v >= -2 && v <= 2) {
				t.Fatal("a sample of", v)
			}
			sum += float64(v) * float64(v)
		}
		if math.Sqrt(sum/float64(n)) > 0.1 {
			loud++
		}
	}
	if loud < 25 {
		t.Errorf("only %d of 50 packets have sound", loud)
	}
}

// TestHostileSenderDoesNotDrownOthers mixes somebody who sends garbage with
// somebody who sends a tone.
func TestHostileSenderDoesNotDrownOthers(t *testing.T) {
	now := epoch()
	good, err := newPlayout(NewLipSync(), nil, now.read)
	if err != nil {
		t.Fatal(err)
	}
	bad, err := newPlayout(NewLipSync(), nil, now.read)
	if err != nil {
		t.Fatal(err)
	}
	m := NewMixer()
	m.Add(good)
	m.Add(bad)
	junk := uint32(1)
	random := func() uint32 {
		junk ^= junk << 13
		junk ^= junk >> 17
		junk ^= junk << 5
		return junk
	}
	period := make([]float32, devices.PeriodSamples)
	var heard []float32
	for i, payload := range tone(t, 200, 440) {
		header := rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * opusTicks}
		good.Push(&rtp.Packet{Header: header, Payload: payload})
		// Code 3 packets of Opus whose frames are longer than they are, and
		// numbers that jump.
		garbage := make([]byte, 1+random()%200)
		for k := range garbage {
			garbage[k] = byte(random())
		}
		garbage[0] |= 3
		bad.Push(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(random()), Timestamp: random()}, Payload: garbage})
		for range 2 {
			now.pass(10)
			m.Render(period)
			for _, v := range period {
				if !(v >= -1 && v <= 1) {
					t.Fatal("a sample of", v)
				}
			}
			heard = append(heard, period...)
		}
	}
	if tone := loudnessAt(heard[devices.SampleRate:3*devices.SampleRate], 440); tone < 0.2 {
		t.Errorf("the tone is heard with %.2f, it was sent with 0.5", tone)
	}
	if s := good.Stats(); s.Lost > 0 || s.Concealed > 20*time.Millisecond {
		t.Errorf("somebody else's garbage costs the good one %+v", s)
	}
}

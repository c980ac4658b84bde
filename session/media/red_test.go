package media

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtp"
)

func TestREDCarriesCopies(t *testing.T) {
	const voice = 111
	payload := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 10+i) }
	for _, c := range []struct {
		name   string
		copies int
		times  []uint32 // of the packets, in ticks
		want   []int    // which payloads the last packet carries
	}{
		{"the first has none before it", 2, []uint32{100}, []int{0}},
		{"no copies", 0, []uint32{0, 960}, []int{1}},
		{"one", 1, []uint32{0, 960, 1920}, []int{1, 2}},
		{"two", 2, []uint32{0, 960, 1920}, []int{0, 1, 2}},
		{"no more than two", 5, []uint32{0, 960, 1920, 2880}, []int{1, 2, 3}},
		{"over the wrap", 2, []uint32{1<<32 - 960, 0, 960}, []int{0, 1, 2}},
		{"not over a long pause", 2, []uint32{0, 960, 960 + 20000}, []int{2}},
		{"one of two over a pause", 2, []uint32{0, 16000, 16960}, []int{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e REDEncoder
			var packet []byte
			for i, ts := range c.times {
				packet = e.Encode(payload(i), voice, ts, c.copies)
			}
			blocks, err := splitRED(packet, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(blocks) != len(c.want) {
				t.Fatalf("%d blocks, want %v", len(blocks), c.want)
			}
			last := c.times[len(c.times)-1]
			for i, b := range blocks {
				n := c.want[i]
				if !bytes.Equal(b.payload, payload(n)) || b.payloadType != voice || last-b.offset != c.times[n] {
					t.Errorf("block %d is %+v", i, b)
				}
			}
		})
	}
}

func TestLargePayloadsAreNotCopied(t *testing.T) {
	var e REDEncoder
	e.Encode(make([]byte, redLengthMax+1), 111, 0, 2)
	blocks, err := splitRED(e.Encode([]byte{1}, 111, 960, 2), nil)
	if err != nil || len(blocks) != 1 {
		t.Errorf("%+v, %v", blocks, err)
	}
}

func TestBrokenRED(t *testing.T) {
	for name, packet := range map[string][]byte{
		"empty":                  {},
		"a header cut off":       {0x80 | 111, 1},
		"no last header":         {0x80 | 111, 0, 4, 0},
		"a copy longer than all": {0x80 | 111, 0, 7, 255, 111, 1, 2},
		"headers without an end": bytes.Repeat([]byte{0x80 | 111, 0, 4, 0}, 40),
	} {
		if blocks, err := splitRED(packet, nil); err == nil {
			t.Errorf("%s: %+v", name, blocks)
		}
	}
}

// Every third packet is lost, and comes as a copy: all is played.
func TestCopiesFillTheJitterBuffer(t *testing.T) {
	packets := tone(t, 150, 440)
	now := epoch()
	p, err := newPlayout(NewLipSync(), nil, now.read)
	if err != nil {
		t.Fatal(err)
	}
	var e REDEncoder
	period := make([]float32, 480)
	for i, payload := range packets {
		red := e.Encode(payload, 111, uint32(i)*opusTicks, 1)
		if i%3 != 2 {
			if _, err := p.PushRED(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * opusTicks}, Payload: red}, 111); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			now.pass(10)
			p.Mix(period)
		}
	}
	// The first of them is missed: only then it is known to be worth waiting.
	if s := p.Stats(); s.Lost > 2 || s.Concealed.Milliseconds() > 60 {
		t.Errorf("%+v", s)
	}
}

func FuzzRED(f *testing.F) {
	var e REDEncoder
	e.Encode([]byte{1, 2, 3}, 111, 0, 2)
	f.Add(bytes.Clone(e.Encode([]byte{4, 5}, 111, 960, 2)), uint16(7))
	f.Add([]byte{0x80 | 111, 0, 7, 255, 111, 1, 2}, uint16(65535))
	f.Fuzz(func(t *testing.T, data []byte, seq uint16) {
		p, err := NewPlayout(NewLipSync(), nil)
		if err != nil {
			t.Fatal(err)
		}
		period := make([]float32, 480)
		for i := range 5 {
			_, _ = p.PushRED(&rtp.Packet{Header: rtp.Header{SequenceNumber: seq + uint16(i), Timestamp: uint32(i) * opusTicks}, Payload: data}, 111)
			clear(period)
			p.Mix(period)
			for _, v := range period {
				if !(v >= -4 && v <= 4) {
					t.Fatal("a sample of", v)
				}
			}
		}
	})
}

// clock is one that a test moves.
type clock struct{ at time.Time }

func epoch() *clock { return &clock{time.Now()} }

func (c *clock) read() time.Time { return c.at }

func (c *clock) pass(ms int) { c.at = c.at.Add(time.Duration(ms) * time.Millisecond) }

// The last packet before a pause is lost, and comes as a copy with the first
// one after it: that one is held as long as any.
func TestCopiesFromBeforeAPause(t *testing.T) {
	packets := tone(t, 40, 440)
	now := epoch()
	p, err := newPlayout(NewLipSync(), nil, now.read)
	if err != nil {
		t.Fatal(err)
	}
	var e REDEncoder
	period := make([]float32, 480)
	for i, payload := range packets {
		at := uint32(i) * opusTicks
		if i >= 20 {
			at += 300 * 48
		}
		red := e.Encode(payload, 111, at, 2)
		if i == 20 {
			for range 30 {
				now.pass(10)
				p.Mix(period)
			}
		}
		if i != 19 {
			if _, err := p.PushRED(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: at}, Payload: red}, 111); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			now.pass(10)
			p.Mix(period)
		}
		if s := p.Stats(); i >= 21 && s.Held < s.Target-5*time.Millisecond {
			t.Fatalf("packet %d is held for %v, not %v", i, s.Held, s.Target)
		}
	}
}

package media

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"
	"gopkg.in/hraban/opus.v2"

	"parley/devices"
)

func packet(seq uint16) *rtp.Packet {
	return &rtp.Packet{Header: rtp.Header{SequenceNumber: seq, Timestamp: uint32(seq) * opusTicks}, Payload: []byte{byte(seq), byte(seq >> 8)}}
}

// play pulls n times, 20 ms apart, and writes one letter each: w(ait), p(lay),
// f(ec), c(onceal), d(ry).
func play(b *jitterBuffer, now time.Time, n int) string {
	var out []byte
	scratch := make([]byte, 0, maxOpusPacket)
	for i := range n {
		v := b.pull(scratch, now.Add(time.Duration(i)*20*time.Millisecond), 0)
		out = append(out, "wpfcd"[v.verdict])
	}
	return string(out)
}

func TestJitterBuffer(t *testing.T) {
	for _, test := range []struct {
		name string
		push []uint16
		want string
	}{
		{"waits for its target", []uint16{10}, "wp"},
		{"plays in order", []uint16{10, 11, 12}, "pppd"},
		{"orders what was reordered", []uint16{12, 11, 13, 10}, "wppppd"},
		{"drops duplicates", []uint16{1, 1, 2, 2, 3}, "pppd"},
		{"uses the next packet's copy of a lost one", []uint16{1, 2, 4, 5}, "ppfppd"},
		{"conceals a longer gap", []uint16{1, 2, 5}, "ppcfpd"},
		{"counts over the wrap", []uint16{65534, 65535, 0, 1}, "ppppd"},
		{"starts over with a sender that did", []uint16{5, 6, 30000, 30001}, "ppd"},
		{"takes a long silence for a pause", []uint16{1, 2}, "ppddddddddddwww"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, now := newJitterBuffer(), time.Now()
			for _, seq := range test.push {
				p := packet(seq)
				if seq < 10 && test.name == "counts over the wrap" {
					p.Timestamp = (65536 + uint32(seq)) * opusTicks
				}
				b.push(p, now)
			}
			if got := play(b, now, len(test.want)); got != test.want {
				t.Errorf("%v plays %q, want %q", test.push, got, test.want)
			}
		})
	}
}

func TestOversizedAndEmptyPacketsAreDropped(t *testing.T) {
	b := newJitterBuffer()
	b.push(&rtp.Packet{}, time.Now())
	b.push(&rtp.Packet{Payload: make([]byte, maxOpusPacket+1)}, time.Now())
	if b.started {
		t.Error("a packet without sound was taken")
	}
}

// tone encodes n packets of a sine.
func tone(t testing.TB, n int, hz float64) [][]byte {
	t.Helper()
	enc, err := opus.NewEncoder(devices.SampleRate, 1, opus.AppVoIP)
	if err != nil {
		t.Fatal(err)
	}
	if err := enc.SetInBandFEC(true); err != nil {
		t.Fatal(err)
	}
	if err := enc.SetPacketLossPerc(20); err != nil {
		t.Fatal(err)
	}
	var packets [][]byte
	pcm := make([]float32, opusFrame)
	for i := range n {
		for j := range pcm {
			pcm[j] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i*opusFrame+j)/devices.SampleRate))
		}
		out := make([]byte, maxOpusPacket)
		size, err := enc.EncodeFloat32(pcm, out)
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, out[:size])
	}
	return packets
}

func TestPlayoutPlaysThroughLoss(t *testing.T) {
	firsts, now := 0, time.Now()
	p, err := newPlayout(NewLipSync(), func() { firsts++ }, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	m := NewMixer()
	m.Add(p)
	dst := make([]float32, devices.PeriodSamples)
	loud := 0
	for i, data := range tone(t, 100, 440) {
		if i%10 != 5 {
			p.Push(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * opusTicks}, Payload: data})
		}
		for range 2 {
			now = now.Add(devices.Period)
			m.Render(dst)
			if level(dst) > 70 {
				loud++
			}
		}
	}
	if firsts != 1 {
		t.Errorf("the first sound was told %d times", firsts)
	}
	// 10 % was lost, and concealed: hardly a period is silent.
	if loud < 180 {
		t.Errorf("%d of 200 periods are loud", loud)
	}
	if s := p.Stats(); s.Lost < 8 || s.Lost > 10 || s.Played+s.Concealed < 1800*1e6 {
		t.Errorf("%+v", s)
	}
}

func TestVolumeAndLimiter(t *testing.T) {
	m := NewMixer()
	for range 4 {
		p, err := NewPlayout(NewLipSync(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p.SetVolume(5) // is held to 2
		m.Add(p)
		for i, data := range tone(t, 40, 300) {
			p.Push(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * opusTicks}, Payload: data})
		}
	}
	dst := make([]float32, devices.PeriodSamples)
	var peak float32
	for range 60 {
		m.Render(dst)
		for _, s := range dst {
			peak = max(peak, s, -s)
		}
	}
	if peak > 1 || peak < 0.8 {
		t.Errorf("four tones of twice their loudness peak at %v", peak)
	}
}

func TestRemovedPlayoutIsSilent(t *testing.T) {
	m := NewMixer()
	p, err := NewPlayout(NewLipSync(), nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Add(p)
	for i, data := range tone(t, 10, 300) {
		p.Push(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * opusTicks}, Payload: data})
	}
	m.Remove(p)
	dst := make([]float32, devices.PeriodSamples)
	dst[0] = 1
	m.Render(dst)
	if level(dst) != 0 {
		t.Error("a removed playout is heard")
	}
}

func TestLevel(t *testing.T) {
	for _, test := range []struct {
		amplitude float32
		want      int
	}{{0, 0}, {1, 100}, {0.1, 66}, {0.001, 0}} {
		s := make([]float32, 480)
		for i := range s {
			s[i] = test.amplitude
		}
		if got := level(s); got != test.want {
			t.Errorf("level of %v is %d, want %d", test.amplitude, got, test.want)
		}
	}
	if level([]float32{float32(math.NaN())}) != 0 {
		t.Error("NaN has a level")
	}
}

func BenchmarkMix(b *testing.B) {
	now := time.Now()
	p, err := newPlayout(NewLipSync(), nil, func() time.Time { return now })
	if err != nil {
		b.Fatal(err)
	}
	packets := tone(b, 50, 440)
	m := NewMixer()
	m.Add(p)
	dst := make([]float32, devices.PeriodSamples)
	rp := &rtp.Packet{}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		rp.SequenceNumber, rp.Timestamp, rp.Payload = uint16(i), uint32(i)*opusTicks, packets[i%len(packets)]
		p.Push(rp)
		for range 2 {
			now = now.Add(devices.Period)
			m.Render(dst)
		}
		i++
	}
}

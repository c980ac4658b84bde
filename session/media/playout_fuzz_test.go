package media

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/devices"
)

// FuzzPlayout takes a hostile sender's packets: seven bytes of header each, and
// as much payload as the seventh says.
func FuzzPlayout(f *testing.F) {
	good := tone(f, 3, 440)
	var seed []byte
	for i, payload := range good {
		seed = append(seed, 0, byte(i), 0, 0, byte(i*4), 0, byte(len(payload)))
		seed = append(seed, payload...)
	}
	f.Add(seed)
	f.Add([]byte{255, 255, 255, 255, 255, 255, 3, 252, 255, 254})
	f.Fuzz(func(t *testing.T, data []byte) {
		now := time.Now()
		p, err := newPlayout(NewLipSync(), nil, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		period := make([]float32, devices.PeriodSamples)
		for len(data) >= 7 {
			size := min(int(data[6]), len(data)-7)
			p.Push(&rtp.Packet{Header: rtp.Header{
				SequenceNumber: binary.BigEndian.Uint16(data), Timestamp: binary.BigEndian.Uint32(data[2:]),
			}, Payload: data[7 : 7+size]})
			data = data[7+size:]
			now = now.Add(devices.Period)
			clear(period)
			p.Mix(period)
			for _, v := range period {
				if !(v >= -4 && v <= 4) {
					t.Fatal("a sample of", v)
				}
			}
		}
		if s := p.Stats(); s.Concealed < 0 || s.Target > 2*delayMost {
			t.Errorf("%+v", s)
		}
	})
}

package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"
)

func TestReception(t *testing.T) {
	at := time.Unix(1000, 0)
	packet := func(sequence uint16, timestamp uint32) *rtp.Packet {
		return &rtp.Packet{Header: rtp.Header{SequenceNumber: sequence, Timestamp: timestamp}, Payload: make([]byte, 10)}
	}
	r := NewReception(48000)
	if s := r.Stats(); s.Packets != 0 || s.Expected != 0 || s.Lost() != 0 || !s.Last.IsZero() {
		t.Errorf("%+v", s)
	}
	// Evenly, over the end of the numbers, with two lost and one late.
	for i, sequence := range []uint16{65533, 65534, 0, 1, 3, 2, 6} {
		n := int(sequence - 65533)
		arrival := at.Add(time.Duration(n) * 20 * time.Millisecond)
		r.Count(packet(sequence, uint32(n*960)), arrival)
		if s := r.Stats(); s.Packets != int64(i+1) || s.Bytes != int64(10*(i+1)) || !s.Last.Equal(arrival) {
			t.Errorf("%d: %+v", i, s)
		}
	}
	if s := r.Stats(); s.Expected != 10 || s.Lost() != 3 || s.Jitter > 50*time.Microsecond {
		t.Errorf("%+v", s)
	}
	// Every other one 10 ms late: 10 ms of jitter, as the mean of the steps.
	uneven := NewReception(48000)
	for i := range 400 {
		arrival := at.Add(time.Duration(i)*20*time.Millisecond + time.Duration(i%2)*10*time.Millisecond)
		uneven.Count(packet(uint16(i), uint32(i*960)), arrival)
	}
	if s := uneven.Stats(); s.Jitter < 9*time.Millisecond || s.Jitter > 11*time.Millisecond {
		t.Error(s.Jitter)
	}
	// A pause of the sender is none.
	uneven.Count(packet(400, 400*960), at.Add(time.Hour))
	if s := uneven.Stats(); s.Jitter > 11*time.Millisecond {
		t.Error(s.Jitter)
	}
}

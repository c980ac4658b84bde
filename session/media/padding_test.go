package media

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/devices"
	"parley/session/media/vpx"
)

// encodedPictures are small ones in VP8, the first a key frame.
func encodedPictures(t testing.TB, n int) (all [][]byte) {
	t.Helper()
	encoder, err := vpx.NewEncoder(vpx.EncoderConfig{Width: 64, Height: 48, FrameRate: 30, Bitrate: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	var pool devices.FramePool
	for i := range n {
		f, err := pool.Get(64, 48)
		if err != nil {
			t.Fatal(err)
		}
		f.Timestamp = time.Duration(i) * time.Second
		data, _, err := encoder.Encode(f, false)
		f.Release()
		if err != nil || len(data) == 0 {
			t.Fatal(len(data), err)
		}
		all = append(all, append([]byte(nil), data...))
	}
	return all
}

// packets are read one after another; then nothing comes any more.
type packets struct {
	list  []*rtp.Packet
	ended chan struct{}
}

func (p *packets) ReadRTP() (*rtp.Packet, error) {
	if len(p.list) == 0 {
		<-p.ended
		return nil, io.EOF
	}
	next := p.list[0]
	p.list = p.list[1:]
	return next, nil
}

// TestPaddingHoldsNothingUp has the blank packets that the SFU begins a track with,
// and probes with, between pictures that come seldom, as those of a screen.
func TestPaddingHoldsNothingUp(t *testing.T) {
	from := &packets{ended: make(chan struct{})}
	sequence, timestamp := uint16(65530), uint32(1000)
	push := func(p *rtp.Packet) {
		p.SequenceNumber, p.Timestamp = sequence, timestamp
		sequence++
		from.list = append(from.list, p)
	}
	encoded := encodedPictures(t, 3)
	for i := range 3 {
		for n := range 5 {
			timestamp += 9000
			p := &rtp.Packet{Header: rtp.Header{Padding: true, PaddingSize: 255}}
			if n%2 == 0 { // as the SFU's version makes them
				p.Payload = make([]byte, 255)
				p.Payload[254] = 255
			}
			push(p)
		}
		timestamp += 90000
		push(&rtp.Packet{Header: rtp.Header{Marker: true}, Payload: append([]byte{0x10}, encoded[i]...)})
	}
	shown := make(chan struct{}, 10)
	r, err := NewVideoReceiver(VideoReceiverConfig{
		MimeType: "video/VP8", Sink: VideoSinkFunc(func(*devices.Frame) { shown <- struct{}{} }), Sync: NewLipSync(), RequestKeyFrame: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(context.Background(), from) }()
	for i := range 3 {
		select {
		case <-shown:
		case <-time.After(5 * time.Second):
			t.Fatalf("picture %d is held up", i)
		}
		if i == 2 {
			close(from.ended)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

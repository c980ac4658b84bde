package media

import (
	"context"
	"io"
	"testing"

	"github.com/pion/rtp"

	"parley/devices"
	"parley/session/media/vpx"
)

// pieces reads packets out of bytes: each is a length, flags, and that much payload.
type pieces struct {
	data []byte
	next rtp.Header
}

func (p *pieces) ReadRTP() (*rtp.Packet, error) {
	if len(p.data) < 3 {
		return nil, io.EOF
	}
	length, flags := int(p.data[0])|int(p.data[1])<<8, p.data[2]
	p.data = p.data[3:]
	length = min(length, len(p.data))
	packet := &rtp.Packet{Header: p.next, Payload: append([]byte(nil), p.data[:length]...)}
	p.data = p.data[length:]
	packet.Marker, packet.Padding = flags&1 != 0, flags&2 != 0
	p.next.SequenceNumber += 1 + uint16(flags>>4) // some are lost
	if packet.Marker {
		p.next.Timestamp += 3000
	}
	return packet, nil
}

// FuzzVideoReceiver has hostile packets of VP8 and VP9: what they decode to has to
// be a picture of a size that is allowed, and the end of the track an end.
func FuzzVideoReceiver(f *testing.F) {
	var seed []byte
	for _, data := range encodedPictures(f, 3) {
		seed = append(seed, byte(len(data)+1), byte((len(data)+1)>>8), 1, 0x10)
		seed = append(seed, data...)
	}
	f.Add(seed, false)
	f.Add(seed, true)
	var layers []byte // of VP9
	for _, p := range recordedVP9(f)[:45] {
		flags := byte(0)
		if p.Marker {
			flags = 1
		}
		layers = append(append(layers, byte(len(p.Payload)), byte(len(p.Payload)>>8), flags), p.Payload...)
	}
	f.Add(layers, true)
	// A key frame that says it is 16384x16384 (RFC 6386, section 9.1).
	f.Add([]byte{15, 0, 1, 0x10, 0x10, 0x02, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 1, 2, 3, 4}, false)
	f.Add([]byte{4, 0, 2, 0, 0, 0, 0, 1, 0, 1, 0x90}, false)
	f.Fuzz(func(t *testing.T, data []byte, vp9 bool) {
		mime := "video/VP8"
		if vp9 {
			mime = "video/VP9"
		}
		r, err := NewVideoReceiver(VideoReceiverConfig{
			MimeType: mime, Sync: NewLipSync(), RequestKeyFrame: func() {},
			Sink: VideoSinkFunc(func(picture *devices.Frame) {
				if picture.Width <= 0 || picture.Height <= 0 || picture.Width*picture.Height > vpx.MaxPixels {
					t.Errorf("a picture of %dx%d", picture.Width, picture.Height)
				}
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Run(context.Background(), &pieces{data: data}); err != nil {
			t.Error(err)
		}
	})
}

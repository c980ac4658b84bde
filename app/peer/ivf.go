package peer

import (
	"strings"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/ivfwriter"

	"parley/session/media/vpx"
)

// superframeMax bounds a picture that is collected.
const superframeMax = 4 << 20

// newIVF writes pictures of VP8 or VP9.
func newIVF(path, mimeType string) (rtpWriter, error) {
	w, err := ivfwriter.New(path, ivfwriter.WithCodec(mimeType))
	if err != nil || !strings.EqualFold(mimeType, webrtc.MimeTypeVP9) {
		return w, err
	}
	return &superframes{w: w}, nil
}

// superframes puts the spatial layers of VP9 together: a file has one frame for each
// picture, and only an index tells a decoder where the layers in it are.
type superframes struct {
	w         rtpWriter
	timestamp uint32
	data      []byte
	sizes     []int
	inter     bool // the picture needs others
}

// WriteRTP implements rtpWriter.
func (s *superframes) WriteRTP(p *rtp.Packet) error {
	var part codecs.VP9Packet
	data, err := part.Unmarshal(p.Payload)
	if err != nil {
		return err
	}
	if p.Timestamp != s.timestamp || len(s.data) > superframeMax {
		s.data, s.sizes = s.data[:0], s.sizes[:0]
	}
	s.timestamp = p.Timestamp
	if part.B {
		if len(s.sizes) == 0 {
			s.inter = part.P
		}
		s.sizes = append(s.sizes, 0)
	}
	if len(s.sizes) == 0 {
		return nil // its beginning is missing
	}
	s.data = append(s.data, data...)
	s.sizes[len(s.sizes)-1] += len(data)
	if !p.Marker {
		return nil
	}
	// A payload descriptor (RFC 9628, section 4.2) of a picture in one packet.
	payload := []byte{1<<3 | 1<<2} // B and E
	if s.inter {
		payload[0] |= 1 << 6 // P
	}
	payload = append(payload, s.data...)
	if len(s.sizes) > 1 {
		payload = vpx.AppendSuperframeIndex(payload, s.sizes...)
	}
	s.data, s.sizes = s.data[:0], s.sizes[:0]
	return s.w.WriteRTP(&rtp.Packet{Header: rtp.Header{Marker: true, Timestamp: p.Timestamp, SequenceNumber: p.SequenceNumber}, Payload: payload})
}

// Close implements rtpWriter.
func (s *superframes) Close() error { return s.w.Close() }

package session

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/utils/guid"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/devices"
	"parley/session/media"
)

// mimeRED is the type of redundant sound (RFC 2198).
const mimeRED = "audio/red"

// opusPayloadType is what Opus has on every connection: redundant packets name
// it inside.
const opusPayloadType = 111

// voiceTrack is a published track of Opus, with copies of earlier packets where
// the other side takes them. The SDK's own track can't pack those.
type voiceTrack struct {
	id, stream string
	copies     func() int // asked for each packet
	reports    *reportListeners
	reported   func(rtcp.ReceptionReport) // is told what the server says of it

	mu  sync.Mutex
	out *voiceBinding // nil while it is not bound
}

// voiceBinding is a voiceTrack on a connection.
type voiceBinding struct {
	context string // the binding's
	writer  webrtc.TrackLocalWriter
	ssrc    uint32
	red     uint8 // payload types; 0 where RED is not taken
	opus    uint8
	seq     uint16
	start   uint32 // timestamp of the first packet (RFC 3550, section 5.1)
	epoch   time.Time
	encoder media.REDEncoder
}

func newVoiceTrack(copies func() int, reports *reportListeners, reported func(rtcp.ReceptionReport)) *voiceTrack {
	return &voiceTrack{id: guid.New("TR_"), stream: guid.New("ST_"), copies: copies, reports: reports, reported: reported}
}

// ID implements webrtc.TrackLocal.
func (t *voiceTrack) ID() string { return t.id }

// RID implements webrtc.TrackLocal.
func (t *voiceTrack) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (t *voiceTrack) StreamID() string { return t.stream }

// Kind implements webrtc.TrackLocal.
func (t *voiceTrack) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

// Codec is the preferred one.
func (t *voiceTrack) Codec() webrtc.RTPCodecCapability {
	return webrtc.RTPCodecCapability{MimeType: mimeRED, ClockRate: devices.SampleRate, Channels: 2, SDPFmtpLine: fmt.Sprintf("%d/%d", opusPayloadType, opusPayloadType)}
}

var errNoOpus = errors.New("the other side takes no Opus")

// Bind implements webrtc.TrackLocal.
func (t *voiceTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	b := &voiceBinding{context: c.ID(), writer: c.WriteStream(), ssrc: uint32(c.SSRC()), seq: uint16(rand.Uint32()), start: rand.Uint32N(1 << 30)}
	var chosen webrtc.RTPCodecParameters
	for _, p := range c.CodecParameters() {
		switch {
		case strings.EqualFold(p.MimeType, webrtc.MimeTypeOpus):
			if b.opus = uint8(p.PayloadType); b.red == 0 {
				chosen = p
			}
		case strings.EqualFold(p.MimeType, mimeRED):
			b.red, chosen = uint8(p.PayloadType), p
		}
	}
	if b.opus == 0 {
		return webrtc.RTPCodecParameters{}, errNoOpus
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.release()
	t.out = b
	// Only now is it known which reports are its own: a track is bound some
	// time after it was published.
	t.reports.listen(b.ssrc, t.reported)
	return chosen, nil
}

// Unbind implements webrtc.TrackLocal.
func (t *voiceTrack) Unbind(c webrtc.TrackLocalContext) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out != nil && t.out.context == c.ID() {
		t.release()
	}
	return nil
}

func (t *voiceTrack) release() {
	if t.out != nil {
		t.reports.listen(t.out.ssrc, nil)
		t.out = nil
	}
}

// write sends a packet; while the track is not bound it goes nowhere.
func (t *voiceTrack) write(s media.Sample) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.out
	if b == nil {
		return nil
	}
	first := b.epoch.IsZero()
	if first {
		b.epoch = s.Timestamp
	}
	header := rtp.Header{Version: 2, Marker: first, PayloadType: b.opus, SequenceNumber: b.seq, Timestamp: b.start + ticks(s.Timestamp.Sub(b.epoch), devices.SampleRate), SSRC: b.ssrc}
	payload := s.Data
	if b.red != 0 {
		header.PayloadType = b.red
		payload = b.encoder.Encode(s.Data, b.opus, header.Timestamp, t.copies())
	}
	b.seq++
	_, err := b.writer.WriteRTP(&header, payload)
	return err
}

// ticks is a time on a clock of so many a second.
func ticks(since time.Duration, clock int64) uint32 {
	// Split so that a call of any length does not overflow.
	return uint32(int64(since/time.Second)*clock + int64(since%time.Second)*clock/int64(time.Second))
}

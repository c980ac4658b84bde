package session

import (
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"parley/devices"
)

// bindingOf is a connection that a track is bound to.
type bindingOf struct {
	webrtc.TrackLocalContext
	ssrc webrtc.SSRC
}

func (b bindingOf) ID() string                           { return "one" }
func (b bindingOf) SSRC() webrtc.SSRC                    { return b.ssrc }
func (b bindingOf) WriteStream() webrtc.TrackLocalWriter { return nil }
func (b bindingOf) CodecParameters() []webrtc.RTPCodecParameters {
	return []webrtc.RTPCodecParameters{{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: devices.SampleRate, Channels: 2},
		PayloadType:        opusPayloadType,
	}}
}

// TestVoiceTrackIsToldOfItsReports: a track is published first and bound later,
// and bound anew with another SSRC.
func TestVoiceTrackIsToldOfItsReports(t *testing.T) {
	listeners := newReportListeners()
	var told []uint32
	track := newVoiceTrack(func() int { return 0 }, listeners, func(r rtcp.ReceptionReport) { told = append(told, r.SSRC) })
	all := []rtcp.ReceptionReport{{SSRC: 7}, {SSRC: 8}}
	expect := func(when string, want ...uint32) {
		t.Helper()
		told = nil
		listeners.tell(all)
		if len(told) != len(want) || len(want) > 0 && told[0] != want[0] {
			t.Errorf("%s: told of %v, not of %v", when, told, want)
		}
	}
	expect("unbound")
	for _, ssrc := range []uint32{7, 8} {
		if _, err := track.Bind(bindingOf{ssrc: webrtc.SSRC(ssrc)}); err != nil {
			t.Fatal(err)
		}
		expect("bound", ssrc)
	}
	if err := track.Unbind(bindingOf{}); err != nil {
		t.Fatal(err)
	}
	expect("unbound again")
}

package session

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"parley/devices"
	"parley/session/media"
)

// picture is what is sent of a camera or a screen.
type picture struct {
	pub    *lksdk.LocalTrackPublication
	sent   *sentTrack
	demand *media.Demand
}

// pictureSource is what is encoded for a picture.
type pictureSource interface {
	sendTo(layers []media.Layer, demand *media.Demand)
}

// simulcastLayers are those of a picture that is captured in a format.
func simulcastLayers(format devices.VideoFormat, sides []int) []*livekit.VideoLayer {
	own := min(format.Width, format.Height)
	var layers []*livekit.VideoLayer
	for i, side := range sides {
		width, height := format.Width*side/own, format.Height*side/own
		layers = append(layers, &livekit.VideoLayer{
			Quality: livekit.VideoQuality(i), Width: uint32(width), Height: uint32(height), Bitrate: uint32(media.BitsFor(width, height)),
			SpatialLayer: int32(i), Rid: string("qhf"[i]),
		})
	}
	return layers
}

// publishPicture sends a source in layers of these sides, and puts what that makes
// to its place.
func (p *publisher) publishPicture(to **picture, source pictureSource, kind livekit.TrackSource, format devices.VideoFormat, sides []int) error {
	visit := p.current.visit
	made := &picture{sent: &sentTrack{clock: videoClock}, demand: new(media.Demand)}
	id := rand.Text()
	var (
		tracks []*lksdk.LocalTrack
		layers []media.Layer
		clock  rtpClock
	)
	for i, layer := range simulcastLayers(format, sides) {
		track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}},
		}, lksdk.WithSimulcast(id, layer), lksdk.WithRTCPHandler(func(packet rtcp.Packet) {
			if i == 0 { // the one that is always sent where any is
				made.sent.feedback(packet, time.Now())
			}
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				made.demand.RequestKeyFrame(i)
			}
		}))
		if err != nil {
			return fmt.Errorf("make the picture track: %w", err)
		}
		tracks = append(tracks, track)
		layers = append(layers, media.Layer{Side: sides[i], Write: made.sent.counted(clock.writer(track, videoClock, time.Millisecond))})
	}
	var err error
	options := &lksdk.TrackPublicationOptions{Name: streamNamePrefix + p.current.streamID, Source: kind}
	made.pub, err = p.answer(visit, func() (*lksdk.LocalTrackPublication, error) {
		return visit.room.LocalParticipant.PublishSimulcastTrack(tracks, options)
	})
	if err != nil {
		return fmt.Errorf("publish the picture: %w", err)
	}
	source.sendTo(layers, made.demand)
	visit.layers.listen(made.pub.SID(), made.demand.Want)
	*to = made
	p.note(func(s *sentStream) { s.streamID, s.video, s.demand = p.current.streamID, made.sent, made.demand })
	return nil
}

// dropPicture ends what publishPicture began.
func (p *publisher) dropPicture(source pictureSource, made *picture) {
	source.sendTo(nil, nil)
	p.current.visit.layers.listen(made.pub.SID(), nil)
	p.unpublish(made.pub)
}

package session

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/session/media"
)

// Stats is what a session sends and receives, counted from the start of each
// track.
type Stats struct {
	Publish *PublishStats // nil without a published stream
	Share   *PublishStats // nil without a shared screen
	Play    []PlayStats
	RTT     time.Duration // 0 while it is not known
	Quality Quality       // of the own network
}

// PublishStats belongs to the published stream.
type PublishStats struct {
	StreamID   string
	Camera     media.CameraStats
	AudioLevel int   // 0..100
	AudioBytes int64 // encoded
	// What the server says of what arrived there; each is negative without such a track.
	AudioLoss, VideoLoss     float64 // of the packets, 0 to 1
	AudioJitter, VideoJitter time.Duration
}

// PlayStats belongs to one played stream. Video and Audio are nil without
// such a track.
type PlayStats struct {
	StreamID, UserID string
	Video            *media.VideoStats
	// Late is by how much pictures are shown after their sound, where Synced.
	Late   time.Duration
	Synced bool
	Audio  *media.PlayoutStats
	// What came, packet by packet, with Video and Audio.
	VideoReceived, AudioReceived media.ReceptionStats
	// AskedWidth and AskedHeight are the pixels that the pictures were asked in; 0
	// where nothing was asked, or none are wanted.
	AskedWidth, AskedHeight int
}

// Stats reads the counters.
func (e *Engine) Stats() Stats {
	var s Stats
	_ = e.call(func() error {
		l := e.login
		if l == nil {
			return nil
		}
		if l.publisher != nil {
			if id := l.publisher.streamID(); id != "" {
				s.Publish = &PublishStats{StreamID: id, Camera: e.camera.stats(), AudioLevel: e.microphone.level(), AudioBytes: e.microphone.bytes()}
				s.Publish.arrived(l.publisher)
			}
		}
		if e.screen.active() {
			s.Share = &PublishStats{StreamID: ScreenStreamID(l.user.ID), Camera: e.screen.stats()}
			s.Share.AudioLevel, s.Share.AudioBytes = e.screen.sound.stats()
			s.Share.arrived(l.sharing)
		}
		for _, id := range slices.Sorted(maps.Keys(l.players)) {
			p := l.players[id]
			play := PlayStats{StreamID: id, UserID: p.userID}
			play.Late, play.Synced = p.lips.Offset()
			for sid, t := range p.tracks {
				if t.video != nil {
					v := t.video.Stats()
					play.Video, play.VideoReceived = &v, t.received.Stats()
					if asked := p.views[sid]; asked != nil && !asked.off {
						play.AskedWidth, play.AskedHeight = asked.width, asked.height
					}
				} else {
					a := t.audio.Stats()
					play.Audio, play.AudioReceived = &a, t.received.Stats()
				}
			}
			s.Play = append(s.Play, play)
		}
		s.Quality = l.quality
		if l.visit != nil {
			s.RTT = l.visit.roundTrip()
		}
		return nil
	})
	return s
}

// arrived takes what the server says of the published stream.
func (s *PublishStats) arrived(p *publisher) {
	s.AudioLoss, s.VideoLoss, s.AudioJitter, s.VideoJitter = -1, -1, -1, -1
	_, audio, video := p.sent()
	if audio != nil {
		t := audio.stats()
		s.AudioLoss, s.AudioJitter = t.loss, t.jitter
	}
	if video != nil {
		t := video.stats()
		s.VideoLoss, s.VideoJitter = t.loss, t.jitter
	}
}

// roundTrip is the time of the last connectivity check of the media connection; 0 where
// it is not known.
func (v *visit) roundTrip() time.Duration {
	return roundTrip(v.room.LocalParticipant.GetPublisherPeerConnection())
}

// receivingRoundTrip is that of the connection that streams come over.
func (v *visit) receivingRoundTrip() time.Duration {
	return cmp.Or(roundTrip(v.room.LocalParticipant.GetSubscriberPeerConnection()), v.roundTrip())
}

func roundTrip(pc *webrtc.PeerConnection) time.Duration {
	stats, _ := pairStats(pc) // else zero
	return time.Duration(stats.CurrentRoundTripTime * float64(time.Second))
}

// pairStats are those of a connection's addresses.
func pairStats(pc *webrtc.PeerConnection) (stats webrtc.ICECandidatePairStats, ok bool) {
	t := transport(pc)
	if t == nil {
		return stats, false
	}
	return t.GetSelectedCandidatePairStats()
}

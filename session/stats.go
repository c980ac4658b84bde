package session

import (
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
			}
		}
		if e.screen.active() {
			s.Share = &PublishStats{StreamID: ScreenStreamID(l.user.ID), Camera: e.screen.stats()}
		}
		for _, id := range slices.Sorted(maps.Keys(l.players)) {
			p := l.players[id]
			play := PlayStats{StreamID: id, UserID: p.userID}
			play.Late, play.Synced = p.lips.Offset()
			for _, t := range p.tracks {
				if t.video != nil {
					v := t.video.Stats()
					play.Video = &v
				} else {
					a := t.audio.Stats()
					play.Audio = &a
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

// roundTrip is the time of the media connection's last connectivity check.
func (v *visit) roundTrip() time.Duration {
	stats, ok := v.pairStats()
	if !ok {
		return 0
	}
	return time.Duration(stats.CurrentRoundTripTime * float64(time.Second))
}

// pairStats are those of the media connection's addresses.
func (v *visit) pairStats() (stats webrtc.ICECandidatePairStats, ok bool) {
	t := transport(v.room.LocalParticipant.GetPublisherPeerConnection())
	if t == nil {
		return stats, false
	}
	return t.GetSelectedCandidatePairStats()
}

package session

import (
	"maps"
	"slices"
	"time"

	"parley/session/media"
)

// How often qualities are told.
const (
	qualityEvery = 2 * time.Second
	streamsEvery = 3 * time.Second
	// heartbeatsLost is how many times in a row nothing came, for a network to
	// count as dead.
	heartbeatsLost = 3
)

// StreamQuality fires every 3 s for each stream that is published or
// played, with what was measured in that time.
type StreamQuality struct {
	StreamID string
	UserID   string // empty for the user's own
	RTT      time.Duration
	Audio    *TrackQuality // nil without such a track
	Video    *TrackQuality
}

// TrackQuality is how a track fared in the last 3 s.
type TrackQuality struct {
	BitRate       int     // bits a second, of payload
	FrameRate     float64 // pictures a second, captured or shown
	Width, Height int     // of pictures
	Loss          float64 // of the packets, 0 to 1
	Jitter        time.Duration
}

// counters are those of a track at one moment, counted from its start.
type counters struct {
	at             time.Time
	bytes, frames  int64
	expected, lost int64
	width, height  int
	loss           float64 // where the other end tells it; negative otherwise
	jitter         time.Duration
}

// since compares two moments of a track; false where it began anew.
func (c counters) since(before counters) (TrackQuality, bool) {
	span := c.at.Sub(before.at).Seconds()
	if before.at.IsZero() || span <= 0 || c.bytes < before.bytes || c.frames < before.frames || c.expected < before.expected {
		return TrackQuality{}, false
	}
	q := TrackQuality{
		BitRate: int(float64(c.bytes-before.bytes) * 8 / span), FrameRate: float64(c.frames-before.frames) / span,
		Width: c.width, Height: c.height, Jitter: c.jitter, Loss: max(c.loss, 0),
	}
	if expected := c.expected - before.expected; c.loss < 0 && expected > 0 {
		q.Loss = min(max(float64(c.lost-before.lost)/float64(expected), 0), 1)
	}
	return q, true
}

// meter remembers what the last report counted from.
type meter struct {
	tracks map[meterKey]counters
	beats  int64 // what had come over the media connection
	missed int   // heartbeats
}

type meterKey struct {
	streamID string
	own      bool
	video    bool
}

func newMeter() *meter { return &meter{tracks: make(map[meterKey]counters)} }

// track gives the quality since the last time; nil the first time.
func (m *meter) track(key meterKey, now counters) *TrackQuality {
	q, ok := now.since(m.tracks[key])
	m.tracks[key] = now
	if !ok {
		return nil
	}
	return &q
}

// forget drops the tracks that were not measured at that moment.
func (m *meter) forget(at time.Time) {
	maps.DeleteFunc(m.tracks, func(_ meterKey, c counters) bool { return c.at != at })
}

// reportStreams tells, on the loop, how the streams fare.
func (e *Engine) reportStreams() {
	l := e.login
	if l == nil || l.visit == nil {
		return
	}
	now, rtt := time.Now(), l.visit.roundTrip()
	for _, published := range []struct {
		by      *publisher
		picture func() media.CameraStats
	}{{l.publisher, e.camera.stats}, {l.sharing, e.screen.stats}} {
		id, audio, video := published.by.sent()
		if id == "" {
			continue
		}
		q := StreamQuality{StreamID: id, RTT: rtt}
		if audio != nil {
			s := audio.stats()
			q.Audio = l.meter.track(meterKey{id, true, false}, counters{at: now, bytes: s.bytes, loss: s.loss, jitter: s.jitter})
		}
		if video != nil {
			s, c := video.stats(), published.picture()
			q.Video = l.meter.track(meterKey{id, true, true}, counters{at: now, bytes: s.bytes, frames: s.samples, loss: s.loss, jitter: s.jitter, width: c.Width, height: c.Height})
		}
		if q.Audio != nil || q.Video != nil {
			e.events.post(q)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.players)) {
		p := l.players[id]
		q := StreamQuality{StreamID: id, UserID: p.userID, RTT: rtt}
		for _, t := range p.tracks {
			received := t.received.Stats()
			c := counters{at: now, bytes: received.Bytes, expected: received.Expected, lost: received.Lost(), loss: -1, jitter: received.Jitter}
			if t.video == nil {
				q.Audio = l.meter.track(meterKey{id, false, false}, c)
				continue
			}
			s := t.video.Stats()
			c.frames, c.width, c.height = s.Frames, s.Width, s.Height
			q.Video = l.meter.track(meterKey{id, false, true}, c)
		}
		if q.Audio != nil || q.Video != nil {
			e.events.post(q)
		}
	}
	l.meter.forget(now)
}

// reportQuality tells, on the loop, how everybody's network is: the user's own
// as measured here, the others' as the server grades them.
func (e *Engine) reportQuality() {
	l := e.login
	if l == nil || l.state == RoomDisconnected {
		return
	}
	l.quality = e.ownQuality(l)
	e.events.post(NetworkQuality{Quality: l.quality})
	for _, id := range slices.Sorted(maps.Keys(l.users)) {
		e.events.post(NetworkQuality{UserID: id, Quality: l.grades[id]})
	}
}

func (e *Engine) ownQuality(l *login) Quality {
	if l.visit == nil {
		l.meter.missed = heartbeatsLost
		return QualityDie
	}
	received, ok := l.visit.heartbeat()
	if !ok {
		return QualityUnknown
	}
	if received == l.meter.beats {
		l.meter.missed++
	} else {
		l.meter.beats, l.meter.missed = received, 0
	}
	loss := 0.0
	if _, audio, video := l.publisher.sent(); audio != nil || video != nil {
		for _, t := range []*sentTrack{audio, video} {
			if t != nil {
				loss = max(loss, t.stats().loss)
			}
		}
	}
	return gradeNetwork(l.visit.roundTrip(), loss, l.meter.missed)
}

// gradeNetwork grades a connection as people take it: ITU-T G.114 puts the
// limits of a conversation at 150 and 400 ms one way, and a loss that
// concealment hides ends at a few of a hundred.
func gradeNetwork(rtt time.Duration, loss float64, missed int) Quality {
	switch {
	case missed >= heartbeatsLost:
		return QualityDie
	case missed > 0 || rtt > 600*time.Millisecond || loss > 0.10:
		return QualityBad
	case rtt > 300*time.Millisecond || loss > 0.05:
		return QualityMedium
	case rtt > 120*time.Millisecond || loss > 0.015:
		return QualityGood
	default:
		return QualityExcellent
	}
}

// heartbeat counts what came over the media connection: media, reports, or
// answers to the checks that go on where nothing else does.
func (v *visit) heartbeat() (received int64, ok bool) {
	stats, ok := pairStats(v.room.LocalParticipant.GetPublisherPeerConnection())
	return int64(stats.BytesReceived) + int64(stats.ResponsesReceived), ok
}

package session

import (
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"parley/session/media"
)

// codecs are what is offered and taken, redundant sound included, which the SDK
// leaves out of its own list. Of pictures they are those that can be shown: of a
// sender with another codec the server asks for its backup then, as VP8.
func codecs() lksdk.ConnectOption {
	var list []livekit.Codec
	for _, mime := range []string{webrtc.MimeTypeOpus, mimeRED, webrtc.MimeTypeVP8, webrtc.MimeTypeVP9} {
		list = append(list, livekit.Codec{Mime: mime})
	}
	return lksdk.WithCodecs(list)
}

// unshowable is the codec of a published picture that can't be decoded, in none of
// those that its sender has; empty where it can be, or nobody knows.
func unshowable(track *livekit.TrackInfo) string {
	if track.GetType() != livekit.TrackType_VIDEO {
		return ""
	}
	found := track.GetMimeType()
	for _, codec := range track.GetCodecs() {
		if media.CanShow(codec.GetMimeType()) {
			return ""
		}
		if found == "" {
			found = codec.GetMimeType()
		}
	}
	if media.CanShow(found) {
		return ""
	}
	return found
}

// cannotShow tells the handler that something of a stream can't be played; the
// rest of it may be.
func (e *Engine) cannotShow(p *player, err error) {
	e.log.Warn("a track can't be played", "stream", p.streamID, "error", err)
	e.events.post(PlayerStateChanged{StreamID: p.streamID, State: p.state, Err: err})
}

// backupWithin is how long a sender has for its first picture in another codec, once
// it was asked for that.
const backupWithin = 10 * time.Second

// backup is a sender's second codec on its way: what the first one can't show.
type backup struct {
	since time.Time
	codec string // the first
}

// awaitBackup notes that pictures of a track come in another codec than its sender's
// first, if at all: some senders promise a backup and do not send it.
func (p *player) awaitBackup(pub *lksdk.RemoteTrackPublication, now time.Time) {
	if first := pub.MimeType(); pub.Kind() == lksdk.TrackKindVideo && first != "" && !media.CanShow(first) {
		p.backups[pub.SID()] = &backup{now, first}
	}
}

// missBackups tells, on the loop, what can't be shown because no backup came.
func (e *Engine) missBackups(now time.Time) {
	l := e.login
	if l == nil || l.visit == nil || l.state != RoomConnected {
		return
	}
	for _, p := range l.players {
		if len(p.backups) == 0 {
			continue
		}
		for _, pub := range publications(l.visit, p) {
			sid := pub.SID()
			b := p.backups[sid]
			switch {
			case b == nil:
			case pub.IsMuted() || !pub.IsEnabled():
				b.since = now // nothing is to come
			case now.Sub(b.since) >= backupWithin:
				delete(p.backups, sid)
				e.cannotShow(p, &media.CodecError{MimeType: b.codec})
			}
		}
	}
}

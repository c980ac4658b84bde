package session

import (
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"parley/session/media"
)

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

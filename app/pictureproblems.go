package app

import (
	"errors"
	"time"

	"parley/session"
	"parley/session/media"
)

// frozenFrom is for how long a picture stands before that is said; a screen sends
// the same one once a second.
const frozenFrom, frozenFromScreen = time.Second, 3 * time.Second

// stood notes which pictures stand still.
func (r *room) stood(stats session.Stats) {
	for _, s := range stats.Play {
		p := r.streams[s.StreamID]
		if p == nil || s.Video == nil {
			continue
		}
		from := frozenFrom
		if p.stream.Screen {
			from = frozenFromScreen
		}
		p.frozen = s.Video.Stood > from && !p.stream.Video.Muted
	}
}

// played notes of which stream the picture can't be shown.
func (r *room) played(e session.PlayerStateChanged) {
	p := r.streams[e.StreamID]
	if p == nil {
		return
	}
	var codec *media.CodecError
	if errors.As(e.Err, &codec) {
		p.unplayable = codec.Name()
		r.show()
	}
}

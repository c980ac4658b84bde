package app

import (
	"errors"

	"parley/session"
	"parley/session/media"
)

// stood notes which pictures stand still.
func (r *room) stood(stats session.Stats) {
	for _, s := range stats.Play {
		p := r.streams[s.StreamID]
		if p == nil || s.Video == nil {
			continue
		}
		p.frozen = s.Video.Stands && !p.stream.Video.Muted
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

// pictured notes that the picture of a stream can be shown, as where its sender
// took another codec.
func (r *room) pictured(e session.FirstVideoFrame) {
	if p := r.streams[e.StreamID]; p != nil && p.unplayable != "" {
		p.unplayable = ""
		r.show()
	}
}

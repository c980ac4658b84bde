package app

import "parley/views/video"

// shareScreen asks what to share, and shares it.
func (r *room) shareScreen() { r.view.Notice(r.c.loc.T("notice.share.none")) }

// stopSharing ends it.
func (r *room) stopSharing() {}

// screenOf is the picture of a shared screen; nil while it sends none.
func screenOf(p *playing) *video.Feed {
	if !p.stream.Video.Present || p.stream.Video.Muted {
		return nil
	}
	return p.feed
}

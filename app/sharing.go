package app

import (
	"context"
	"errors"

	"parley/devices"
	"parley/session"
	"parley/views/call"
	"parley/views/video"
)

// sharing is what the user shows of their screen.
type sharing struct {
	busy   bool               // a list is made, or a screen opened
	asking context.CancelFunc // while the desktop asks what to share
	on     bool               // something is shared
	name   string             // of it
}

// shareScreen asks what to share, and shares it. While the desktop asks, it takes
// the question back: a dialogue that got lost is no reason never to share again.
func (r *room) shareScreen() {
	if r.sharing.asking != nil {
		r.sharing.asking()
	}
	if r.sharing.busy || r.sharing.on {
		return
	}
	r.sharing.busy = true
	r.c.work.Go(func() {
		list, err := r.c.engine.ListScreens(r.c.ctx)
		sound := r.c.engine.CheckSharingSound(r.c.ctx) == nil
		r.c.dispatch(func() {
			r.sharing.busy = false
			if err != nil || len(list) == 0 {
				r.notShared("no screen can be listed", err, "notice.share.none")
				return
			}
			if list[0].Asks && !sound {
				r.share(list[0].ID, list, false)
				return
			}
			r.view.ChooseScreen(screens(list), r.soundSwitch(sound), func(id string) { r.share(id, list, sound) })
		})
	})
}

// screens are those of a list as the view shows them.
func screens(list []devices.ScreenSource) []call.Screen {
	out := make([]call.Screen, 0, len(list))
	for _, s := range list {
		out = append(out, call.Screen{ID: s.ID, Name: s.Name, Window: s.Window, Asks: s.Asks, Width: s.Width, Height: s.Height, Thumbnail: s.Thumbnail})
	}
	return out
}

// soundSwitch is that of the chooser; nil where no sound can be shared.
func (r *room) soundSwitch(available bool) *call.SoundSwitch {
	if !available {
		return nil
	}
	return &call.SoundSwitch{On: r.c.preferences.ShareSound, Changed: func(on bool) {
		r.c.preferences.ShareSound = on
		r.c.save()
	}}
}

func (r *room) share(id string, list []devices.ScreenSource, sound bool) {
	name := ""
	for _, s := range list {
		if s.ID == id && s.Window { // the names of screens tell nobody anything
			name = s.Name
		}
	}
	ctx, cancel := context.WithCancel(r.c.ctx)
	r.sharing.busy = true
	sound = sound && r.c.preferences.ShareSound
	if list[0].Asks {
		r.sharing.asking = cancel
	}
	r.c.work.Go(func() {
		defer cancel()
		err := r.c.engine.StartSharing(ctx, id)
		if err == nil && sound {
			r.shareSound(id)
		}
		r.c.dispatch(func() {
			r.sharing.busy, r.sharing.asking = false, nil
			if err != nil {
				r.notShared("a screen can't be shared", err, "notice.share.failed")
				return
			}
			r.sharing = sharing{on: true, name: name}
			r.show()
		})
	})
}

// shareSound adds what the computer plays, off the UI thread.
func (r *room) shareSound(id string) {
	err := r.c.engine.ShareSound(r.c.ctx, id)
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, session.ErrState) { // it has ended meanwhile
		return
	}
	r.c.dispatch(func() { r.sharingSoundEnded(err) })
}

// sharingSoundEnded is told that a screen is shared without its sound from now on.
func (r *room) sharingSoundEnded(err error) {
	r.c.log.Warn("the sound is not shared", "error", err)
	r.notice(r.c.loc.T("notice.share.silent"))
}

// notShared says what went wrong.
func (r *room) notShared(what string, err error, otherwise string) {
	if errors.Is(err, context.Canceled) || errors.Is(err, devices.ErrNotChosen) {
		return
	}
	if err != nil {
		r.c.log.Warn(what, "error", err)
	}
	switch {
	case errors.Is(err, devices.ErrNoPortal):
		otherwise = "notice.share.portal"
	case errors.Is(err, devices.ErrNoPipeWire):
		otherwise = "notice.share.pipewire"
	case errors.Is(err, devices.ErrNotBuilt):
		otherwise = "notice.share.unbuilt"
	case errors.Is(err, devices.ErrDenied):
		otherwise = "notice.share.denied"
	}
	if otherwise == "notice.share.none" {
		r.notice(r.c.loc.T(otherwise))
		return
	}
	r.failed(otherwise, err)
}

// stopSharing ends it.
func (r *room) stopSharing() {
	if !r.sharing.on {
		return
	}
	r.sharing = sharing{}
	r.show()
	r.c.do(func() {
		if err := r.c.engine.StopSharing(); err != nil && !errors.Is(err, session.ErrState) {
			r.c.log.Warn("sharing was not ended", "error", err)
		}
	})
}

// sharingEnded is told that what was shared is gone.
func (r *room) sharingEnded() {
	r.sharing = sharing{}
	r.notice(r.c.loc.T("notice.share.ended"))
	r.show()
}

// screenOf is the picture of a shared screen; nil while it sends none.
func screenOf(p *playing) *video.Feed {
	if !p.stream.Video.Present || p.stream.Video.Muted {
		return nil
	}
	return p.feed
}

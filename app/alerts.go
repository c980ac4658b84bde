package app

import (
	"time"

	"fyne.io/fyne/v2"

	"parley/session"
	"parley/session/chat"
	"parley/session/media"
)

// tones are the notes of what is told by a sound.
type tones []tone

// Tunes are short and soft: up for who comes, down for who leaves.
func joinedTune() tones  { return tones{{0, 523.25, 0.12}, {0.12, 659.25, 0.12}} }
func leftTune() tones    { return tones{{0, 659.25, 0.12}, {0.12, 523.25, 0.12}} }
func messageTune() tones { return tones{{0, 880, 0.1}} }
func handTune() tones    { return tones{{0, 659.25, 0.1}, {0.1, 783.99, 0.1}, {0.2, 987.77, 0.12}} }

// alertMost is how old a message may be to be told: what came while one was
// away is in the list.
const alertMost = 30 * time.Second

// play plays a sound in a call, where the person wants any.
func (c *controller) play(t tones) {
	if c.preferences.SoundsOff {
		return
	}
	c.playBeside(t.samples(700 * time.Millisecond))
}

// playBeside plays beside the call.
func (c *controller) playBeside(samples []float32) {
	clip := media.NewClip(samples)
	c.engine.PlayClip(clip)
	c.work.Go(func() {
		defer c.engine.StopClip(clip)
		select {
		case <-c.ctx.Done():
		case <-clip.Done():
		case <-time.After(clipPatience): // no speaker plays it
		}
	})
}

const clipPatience = 5 * time.Second

// notify shows a notification of the system while another window is in front.
func (c *controller) notify(title, text string) {
	if c.preferences.NotificationsOff || c.inFront {
		return
	}
	note := fyne.NewNotification(title, text)
	c.work.Go(func() { c.sendNotification(note) }) // the system may take its time
}

// wrote tells that somebody else wrote.
func (r *room) wrote(m chat.Message) {
	if time.Since(m.Time) > alertMost {
		return
	}
	c := r.c
	if !r.chatOpen || !c.inFront {
		c.play(messageTune())
	}
	c.notify(c.loc.Tf("notification.message", map[string]any{"Name": author(m), "Room": r.id}), c.summary(m))
}

// summary is a message in a line.
func (c *controller) summary(m chat.Message) string {
	switch m.Kind {
	case chat.KindImage:
		return c.loc.T("chat.kind.picture") + " " + m.Text
	case chat.KindVoice:
		return c.loc.T("chat.kind.voice")
	case chat.KindFile:
		return c.loc.T("chat.kind.file") + " " + m.Text
	default:
		return m.Text
	}
}

// moved tells that somebody came, or left.
func (r *room) moved(u session.User, came bool) {
	if r.c.early != nil {
		return // they were there before
	}
	if !came {
		r.c.play(leftTune())
		return
	}
	r.c.play(joinedTune())
	r.c.notify(r.c.loc.T("app.name"), r.c.loc.Tf("notification.joined", map[string]any{"Name": displayName(u), "Room": r.id}))
}

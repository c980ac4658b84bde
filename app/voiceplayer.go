package app

import (
	"context"
	"time"

	"parley/session/chat/voice"
	"parley/session/media"
	chatview "parley/views/chat"
)

// voicePlayer plays one voice message at a time, and after one that was new
// the next.
type voicePlayer struct {
	t      *talk
	id     string // what is played
	cancel context.CancelFunc
}

// positionEvery is how often it is shown how far a voice message is.
const positionEvery = 60 * time.Millisecond

// toggle plays a message, or stops it.
func (p *voicePlayer) toggle(id string) {
	playing := p.id
	p.stop()
	if playing != id {
		p.play(id)
	}
}

func (p *voicePlayer) stop() {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
		p.t.r.chat.SetVoice(p.id, false, 0)
	}
	p.id = ""
}

func (p *voicePlayer) play(id string) {
	file, ok := p.t.files[id]
	if !ok {
		return
	}
	c := p.t.r.c
	ctx, cancel := context.WithCancel(c.ctx)
	p.id, p.cancel = id, cancel
	m, _ := p.t.r.chat.Message(id)
	fresh := !m.Heard && !m.Own
	c.work.Go(func() {
		defer cancel()
		path, err := c.store.Files().Path(file.SHA256)
		if err != nil {
			if err := p.t.conversation.Download(ctx, id); err != nil && ctx.Err() == nil {
				c.log.Info("a voice message can't be brought", "error", err)
			}
			c.dispatch(func() { p.ended(id, false) })
			return
		}
		var pcm []float32
		if _, err := voice.Decode(path, func(part []float32) error {
			pcm = append(pcm, part...)
			return ctx.Err()
		}); err != nil {
			if ctx.Err() == nil {
				c.log.Warn("a voice message can't be played", "error", err)
				c.dispatch(func() {
					p.ended(id, false)
					p.t.r.view.Notice(c.loc.T("notice.voice.damaged"))
				})
			}
			return
		}
		if err := p.t.conversation.History().SetHeard(ctx, id); err != nil && ctx.Err() == nil {
			c.log.Warn("that a voice message was heard was not kept", "error", err)
		}
		c.dispatch(func() { p.t.r.chat.Change(id, func(m *chatview.Message) { m.Heard = true }) })
		clip := media.NewClip(pcm)
		c.engine.PlayClip(clip)
		defer c.engine.StopClip(clip)
		tick := time.NewTicker(positionEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-clip.Done():
				c.dispatch(func() { p.ended(id, fresh) })
				return
			case <-tick.C:
				at := clip.Position()
				c.dispatch(func() {
					if p.id == id {
						p.t.r.chat.SetVoice(id, true, at)
					}
				})
			}
		}
	})
}

// ended goes on with the next message where this one was new.
func (p *voicePlayer) ended(id string, goOn bool) {
	if p.id != id {
		return
	}
	p.stop()
	if next := p.t.r.chat.NextVoice(id); goOn && next != "" {
		p.play(next)
	}
}

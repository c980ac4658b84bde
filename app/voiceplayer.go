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
	clip   *media.Clip
	cancel context.CancelFunc
	speed  float32 // 0 is 1
}

// positionEvery is how often it is shown how far a voice message is.
const positionEvery = 60 * time.Millisecond

// toggle plays a message, or stops it.
func (p *voicePlayer) toggle(id string) {
	playing := p.id
	p.stop()
	if playing != id {
		p.play(id, 0)
	}
}

// seek goes on from a place, and begins a message that is not played.
func (p *voicePlayer) seek(id string, position float32) {
	if p.id == id {
		if p.clip != nil {
			p.clip.Seek(position)
			p.t.r.chat.SetVoice(id, true, position, p.speed)
		}
		return
	}
	p.stop()
	p.play(id, position)
}

// faster goes from once to one and a half times and twice as fast, and back.
func (p *voicePlayer) faster() {
	switch p.speed {
	case 1.5:
		p.speed = 2
	case 2:
		p.speed = 1
	default:
		p.speed = 1.5
	}
	if id, clip := p.id, p.clip; clip != nil {
		at := clip.Position()
		p.stop()
		p.play(id, at)
	}
}

func (p *voicePlayer) stop() {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
		p.t.r.chat.SetVoice("", false, 0, 0)
	}
	p.id, p.clip = "", nil
}

func (p *voicePlayer) play(id string, from float32) {
	file, ok := p.t.files[id]
	if !ok {
		return
	}
	c := p.t.r.c
	ctx, cancel := context.WithCancel(c.ctx)
	p.id, p.cancel = id, cancel
	m, _ := p.t.r.chat.Message(id)
	fresh, speed := !m.Heard && !m.Own, max(p.speed, 1)
	p.t.r.chat.SetVoice(id, true, from, speed)
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
					p.t.r.failed("notice.voice.damaged", err)
				})
			}
			return
		}
		if err := p.t.conversation.History().SetHeard(ctx, id); err != nil && ctx.Err() == nil {
			c.log.Warn("that a voice message was heard was not kept", "error", err)
		}
		c.dispatch(func() { p.t.r.chat.Change(id, func(m *chatview.Message) { m.Heard = true }) })
		clip := media.NewClip(media.Stretch(pcm, speed))
		clip.Seek(from)
		c.dispatch(func() {
			if p.id == id {
				p.clip = clip
			}
		})
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
						p.t.r.chat.SetVoice(id, true, at, speed)
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
		p.play(next, 0)
	}
}

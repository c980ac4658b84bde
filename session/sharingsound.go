package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"

	"parley/devices"
	"parley/session/media"
)

// SharingSoundEnded fires when what the computer plays is not shared any more,
// though the screen still is.
type SharingSoundEnded struct{ Err error }

func (SharingSoundEnded) event() {}

// CheckSharingSound tells whether ShareSound can do anything here; the error wraps
// devices.ErrNotFound where it can't. It may take a while.
func (e *Engine) CheckSharingSound(ctx context.Context) error {
	opener, ok := e.profile.Devices.(devices.ScreenSoundOpener)
	if !ok {
		return fmt.Errorf("share sound: %w", devices.ErrNotFound)
	}
	return opener.CheckScreenSound(ctx)
}

// ShareSound adds what the computer plays to the stream that StartSharing began
// with this ID, until that ends. What this process plays is not in it. Without
// such a stream, or twice, it is ErrState.
func (e *Engine) ShareSound(ctx context.Context, id string) error {
	opener, ok := e.profile.Devices.(devices.ScreenSoundOpener)
	if !ok {
		return fmt.Errorf("share sound: %w", devices.ErrNotFound)
	}
	mix, err := media.NewSharedSound()
	if err != nil {
		return fmt.Errorf("share sound: %w", err)
	}
	source, err := opener.OpenScreenSound(ctx, id, mix, func(err error) { e.post(func() { e.sharingSoundLost(mix, err) }) })
	if err != nil {
		mix.Close()
		return fmt.Errorf("share sound: %w", err)
	}
	err = e.call(func() error {
		l := e.login
		if l == nil || l.sharing == nil || !e.screen.active() || e.screen.sound.active() {
			return fmt.Errorf("share sound: no screen is shared without any: %w", ErrState)
		}
		e.screen.sound.begin(mix, source)
		l.sharing.signal()
		return nil
	})
	if err != nil {
		err = errors.Join(err, source.Close())
		mix.Close()
	}
	return err
}

// sharingSoundLost is told, on the loop, that a sound ended by itself.
func (e *Engine) sharingSoundLost(mix *media.SharedSound, err error) {
	if !e.screen.sound.is(mix) {
		return
	}
	e.screen.sound.end(e.spawn)
	if e.login != nil && e.login.sharing != nil {
		e.login.sharing.signal()
	}
	e.events.post(SharingSoundEnded{Err: err})
}

// soundDesk holds the sound that is shared beside a screen.
type soundDesk struct {
	mu       sync.Mutex
	mix      *media.SharedSound // nil while none is shared
	source   io.Closer
	writer   media.SampleWriter
	recorder func([]float32)
	line     media.Line // as it is believed to be
}

// begin sends a sound; both are the desk's from now on.
func (d *soundDesk) begin(mix *media.SharedSound, source io.Closer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mix, d.source, d.line = mix, source, media.Line{}
	mix.Record(d.recorder)
	mix.SendTo(d.writer)
}

// end frees the sound, on a goroutine of its own, for it may wait.
func (d *soundDesk) end(spawn func(func())) {
	d.mu.Lock()
	defer d.mu.Unlock()
	mix, source := d.mix, d.source
	if mix == nil {
		return
	}
	d.mix, d.source = nil, nil
	spawn(func() {
		_ = source.Close()
		mix.Close()
	})
}

func (d *soundDesk) sendTo(w media.SampleWriter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writer = w; d.mix != nil {
		d.mix.SendTo(w)
	}
}

// record gives what is shared to f; nil ends it.
func (d *soundDesk) record(f func([]float32)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.recorder = f; d.mix != nil {
		d.mix.Record(f)
	}
}

func (d *soundDesk) active() bool { return !d.is(nil) }

func (d *soundDesk) is(mix *media.SharedSound) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mix == mix
}

// reported takes a report of the line.
func (d *soundDesk) reported(l media.Line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	memory := media.LossMemory{Believed: d.line.Loss}
	l.Loss = memory.Report(l.Loss)
	if d.line = l; d.mix != nil {
		d.mix.Over(l)
	}
}

// copies is how many earlier packets each one is to carry: of so many bits, none
// where next to nothing is lost.
func (d *soundDesk) copies() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.line.Copies() - 1
}

// stats are the level, and the bytes that were encoded.
func (d *soundDesk) stats() (level int, bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mix == nil {
		return 0, 0
	}
	return d.mix.Level(), d.mix.Bytes()
}

// settleSound publishes the sound beside a screen, or ends that, as it is there.
func (p *publisher) settleSound() error {
	active := p.e.screen.sound.active()
	switch {
	case p.sound != nil && !active:
		p.dropSound()
	case p.sound == nil && active:
		return p.publishSound()
	}
	return nil
}

func (p *publisher) publishSound() error {
	visit, desk := p.current.visit, &p.e.screen.sound
	sent := &sentTrack{clock: devices.SampleRate, lost: func(part float64) {
		desk.reported(media.Line{Loss: part, Bandwidth: visit.bandwidth.bits(), Picture: true})
	}}
	track := newVoiceTrack(desk.copies, visit.reports, func(r rtcp.ReceptionReport) { sent.report(r, time.Now()) })
	pub, err := visit.room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
		Name: streamNamePrefix + p.current.streamID, Source: livekit.TrackSource_SCREEN_SHARE_AUDIO, Stereo: true, DisableDTX: true,
	})
	if err != nil {
		return fmt.Errorf("publish the sound of the screen: %w", err)
	}
	p.sound = pub
	p.note(func(s *sentStream) { s.audio = sent })
	desk.sendTo(sent.counted(track.write))
	return nil
}

// dropSound ends what publishSound began.
func (p *publisher) dropSound() {
	p.e.screen.sound.sendTo(nil)
	p.unpublish(p.sound)
	p.sound = nil
}

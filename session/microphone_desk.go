package session

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"parley/devices"
	"parley/session/media"
)

// microphoneDesk holds the microphone.
type microphoneDesk struct {
	desk[media.Microphone]
	muted atomic.Bool
	music atomic.Bool
	line  atomic.Pointer[media.Line] // as it is believed to be

	recorder atomic.Pointer[func([]float32)]

	// Owned by the desk's lock.
	monitored bool
	writer    media.SampleWriter
	listener  func([]float32)
	silent    bool // it was told that the open one gives only zeros
}

func newMicrophoneDesk(opener devices.Opener, care deviceCare, voice media.VoiceProcessor, reference *media.Reference, post func(Event), spawn func(func())) *microphoneDesk {
	d := &microphoneDesk{}
	d.line.Store(&media.Line{})
	d.desk = desk[media.Microphone]{
		kind: devices.Microphone, opener: opener, post: post, care: care,
		open: func(ctx context.Context, name string) (*media.Microphone, error) {
			source, err := opener.OpenMicrophone(ctx, name)
			if err != nil {
				return nil, err
			}
			var m *media.Microphone
			ready := make(chan struct{})
			processor := voice
			if !devices.Hardware(name) {
				processor = nil // it hears no room
			}
			m, err = media.NewMicrophone(source, d.muted.Load(), processor, reference, func(err error) {
				spawn(func() {
					<-ready
					d.lost(m, err)
				})
			})
			close(ready)
			if err != nil {
				_ = source.Close()
				return nil, err
			}
			return m, nil
		},
		opened: func(m *media.Microphone) {
			m.SetMuted(d.muted.Load()) // mute may have come while it opened
			m.SendTo(d.writer)
			m.Listen(d.listener)
			m.Record(d.said)
			m.Over(*d.line.Load())
			m.SetMusic(d.music.Load())
			d.silent = false
		},
		shutDown: func(m *media.Microphone) { _ = m.Close() },
		progress: func(m *media.Microphone) int64 { return m.Captured() },
		wanted:   func() bool { return d.monitored || d.writer != nil || d.listener != nil },
		gaveUp:   func() {},
	}
	return d
}

// mute does not wait for a device that is just being opened: the gate has to
// shut now.
func (d *microphoneDesk) mute(on bool) {
	d.muted.Store(on)
	if m := d.current.Load(); m != nil {
		m.SetMuted(on)
		return
	}
	if !on {
		d.change(func() { d.failed = false })
	}
}

func (d *microphoneDesk) monitor(on bool) {
	d.change(func() { d.monitored, d.failed = on, false })
}

func (d *microphoneDesk) sendTo(w media.SampleWriter) {
	d.change(func() {
		d.writer = w
		if m := d.current.Load(); m != nil {
			m.SendTo(w)
		}
	})
}

// listen gives what is captured to f, and keeps the device open for it.
func (d *microphoneDesk) listen(f func([]float32)) {
	d.change(func() {
		d.listener = f
		if f != nil {
			d.failed = false
		}
		if m := d.current.Load(); m != nil {
			m.Listen(f)
		}
	})
}

// record gives what is sent to f, which does not wait for a device either.
func (d *microphoneDesk) record(f func([]float32)) {
	if f == nil {
		d.recorder.Store(nil)
		return
	}
	d.recorder.Store(&f)
}

func (d *microphoneDesk) said(pcm []float32) {
	if record := d.recorder.Load(); record != nil {
		(*record)(pcm)
	}
}

// look also notices a microphone that gives nothing but zeros: one that is
// switched off at its cable, or that the system keeps shut.
func (d *microphoneDesk) look(ctx context.Context, now time.Time) {
	d.desk.look(ctx, now)
	d.mu.Lock()
	defer d.mu.Unlock()
	m := d.current.Load()
	if m == nil || !devices.Hardware(d.name) {
		return
	}
	switch silent := now.Sub(m.LastSound()) > d.care.silence; {
	case silent == d.silent:
	case silent && d.muted.Load(): // nobody misses it
	default:
		d.silent = silent
		if silent {
			d.tell(fmt.Errorf("microphone %q: %w", d.name, devices.ErrSilent))
		} else {
			d.tell(nil)
		}
	}
}

// sounding reports whether sound leaves: a microphone is open and not muted.
func (d *microphoneDesk) sounding() bool { return !d.muted.Load() && d.current.Load() != nil }

// reported takes a report of the line. It is called on one goroutine a track.
func (d *microphoneDesk) reported(l media.Line) {
	memory := media.LossMemory{Believed: d.line.Load().Loss}
	l.Loss = memory.Report(l.Loss)
	d.line.Store(&l)
	if m := d.current.Load(); m != nil {
		m.Over(l)
	}
}

// sendMusic sends the sound as it is.
func (d *microphoneDesk) sendMusic(on bool) {
	d.music.Store(on)
	if m := d.current.Load(); m != nil {
		m.SetMusic(on)
	}
}

// copies is how many earlier packets each one is to carry.
func (d *microphoneDesk) copies() int {
	return d.line.Load().Copies()
}

func (d *microphoneDesk) isOpen() bool { return d.current.Load() != nil }

func (d *microphoneDesk) level() int {
	if m := d.current.Load(); m != nil {
		return m.Level()
	}
	return 0
}

// bytes counts what was encoded.
func (d *microphoneDesk) bytes() int64 {
	if m := d.current.Load(); m != nil {
		return m.Bytes()
	}
	return 0
}

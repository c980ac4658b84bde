package session

import (
	"context"
	"sync/atomic"

	"parley/devices"
	"parley/session/media"
)

// speaker is an open speaker, and counts what it took.
type speaker struct {
	output devices.AudioOutput
	taken  atomic.Int64
}

// speakerDesk holds the speaker.
type speakerDesk struct {
	desk[speaker]
	inCall bool // owned by the desk's lock
}

func newSpeakerDesk(opener devices.Opener, care deviceCare, render devices.Render, reference *media.Reference, post func(Event)) *speakerDesk {
	d := &speakerDesk{}
	d.desk = desk[speaker]{
		kind: devices.Speaker, opener: opener, post: post, care: care,
		open: func(ctx context.Context, name string) (*speaker, error) {
			s, heard := &speaker{}, devices.Hardware(name)
			var err error
			s.output, err = opener.OpenSpeaker(ctx, name, func(dst []float32) {
				render(dst)
				if heard {
					reference.Write(dst)
				}
				s.taken.Add(int64(len(dst)))
			})
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		opened:   func(*speaker) {},
		shutDown: func(s *speaker) { _ = s.output.Close() },
		progress: func(s *speaker) int64 { return s.taken.Load() },
		wanted:   func() bool { return d.inCall },
		gaveUp:   func() {},
	}
	return d
}

// want opens the speaker for a call, or closes it after one.
func (d *speakerDesk) want(on bool) {
	d.change(func() { d.inCall, d.failed = on, false })
}

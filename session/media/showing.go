package media

import (
	"context"
	"time"

	"parley/devices"
)

// showingMost is how many pictures wait for their sound at most.
const showingMost = 16

// showing gives pictures to a sink, each when it is due. It owns the pictures
// that wait.
type showing struct {
	sink VideoSink
	wait chan shownFrame
	done chan struct{}
}

type shownFrame struct {
	frame *devices.Frame
	due   time.Time
}

func startShowing(ctx context.Context, sink VideoSink) *showing {
	s := &showing{sink: sink, wait: make(chan shownFrame, showingMost), done: make(chan struct{})}
	go s.run(ctx)
	return s
}

func (s *showing) run(ctx context.Context) {
	defer close(s.done)
	timer := time.NewTimer(0)
	<-timer.C
	for f := range s.wait {
		// Where many wait the clock is wrong, or the program was not let run.
		if wait := time.Until(f.due); wait > 0 && len(s.wait) < showingMost-1 {
			timer.Reset(min(wait, pictureWait))
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}
		if ctx.Err() == nil {
			s.sink.Show(f.frame)
		}
		f.frame.Release()
	}
}

// show takes the caller's reference.
func (s *showing) show(f *devices.Frame, due time.Time) { s.wait <- shownFrame{f, due} }

// end waits until nothing waits any more.
func (s *showing) end() {
	close(s.wait)
	<-s.done
}

package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parley/session/chat/voice"
)

// Recording is a voice message while it is spoken. It ends by itself at the
// limit of a voice message.
type Recording struct {
	engine   *Engine
	recorder *voice.Recorder
	path     string
	pcm      chan *[]float32
	flush    chan chan error
	pool     sync.Pool
	cancel   context.CancelFunc
	done     chan struct{}
	err      error // of the disk; after done
	once     sync.Once
}

// recordingBacklog is how much waits for a slow disk, in 10 ms.
const recordingBacklog = 300

// RecordVoice records the microphone, muted or not, into a new file. told gets
// what a waveform shows of each 20 ms or so, and how long it is by now, on a
// goroutine of the recording. A microphone that can't be opened comes as
// DeviceChanged.
func (e *Engine) RecordVoice(path string, told func(level byte, length time.Duration)) (*Recording, error) {
	recorder, err := voice.NewRecorder(path)
	if err != nil {
		return nil, err
	}
	r := &Recording{engine: e, recorder: recorder, path: path, pcm: make(chan *[]float32, recordingBacklog), flush: make(chan chan error), done: make(chan struct{})}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(e.ctx)
	e.spawn(func() { r.write(ctx, told) })
	e.microphone.listen(r.capture)
	return r, nil
}

// capture copies, and drops what a disk that stands still leaves no room for.
func (r *Recording) capture(pcm []float32) {
	buffer, ok := r.pool.Get().(*[]float32)
	if !ok {
		buffer = new([]float32)
	}
	*buffer = append((*buffer)[:0], pcm...)
	select {
	case r.pcm <- buffer:
	default:
		r.pool.Put(buffer)
	}
}

func (r *Recording) write(ctx context.Context, told func(byte, time.Duration)) {
	defer close(r.done)
	for {
		select {
		case <-ctx.Done():
			return
		case answer := <-r.flush:
			answer <- r.recorder.Flush()
		case pcm := <-r.pcm:
			before := r.recorder.Duration()
			err := r.recorder.Write(*pcm)
			r.pool.Put(pcm)
			if err != nil {
				if !errors.Is(err, voice.ErrTooLong) {
					r.err = err
				}
				return
			}
			if now := r.recorder.Duration(); now/(20*time.Millisecond) != before/(20*time.Millisecond) {
				told(r.recorder.Level(), now)
			}
		}
	}
}

// Pause lets go of the microphone; what was recorded so far can be read from
// the file then.
func (r *Recording) Pause() error {
	r.engine.microphone.listen(nil)
	answer := make(chan error, 1)
	select {
	case r.flush <- answer:
		return <-answer
	case <-r.done:
		return r.err
	}
}

// Resume goes on after Pause.
func (r *Recording) Resume() { r.engine.microphone.listen(r.capture) }

// Done is closed when nothing more is recorded: at the limit, after an error,
// or after Stop.
func (r *Recording) Done() <-chan struct{} { return r.done }

func (r *Recording) end() {
	r.once.Do(func() {
		r.engine.microphone.listen(nil)
		r.cancel()
	})
	<-r.done
}

// ErrNoSound means that nothing was recorded.
var ErrNoSound = errors.New("nothing was recorded: is there a microphone?")

// Stop ends the recording and gives its file and length.
func (r *Recording) Stop() (path string, length time.Duration, err error) {
	r.end()
	length = r.recorder.Duration()
	if err := errors.Join(r.err, r.recorder.Close()); err != nil {
		return "", 0, fmt.Errorf("end the recording: %w", err)
	}
	if length == 0 {
		return "", 0, ErrNoSound
	}
	return r.path, length, nil
}

// Discard ends the recording and removes its file.
func (r *Recording) Discard() error {
	r.end()
	return r.recorder.Discard()
}

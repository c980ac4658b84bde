package session

import (
	"errors"
	"fmt"
	"time"

	"parley/session/chat"
	"parley/session/media"
)

// CallRecordingChanged fires when a recording of the call began or ended. Err
// says why one ended by itself; what was written until then is in the file.
type CallRecordingChanged struct {
	On     bool
	Path   string
	Length time.Duration // when it ended
	Err    error
}

func (CallRecordingChanged) event() {}

// callRecording is a recording of the call that is under way.
type callRecording struct {
	path     string
	recorder *media.CallRecorder
}

// StartCallRecording writes what is heard and said in the room to a new Ogg
// Opus file, until StopCallRecording or the logout. Everybody is told by a
// notice in the chat. Without a login, and while the call is recorded already,
// it is ErrState.
func (e *Engine) StartCallRecording(path string) error {
	return e.call(func() error {
		if e.login == nil || e.login.state == RoomDisconnected {
			return fmt.Errorf("record the call: not logged in: %w", ErrState)
		}
		if e.login.recording != nil {
			return fmt.Errorf("record the call: it is recorded already: %w", ErrState)
		}
		recorder, err := media.NewCallRecorder(path)
		if err != nil {
			return err
		}
		l, r := e.login, &callRecording{path: path, recorder: recorder}
		l.recording = r
		e.mixer.TapCall(recorder.Heard)
		e.microphone.record(recorder.Said)
		e.screen.sound.record(recorder.Shared)
		e.events.post(CallRecordingChanged{On: true, Path: path})
		e.tellRecording(l, chat.NoticeRecordingStarted)
		e.spawn(func() {
			<-recorder.Done()
			e.post(func() {
				if e.login == l && l.recording == r { // the disk took no more
					e.endRecording(l)
					e.tellRecording(l, chat.NoticeRecordingEnded)
				}
			})
		})
		return nil
	})
}

// StopCallRecording ends the recording. Without one it is ErrState.
func (e *Engine) StopCallRecording() error {
	return e.call(func() error {
		if e.login == nil || e.login.recording == nil {
			return fmt.Errorf("end the recording of the call: there is none: %w", ErrState)
		}
		e.endRecording(e.login)
		e.tellRecording(e.login, chat.NoticeRecordingEnded)
		return nil
	})
}

// endRecording closes the file, on the loop or when the login left it.
func (e *Engine) endRecording(l *login) {
	r := l.recording
	if r == nil {
		return
	}
	l.recording = nil
	e.mixer.TapCall(nil)
	e.microphone.record(nil)
	e.screen.sound.record(nil)
	length, err := r.recorder.Close()
	e.events.post(CallRecordingChanged{Path: r.path, Length: length, Err: err})
}

// tellRecording tells everybody in the room.
func (e *Engine) tellRecording(l *login, code chat.NoticeCode) {
	c := l.conversation.Load()
	if c == nil {
		return
	}
	l.work.Go(func() {
		if _, err := c.SendNotice(l.ctx, code); err != nil && !errors.Is(err, l.ctx.Err()) {
			e.log.Warn("a notice was not stored", "error", err)
		}
	})
}

package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"parley/session"
	"parley/session/chat"
	"parley/session/chat/voice"
	"parley/session/media"
	chatview "parley/views/chat"
)

// voiceRecorder records one voice message of a room. What is not sent stays on
// the disk, and is offered when the room is entered again. Its fields belong
// to the UI thread; the recording itself is used by the engine's calls only,
// which are done in their order.
type voiceRecorder struct {
	t         *talk
	path      string
	shown     chatview.Recording
	recording *session.Recording // of the calls
	listens   context.CancelFunc
	take      int          // counts the recordings: what an old one still tells is not of this one
	told      atomic.Int64 // when the levels were last shown, in Unix ms
	activity  time.Time
}

// recordingFile is where a room's recording is kept until it is sent.
func recordingFile(data string, key chat.RoomKey) string {
	sum := sha256.Sum256([]byte(key.Server + "\x00" + key.AppID + "\x00" + key.RoomID))
	return filepath.Join(data, "recordings", hex.EncodeToString(sum[:12])+".ogg")
}

func newVoiceRecorder(t *talk) *voiceRecorder {
	return &voiceRecorder{t: t, path: recordingFile(t.r.c.data, t.conversation.History().Key())}
}

// restore shows what was recorded before, and not sent.
func (v *voiceRecorder) restore() {
	c := v.t.r.c
	c.do(func() {
		info, err := voice.Inspect(v.path)
		if err != nil {
			if !errors.Is(err, os.ErrNotExist) {
				_ = os.Remove(v.path) // nothing in it can be heard
			}
			return
		}
		c.dispatch(func() {
			if v.shown.State == chatview.NotRecording {
				v.show(chatview.Recording{State: chatview.RecordingPaused, Levels: info.Waveform[:], Length: info.Duration, Closed: true})
			}
		})
	})
}

func (v *voiceRecorder) show(r chatview.Recording) {
	v.shown = r
	v.t.r.chat.SetRecording(r)
}

// levelEvery is how often the live waveform moves, activityEvery how often the
// others are told.
const (
	levelEvery    = 50 * time.Millisecond
	activityEvery = 2 * time.Second
)

// begin records from the microphone.
func (v *voiceRecorder) begin() {
	if v.shown.State != chatview.NotRecording {
		return
	}
	c := v.t.r.c
	v.t.voice.stop()
	v.show(chatview.Recording{State: chatview.RecordingNow})
	v.take++
	take := v.take
	c.do(func() {
		recording, err := v.open(take)
		if err != nil {
			c.log.Warn("a voice message can't be recorded", "error", err)
			c.dispatch(func() {
				v.show(chatview.Recording{})
				v.t.r.failed("notice.record.failed", err)
			})
			return
		}
		v.recording = recording
		c.work.Go(func() {
			select {
			case <-c.ctx.Done():
			case <-recording.Done():
				c.dispatch(func() {
					if v.take == take && v.shown.State == chatview.RecordingNow {
						v.full()
					}
				})
			}
		})
	})
}

func (v *voiceRecorder) open(take int) (*session.Recording, error) {
	if err := os.MkdirAll(filepath.Dir(v.path), 0o700); err != nil {
		return nil, err
	}
	if err := os.Remove(v.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return v.t.r.c.engine.RecordVoice(v.path, func(level byte, length time.Duration) {
		now := time.Now().UnixMilli()
		if now-v.told.Load() < levelEvery.Milliseconds() {
			return
		}
		v.told.Store(now)
		v.t.r.c.dispatch(func() {
			if v.take == take {
				v.level(level, length)
			}
		})
	})
}

// level shows how loud it is by now.
func (v *voiceRecorder) level(level byte, length time.Duration) {
	if v.shown.State != chatview.RecordingNow {
		return
	}
	v.shown.Levels, v.shown.Length = append(v.shown.Levels, level), length
	v.show(v.shown)
	if now := time.Now(); now.Sub(v.activity) > activityEvery {
		v.activity = now
		v.t.conversation.SetActivity(chat.Recording)
	}
}

// full shows a recording that reached its limit: it can be sent.
func (v *voiceRecorder) full() {
	v.shown.State, v.shown.Closed = chatview.RecordingPaused, true
	v.show(v.shown)
}

// pause lets go of the microphone for a while.
func (v *voiceRecorder) pause(on bool) {
	if v.shown.State == chatview.NotRecording || v.shown.Closed {
		return
	}
	v.silence()
	v.shown.State = chatview.RecordingNow
	if on {
		v.shown.State = chatview.RecordingPaused
		v.t.conversation.SetActivity(chat.Idle)
	}
	v.show(v.shown)
	c := v.t.r.c
	c.do(func() {
		switch {
		case v.recording == nil:
		case !on:
			v.recording.Resume()
		default:
			if err := v.recording.Pause(); err != nil {
				c.log.Warn("the recording was not kept", "error", err)
			}
		}
	})
}

// listen plays what was recorded so far.
func (v *voiceRecorder) listen(on bool) {
	v.silence()
	if v.shown.State == chatview.RecordingNow || v.shown.State == chatview.NotRecording {
		return
	}
	v.shown.State, v.shown.Position = chatview.RecordingPaused, 0
	if !on {
		v.show(v.shown)
		return
	}
	v.shown.State = chatview.RecordingPlayed
	v.show(v.shown)
	c := v.t.r.c
	ctx, cancel := context.WithCancel(c.ctx)
	v.listens = cancel
	c.work.Go(func() {
		defer cancel()
		var pcm []float32
		if _, err := voice.Decode(v.path, func(part []float32) error {
			pcm = append(pcm, part...)
			return ctx.Err()
		}); err != nil && ctx.Err() == nil {
			c.log.Warn("the recording can't be played", "error", err)
		}
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
				c.dispatch(func() {
					if ctx.Err() == nil && v.shown.State == chatview.RecordingPlayed {
						v.listen(false)
					}
				})
				return
			case <-tick.C:
				at := clip.Position()
				c.dispatch(func() {
					if ctx.Err() == nil && v.shown.State == chatview.RecordingPlayed {
						v.shown.Position = at
						v.show(v.shown)
					}
				})
			}
		}
	})
}

// silence ends what listen plays.
func (v *voiceRecorder) silence() {
	if v.listens != nil {
		v.listens()
		v.listens = nil
	}
}

// finish ends the recording with the calls of the engine; what came of it is
// in the file.
func (v *voiceRecorder) finish() error {
	if v.recording == nil {
		return nil // of another time
	}
	recording := v.recording
	v.recording = nil
	_, _, err := recording.Stop()
	return err
}

// send ends the recording and sends it.
func (v *voiceRecorder) send(replyTo string) {
	if v.shown.State == chatview.NotRecording {
		return
	}
	v.silence()
	v.show(chatview.Recording{})
	v.t.conversation.SetActivity(chat.Idle)
	c := v.t.r.c
	c.do(func() {
		err := v.finish()
		if err == nil {
			_, err = v.t.conversation.SendVoice(context.WithoutCancel(c.ctx), v.path, chat.Draft{ReplyTo: replyTo})
		}
		if err == nil || errors.Is(err, session.ErrNoSound) {
			_ = os.Remove(v.path)
		}
		if err != nil {
			c.log.Warn("a voice message was not sent", "error", err)
			words := "notice.send.failed"
			if errors.Is(err, session.ErrNoSound) {
				words = "notice.record.empty"
			}
			c.dispatch(func() { v.t.r.say(words, err) })
		}
	})
}

// discard throws the recording away.
func (v *voiceRecorder) discard() {
	if v.shown.State == chatview.NotRecording {
		return
	}
	v.silence()
	v.show(chatview.Recording{})
	v.t.conversation.SetActivity(chat.Idle)
	v.t.r.c.do(func() {
		if v.recording == nil {
			_ = os.Remove(v.path)
			return
		}
		if err := v.recording.Discard(); err != nil {
			v.t.r.c.log.Warn("a recording was not removed", "error", err)
		}
		v.recording = nil
	})
}

// keep ends the recording when the room is left, for the next time. It waits
// for that, off the UI thread.
func (v *voiceRecorder) keep() {
	c := v.t.r.c
	done := make(chan struct{})
	c.do(func() {
		defer close(done)
		if err := v.finish(); errors.Is(err, session.ErrNoSound) {
			_ = os.Remove(v.path)
		} else if err != nil {
			c.log.Warn("a recording was not kept", "error", err)
		}
	})
	select {
	case <-done:
	case <-c.ctx.Done():
	case <-time.After(keepWithin):
	}
}

// keepWithin bounds the wait for a device that hangs.
const keepWithin = 2 * time.Second

// microphoneFailed ends what records nothing.
func (v *voiceRecorder) microphoneFailed() {
	if v.shown.State == chatview.RecordingNow && v.shown.Length == 0 {
		v.discard()
	}
}

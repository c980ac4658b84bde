package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/session"
	"parley/session/chat"
)

// recordingsFolder is where recordings of calls are kept: among a person's
// documents, since they are theirs and not the program's.
func recordingsFolder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	documents := filepath.Join(home, "Documents")
	if info, err := os.Stat(documents); err != nil || !info.IsDir() {
		documents = home
	}
	return filepath.Join(documents, "Parley"), nil
}

// recordCall begins or ends a recording of the call.
func (c *controller) recordCall(on bool) {
	if c.room == nil {
		return
	}
	room := c.room.id
	c.do(func() {
		if !on {
			if err := c.engine.StopCallRecording(); err != nil {
				c.log.Debug("the recording of the call was not ended", "error", err)
			}
			return
		}
		folder, err := recordingsFolder()
		var path string
		if err == nil {
			path, err = recordingPath(folder, room, time.Now())
		}
		if err == nil {
			err = c.engine.StartCallRecording(path)
		}
		if err != nil && !errors.Is(err, session.ErrState) {
			c.log.Warn("the call is not recorded", "error", err)
			c.dispatch(func() {
				if c.room != nil {
					c.room.failed("notice.call.failed", err)
				}
			})
		}
	})
}

// recordingPath names a new file, after the room and the time.
func recordingPath(folder, room string, now time.Time) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("record the call: %w", err)
	}
	base := strings.TrimSuffix(chat.FileName(room+" "+now.Format("2006-01-02 15.04.05")+".ogg"), ".ogg")
	for n := 1; ; n++ {
		path := filepath.Join(folder, base+".ogg")
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s (%d).ogg", base, n))
		}
		if _, err := os.Lstat(path); err != nil {
			return path, nil //nolint:nilerr // there is none yet
		}
	}
}

// callRecorded shows how the recording stands.
func (r *room) callRecorded(e session.CallRecordingChanged) {
	r.recording = e.On
	switch {
	case e.On:
	case e.Err != nil:
		r.c.log.Warn("the recording of the call ended", "error", e.Err)
		r.failed("notice.call.failed", e.Err)
	default:
		r.notice(r.c.loc.Tf("notice.call.saved", map[string]any{"Path": e.Path}))
	}
}

// noticeFresh is until when a notice tells of what is being done: older ones
// come when somebody was away.
const noticeFresh = time.Minute

// noticeText is what a notice says in the person's language.
func (r *room) noticeText(m chat.Message) string {
	started, ended := "chat.notice.recording.started.other", "chat.notice.recording.ended.other"
	if m.Own {
		started, ended = "chat.notice.recording.started.own", "chat.notice.recording.ended.own"
	}
	name := author(m)
	switch m.Notice {
	case chat.NoticeRecordingStarted:
		return r.c.loc.Tf(started, map[string]any{"Name": name})
	case chat.NoticeRecordingEnded:
		return r.c.loc.Tf(ended, map[string]any{"Name": name})
	}
	if key, ok := hostNotice(m); ok {
		about := ""
		if m.About != nil {
			about = displayName(*m.About)
		}
		return r.c.loc.Tf(key, map[string]any{"Name": name, "About": about})
	}
	return name + ": " + m.Text
}

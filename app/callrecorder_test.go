package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/session/chat"
	"parley/views/i18n"
)

func TestRecordingPath(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "Parley")
	at := time.Date(2026, 11, 24, 9, 5, 7, 0, time.UTC)
	first, err := recordingPath(folder, "team/weekly", at)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(folder, "team_weekly 2026-11-24 09.05.07.ogg"); first != want {
		t.Errorf("%s, want %s", first, want)
	}
	if err := os.WriteFile(first, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := recordingPath(folder, "team/weekly", at)
	if want := filepath.Join(folder, "team_weekly 2026-11-24 09.05.07 (2).ogg"); err != nil || second != want {
		t.Errorf("%s, want %s; %v", second, want, err)
	}
	if _, err := recordingPath(filepath.Join(first, "below a file"), "r", at); err == nil {
		t.Error("a folder that can't be is no error")
	}
}

func TestNoticeText(t *testing.T) {
	r := &room{c: &controller{params: params{loc: i18n.New("zh")}}}
	for _, c := range []struct {
		m    chat.Message
		want string
	}{
		{chat.Message{Notice: chat.NoticeRecordingStarted, UserID: "u1", Name: "Lin"}, "Lin 开始录制通话"},
		{chat.Message{Notice: chat.NoticeRecordingEnded, UserID: "u1"}, "u1 停止录制通话"},
		{chat.Message{Notice: chat.NoticeRecordingStarted, Own: true}, "你开始录制通话"},
		{chat.Message{Notice: "of_tomorrow", Name: "Lin", Text: "did something"}, "Lin: did something"},
	} {
		if got := r.noticeText(c.m); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

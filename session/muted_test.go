package session

import (
	"testing"
	"time"
)

func TestTalkingWhileMutedIsToldOnce(t *testing.T) {
	const step = 100 * time.Millisecond
	var w mutedWatch
	now := time.Now()
	observe := func(n int, muted bool, level int) (told int) {
		for range n {
			now = now.Add(step)
			if w.observe(now, muted, level, step) {
				told++
			}
		}
		return told
	}
	if observe(50, false, 80) != 0 {
		t.Error("speech that is sent was told")
	}
	if observe(5, true, 80)+observe(50, true, 10)+observe(5, true, 80)+observe(40, true, 20) != 0 {
		t.Error("a cough was told")
	}
	if observe(50, true, 70) != 1 {
		t.Error("speech was not told once")
	}
	observe(1, false, 70)
	if observe(30, true, 70) != 1 {
		t.Error("after unmuting and muting it is not told again")
	}
}

package synthetic

import (
	"sync"
	"testing"
	"time"

	"parley/devices"
)

// ears keeps what is played at each ear.
type ears struct {
	mu          sync.Mutex
	left, right []float32
}

func (e *ears) Play(_ uint32, samples []float32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := 0; i < len(samples); i += 2 {
		e.left, e.right = append(e.left, samples[i]), append(e.right, samples[i+1])
	}
}

func (e *ears) Ended(uint32) {}

// TestScreenSound plays another voice at each ear, in real time.
func TestScreenSound(t *testing.T) {
	e := new(ears)
	s := NewScreenSound(e)
	time.Sleep(2 * time.Second)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := len(e.left); n < devices.SampleRate*3/2 || n > devices.SampleRate*5/2 {
		t.Errorf("%d samples in 2 s", n)
	}
	left, right := Pilot(LeftVoice), Pilot(RightVoice)
	if left == right || !HearsPilot(e.left, left) || !HearsPilot(e.right, right) || HearsPilot(e.left, right) || HearsPilot(e.right, left) {
		t.Errorf("the ears do not have their pilots, %.0f and %.0f Hz", left, right)
	}
}

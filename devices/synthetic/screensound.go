package synthetic

import (
	"context"

	"parley/devices"
	"parley/devices/internal/pace"
)

// ScreenSound is what a computer with the made-up screen plays: one program, with
// a voice at each ear.
type ScreenSound struct {
	pacer *pace.Pacer
	done  chan struct{}
}

// Names of the voices of the made-up screen.
const (
	LeftVoice  = "screen-left"
	RightVoice = "screen-right"
)

// NewScreenSound begins to play.
func NewScreenSound(programs devices.Programs) *ScreenSound {
	s := &ScreenSound{pacer: pace.New(devices.Period), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		left, right := NewVoice(LeftVoice), NewVoice(RightVoice)
		var both [2 * devices.PeriodSamples]float32
		for {
			if _, err := s.pacer.Wait(context.Background(), false); err != nil {
				return
			}
			for i := 0; i < len(both); i += 2 {
				both[i], both[i+1] = left.sample(), right.sample()
			}
			programs.Play(1, both[:])
		}
	}()
	return s
}

// Close ends the sound, and waits for that.
func (s *ScreenSound) Close() error {
	s.pacer.Close()
	<-s.done
	return nil
}

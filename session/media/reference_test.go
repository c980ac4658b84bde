package media

import (
	"testing"
	"time"

	"parley/devices"
)

// memory is a processor that remembers what it was told, and halves.
type memory struct {
	rendered []float32
	captured int
	delay    time.Duration
	order    string
}

func (m *memory) Render(period []float32) {
	m.rendered = append(m.rendered, period...)
	m.order += "r"
}

func (m *memory) Capture(period []float32, delay time.Duration) {
	m.captured++
	m.delay = delay
	m.order += "c"
	for i := range period {
		period[i] /= 2
	}
}

func TestWhatIsPlayedIsToldBeforeWhatIsCaptured(t *testing.T) {
	m, r := &memory{}, &Reference{}
	stage := voiceStage{processor: m, reference: r}
	period := make([]float32, devices.PeriodSamples)
	stage.process(period, false) // nothing was played yet
	// The speaker asks for blocks of its own size.
	next := float32(0)
	for range 3 {
		block := make([]float32, 512)
		for i := range block {
			block[i] = next
			next++
		}
		r.Write(block)
	}
	for i := range period {
		period[i] = 0.5
	}
	stage.process(period, false)
	stage.process(period, false)
	if m.order != "crrrcc" || period[0] != 0.125 || len(m.rendered) != 3*devices.PeriodSamples || m.delay > 100*time.Millisecond {
		t.Errorf("%s, %v, %d, %v", m.order, period[0], len(m.rendered), m.delay)
	}
	for i, v := range m.rendered {
		if v != float32(i) {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
	// Without a microphone for a while, the newest are kept.
	*m = memory{}
	for range 100 {
		r.Write(make([]float32, 512))
	}
	r.Write(make([]float32, 1<<20))
	stage.process(period, false)
	if got := len(m.rendered); got != referencePeriods*devices.PeriodSamples {
		t.Error(got)
	}
	(&voiceStage{}).process(period, false)
}

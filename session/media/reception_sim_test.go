package media

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"parley/devices"
)

// journey is a sender, a network and a speaker, without waiting for time to pass.
type journey struct {
	seconds int
	clock   float64 // of the sender, 1 for that of the speaker
	loss    float64
	delay   func(r *rand.Rand, at time.Duration) time.Duration
	stop    func(at time.Duration) bool // the sender pauses
}

type journeyed struct {
	sound     []float32
	stats     PlayoutStats
	after5    time.Duration // concealed after the first 5 s
	heldMost  time.Duration // after the first 5 s
	heldLeast time.Duration
}

func (j journey) run(t *testing.T) journeyed {
	t.Helper()
	type arrival struct {
		at     time.Duration
		packet *rtp.Packet
	}
	r := rand.New(rand.NewPCG(1, 2))
	packets := tone(t, 50, 440)
	var arrivals []arrival
	seq := uint16(65500) // wraps soon
	for i := range j.seconds * 50 {
		sent := time.Duration(float64(i) * 20e6 / max(j.clock, 0.5))
		if j.stop != nil && j.stop(sent) {
			continue
		}
		seq++
		if r.Float64() < j.loss {
			continue
		}
		late := 5 * time.Millisecond
		if j.delay != nil {
			late += j.delay(r, sent)
		}
		arrivals = append(arrivals, arrival{sent + late, &rtp.Packet{Header: rtp.Header{
			SequenceNumber: seq, Timestamp: 1<<32 - 96000 + uint32(i)*opusTicks,
		}, Payload: packets[i%50]}})
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return int(a.at - b.at) })
	epoch := time.Now()
	now := epoch
	p, err := newPlayout(NewLipSync(), nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	out := journeyed{heldLeast: time.Hour}
	before := time.Duration(0)
	for at := 3 * time.Millisecond; at < time.Duration(j.seconds)*time.Second; at += devices.Period {
		for len(arrivals) > 0 && arrivals[0].at <= at {
			now = epoch.Add(arrivals[0].at)
			p.Push(arrivals[0].packet)
			arrivals = arrivals[1:]
		}
		now = epoch.Add(at)
		period := make([]float32, devices.PeriodSamples)
		p.Mix(period)
		out.sound = append(out.sound, period...)
		s := p.Stats()
		if at < 5*time.Second {
			before = s.Concealed
		} else if s.Held > 0 {
			out.heldMost, out.heldLeast = max(out.heldMost, s.Held), min(out.heldLeast, s.Held)
		}
	}
	out.stats = p.Stats()
	out.after5 = out.stats.Concealed - before
	t.Logf("target %v, held %v to %v, concealed %v, of that %v after 5 s, lost %d, speed %.4f", out.stats.Target,
		out.heldLeast, out.heldMost, out.stats.Concealed, out.after5, out.stats.Lost, out.stats.Speed)
	return out
}

// steepest is the largest step between neighbouring samples of a tone, against
// the largest of the tone itself.
func steepest(sound []float32) float64 {
	most := float32(0)
	for i := 1; i < len(sound); i++ {
		most = max(most, abs(sound[i]-sound[i-1]))
	}
	return float64(most) / (0.5 * 2 * 3.1416 * 440 / devices.SampleRate)
}

func uniform(most time.Duration) func(*rand.Rand, time.Duration) time.Duration {
	return func(r *rand.Rand, _ time.Duration) time.Duration { return time.Duration(r.Int64N(int64(most))) }
}

func TestSteadyNetworkIsHeldLeast(t *testing.T) {
	j := journey{seconds: 20, clock: 1}.run(t)
	if j.stats.Concealed != 0 || j.heldMost > 35*time.Millisecond || j.stats.Target != delayLeast {
		t.Error("a steady network is held too long, or concealed")
	}
	if s := steepest(j.sound); s > 1.5 {
		t.Errorf("a step of %.1f times the tone's", s)
	}
}

func TestJitterIsHeldForAsLongAsItLasts(t *testing.T) {
	noisy := uniform(100 * time.Millisecond)
	j := journey{seconds: 90, clock: 1, delay: func(r *rand.Rand, at time.Duration) time.Duration {
		if at > 5*time.Second && at < 30*time.Second {
			return noisy(r, at)
		}
		return 0
	}}.run(t)
	if j.after5 > 250*time.Millisecond || j.heldMost < 90*time.Millisecond || j.heldMost > 160*time.Millisecond {
		t.Error("jitter of 100 ms is not held, or concealed")
	}
	if j.stats.Target > 25*time.Millisecond || j.stats.Held > 50*time.Millisecond {
		t.Error("the buffer does not shrink when the jitter is over")
	}
	if s := steepest(j.sound[10*devices.SampleRate:]); s > 2 {
		t.Errorf("a step of %.1f times the tone's", s)
	}
}

func TestClocksThatAreOff(t *testing.T) {
	for _, clock := range []float64{0.99, 0.9998, 1.0002, 1.01} {
		j := journey{seconds: 120, clock: clock}.run(t)
		if j.after5 > 100*time.Millisecond || j.heldMost > 100*time.Millisecond {
			t.Errorf("clock %v: concealed %v after 5 s, held up to %v", clock, j.after5, j.heldMost)
		}
		if s := steepest(j.sound); s > 2 {
			t.Errorf("clock %v: a step of %.1f times the tone's", clock, s)
		}
	}
}

func TestLossIsFilledByCopies(t *testing.T) {
	j := journey{seconds: 60, clock: 1, loss: 0.1}.run(t)
	// Of 10 % a tenth is followed by another loss, and can't be filled.
	if share := j.after5.Seconds() / 55; share > 0.025 {
		t.Errorf("%.1f %% are concealed", share*100)
	}
}

func TestPauseIsNoConcealment(t *testing.T) {
	j := journey{seconds: 30, clock: 1, stop: func(at time.Duration) bool { return at%(2*time.Second) > time.Second }}.run(t)
	if j.stats.Concealed > 20*time.Millisecond || j.stats.Lost > 0 {
		t.Error("pauses count as concealed")
	}
	if j.heldMost > 60*time.Millisecond {
		t.Error("pauses make the sound late")
	}
	quiet := 0
	for _, v := range j.sound {
		if v == 0 {
			quiet++
		}
	}
	if share := float64(quiet) / float64(len(j.sound)); share < 0.35 {
		t.Errorf("only %.0f %% are silent", share*100)
	}
}

func TestStallIsCaughtUp(t *testing.T) {
	j := journey{seconds: 20, clock: 1, delay: func(_ *rand.Rand, at time.Duration) time.Duration {
		if at > 6*time.Second && at < 7*time.Second {
			return 7*time.Second - at
		}
		return 0
	}}.run(t)
	if j.stats.Held > 60*time.Millisecond+j.stats.Target {
		t.Error("the stall is held for ever")
	}
}

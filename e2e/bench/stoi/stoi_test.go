package stoi_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/e2e/bench/stoi"
)

func TestScore(t *testing.T) {
	said := make([]float32, 6*devices.SampleRate)
	synthetic.NewVoice("ann").Fill(said)
	power := 0.0
	for _, v := range said {
		power += float64(v) * float64(v) / float64(len(said))
	}
	r := rand.New(rand.NewPCG(1, 2))
	noisy := func(snr float64) float64 {
		heard := make([]float32, len(said))
		sigma := math.Sqrt(power / math.Pow(10, snr/10))
		for i, v := range said {
			heard[i] = v + float32(sigma*r.NormFloat64())
		}
		return stoi.Score(said, heard, devices.SampleRate)
	}
	if s := stoi.Score(said, said, devices.SampleRate); s < 0.9999 {
		t.Errorf("the original scores %.3f", s)
	}
	quiet := make([]float32, len(said))
	for i, v := range said {
		quiet[i] = v / 10
	}
	if s := stoi.Score(said, quiet, devices.SampleRate); s < 0.999 {
		t.Errorf("the original at a tenth of its loudness scores %.3f", s)
	}
	clean, bad, worse := noisy(20), noisy(0), noisy(-15)
	t.Logf("at 20, 0 and -15 dB: %.3f, %.3f, %.3f", clean, bad, worse)
	if clean < 0.85 || bad > clean-0.05 || worse > bad-0.1 {
		t.Error("the score does not follow the noise")
	}
	if s := stoi.Score(make([]float32, 1000), make([]float32, 1000), devices.SampleRate); s != 0 {
		t.Errorf("nothing scores %.3f", s)
	}
}

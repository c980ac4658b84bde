package synthetic

import (
	"context"
	"math"

	"parley/devices"
	"parley/devices/internal/pace"
)

// Microphone says nothing, in a voice: syllables of a few harmonics shaped by
// two formants, in phrases with pauses, and under each syllable a quiet pure
// tone, the pilot, by which a test knows the voice again.
type Microphone struct {
	pacer *pace.Pacer
	voice *Voice
}

// Voice makes the samples.
type Voice struct {
	pitch, pilot float64
	phase        [harmonics + 1]float64 // the last one is the pilot's
	n            int64
	random       uint64
	syllable     int64
	first        float64 // formants of this syllable, in Hz
	second       float64
	silent       bool
}

const (
	harmonics       = 18
	syllableSamples = devices.SampleRate * 22 / 100
	phraseSyllables = 9
	pilotLevel      = 0.05
	voiceLevel      = 0.22
)

// pilots are far from each other's, and between what speech is made of.
const pilotFirst, pilotStep, pilotCount = 2900.0, 230.0, 8

// Pilot is the frequency of a name's pilot, in Hz.
func Pilot(name string) float64 {
	return pilotFirst + pilotStep*float64(seed(name)>>3%pilotCount)
}

// NewVoice makes the voice of a name.
func NewVoice(name string) *Voice {
	s := seed(name)
	return &Voice{pitch: 105 + float64(s%110), pilot: Pilot(name), random: s | 1, syllable: -1}
}

// NewMicrophone makes the microphone of a name.
func NewMicrophone(name string) *Microphone {
	return &Microphone{pacer: pace.New(devices.Period), voice: NewVoice(name)}
}

// ReadPeriod waits for the next 10 ms.
func (m *Microphone) ReadPeriod(ctx context.Context, dst []float32) error {
	if _, err := m.pacer.Wait(ctx, false); err != nil {
		return err
	}
	m.voice.Fill(dst)
	return nil
}

// Close ends the sound.
func (m *Microphone) Close() error {
	m.pacer.Close()
	return nil
}

// next is a xorshift generator: the same voice says the same each time.
func (v *Voice) next() float64 {
	v.random ^= v.random << 13
	v.random ^= v.random >> 7
	v.random ^= v.random << 17
	return float64(v.random>>11) / (1 << 53)
}

// Fill writes the next samples.
func (v *Voice) Fill(dst []float32) {
	for i := range dst {
		dst[i] = v.sample()
	}
}

func (v *Voice) sample() float32 {
	if s := v.n / syllableSamples; s != v.syllable {
		v.syllable = s
		v.silent = s%phraseSyllables >= phraseSyllables-2
		v.first, v.second = 320+450*v.next(), 900+1300*v.next()
	}
	at := float64(v.n%syllableSamples) / syllableSamples
	v.n++
	if v.silent {
		return 0
	}
	envelope := math.Sin(math.Pi * at)
	envelope *= envelope
	// The pitch falls over a syllable, as it does when one states something.
	pitch := v.pitch * (1.04 - 0.08*at)
	var sum float64
	for h := 1; h <= harmonics; h++ {
		f := pitch * float64(h)
		v.phase[h-1] = math.Mod(v.phase[h-1]+f/devices.SampleRate, 1)
		near := func(formant, width float64) float64 { d := (f - formant) / width; return 1 / (1 + d*d) }
		sum += (near(v.first, 130) + 0.6*near(v.second, 190) + 0.05) / math.Sqrt(float64(h)) * math.Sin(2*math.Pi*v.phase[h-1])
	}
	v.phase[harmonics] = math.Mod(v.phase[harmonics]+v.pilot/devices.SampleRate, 1)
	return float32(voiceLevel*envelope*sum*0.5 + pilotLevel*envelope*math.Sin(2*math.Pi*v.phase[harmonics]))
}

// pilotRatio is how much stronger a pilot is than its neighbourhood, at least.
// Harmonics of a voice glide through and do not reach it.
const pilotRatio = 6

// HearsPilot reports whether samples (at devices.SampleRate, a second or more)
// hold a steady pure tone of hz.
func HearsPilot(samples []float32, hz float64) bool { return pilotStrength(samples, hz) > pilotRatio }

func pilotStrength(samples []float32, hz float64) float64 {
	const window = devices.SampleRate / 5
	var tone, around float64
	for start := 0; start+window <= len(samples); start += window / 2 {
		w := samples[start : start+window]
		tone += power(w, hz)
		for _, off := range []float64{-75, -50, -30, 30, 50, 75} {
			around += power(w, hz+off) / 6
		}
	}
	if tone < 1e-6 || around <= 0 {
		return 0
	}
	return tone / around
}

// power of one frequency in samples (Goertzel's algorithm, with a Hann window
// so that neighbours do not leak in).
func power(samples []float32, hz float64) float64 {
	coefficient := 2 * math.Cos(2*math.Pi*hz/devices.SampleRate)
	var s1, s2 float64
	for i, x := range samples {
		hann := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(samples)))
		s1, s2 = float64(x)*hann+coefficient*s1-s2, s1
	}
	n := float64(len(samples))
	return (s1*s1 + s2*s2 - coefficient*s1*s2) / (n * n)
}

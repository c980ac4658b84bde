package media

import (
	"errors"

	"gopkg.in/hraban/opus.v2"
)

// Settings of the sound's encoder.
const (
	opusLeast = 24000 // bit/s
	opusUsual = 40000 // where nothing is known of the line
	opusMost  = 64000
	opusMusic = 96000
	// opusEffort is of 10. Below 7 the encoder does not look whether a sound is
	// speech, and takes a steady tone for silence.
	opusEffort = 7
	// Percent of loss that the in-band FEC is made for. More than that takes half
	// the bits from the voice, for what the copies bring whole.
	opusLossMin = 2
	opusLossMax = 5
	copiesFrom  = 0.03 // of loss: two copies, not one
	soundShare  = 0.25 // of what the line carries, beside a picture
	soundAlone  = 0.9  // without one; copies included
)

// Line is what is known of the way that sound takes.
type Line struct {
	Loss      float64 // 0 to 1, as the other side reports it
	Bandwidth int     // bit/s; 0 while that is not known
	Picture   bool    // goes over it too
}

// Copies is how many earlier payloads a packet is to carry.
func (l Line) Copies() int {
	if l.Loss > copiesFrom {
		return redCopiesMost
	}
	return 1
}

// encoding is how sound is encoded.
type encoding struct {
	music   bool
	bitrate int // bit/s
	loss    int // percent
}

// encodingFor answers the line: sound takes its share of it, and copies for lost
// packets take part of the bits. Of a line whose bandwidth is not known, loss tells
// that it may be too narrow.
func encodingFor(l Line, music bool) encoding {
	percent := int(l.Loss*100 + 0.5)
	e := encoding{music: music, bitrate: opusUsual, loss: min(max(percent, opusLossMin), opusLossMax)}
	most := opusMost
	if music {
		e.bitrate, most = opusMusic, opusMusic
	}
	if l.Bandwidth > 0 {
		part := soundAlone
		if l.Picture {
			part = soundShare
		}
		e.bitrate = int(float64(l.Bandwidth)*part) / (1 + l.Copies())
	} else if percent > 5 {
		e.bitrate -= (e.bitrate - opusLeast) * min(percent-5, 15) / 15
	}
	e.bitrate = min(max(e.bitrate, opusLeast), most)
	return e
}

// encoder makes one for sound that is encoded so. Music is not cut into speech
// and silence.
func (e encoding) encoder() (*opus.Encoder, error) {
	application := opus.AppVoIP
	if e.music {
		application = opus.AppAudio
	}
	enc, err := opus.NewEncoder(48000, 1, application)
	if err != nil {
		return nil, err
	}
	return enc, errors.Join(enc.SetInBandFEC(true), enc.SetDTX(!e.music), enc.SetComplexity(opusEffort), e.apply(enc))
}

func (e encoding) apply(enc *opus.Encoder) error {
	return errors.Join(enc.SetBitrate(e.bitrate), enc.SetPacketLossPerc(e.loss))
}

// LossMemory smooths the reports: loss is believed at once, and forgotten over
// some of them.
type LossMemory struct{ Believed float64 }

// Report takes the loss of one report, and gives what to believe, 0 to 1.
func (l *LossMemory) Report(loss float64) float64 {
	const forget = 0.8
	l.Believed = max(loss, l.Believed*forget+loss*(1-forget))
	return l.Believed
}

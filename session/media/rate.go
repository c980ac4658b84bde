package media

import (
	"errors"

	"gopkg.in/hraban/opus.v2"
)

// Settings of the voice encoder.
const (
	opusLeast   = 24000 // bit/s
	opusMost    = 40000
	opusLossMin = 2    // percent of loss that the in-band FEC is always made for
	opusLossMax = 30   // more loss than this is helped by fewer packets, not by copies
	copiesFrom  = 0.03 // of loss: two copies, not one
)

// encoding is how a voice is encoded.
type encoding struct {
	bitrate int // bit/s
	loss    int // percent
}

// encodingFor answers the loss that the other side reports, 0 to 1: copies for
// lost packets take part of the bits, and where much is lost there are fewer of
// them, since the line may be too narrow.
func encodingFor(loss float64) encoding {
	percent := int(loss*100 + 0.5)
	e := encoding{bitrate: opusMost, loss: min(max(percent, opusLossMin), opusLossMax)}
	if percent > 5 {
		e.bitrate = max(opusMost-(opusMost-opusLeast)*(percent-5)/15, opusLeast)
	}
	return e
}

// CopiesFor is how many earlier payloads a packet is to carry, for the loss that
// the other side reports, 0 to 1.
func CopiesFor(loss float64) int {
	if loss > copiesFrom {
		return redCopiesMost
	}
	return 1
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

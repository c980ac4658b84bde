package media

import (
	"errors"
	"sync/atomic"
	"time"

	"parley/devices"
	"parley/session/media/vpx"
)

// keyFrameEvery is the shortest time between two key frames of a layer that are
// asked for: each costs many times a usual frame.
const keyFrameEvery = time.Second

// Layer is one of the sizes that a picture is sent in at once.
type Layer struct {
	Side  int // of the shorter side, in pixels; a smaller picture is sent as it is
	Write SampleWriter
}

// Demand is what is asked of a picture while it is sent, on any goroutine. At
// first all layers are taken, and nothing is known of the line.
type Demand struct {
	unwanted, key [layersMost]atomic.Bool
	budget        atomic.Int64
}

// Want says whether somebody takes a layer.
func (d *Demand) Want(layer int, on bool) {
	if layer >= 0 && layer < layersMost {
		d.unwanted[layer].Store(!on)
	}
}

// RequestKeyFrame makes the next frame of a layer a key frame, or one soon, if
// that had one just now.
func (d *Demand) RequestKeyFrame(layer int) {
	if layer >= 0 && layer < layersMost {
		d.key[layer].Store(true)
	}
}

// SetBudget tells how much the line carries for all layers, in bit/s; 0 for not
// known.
func (d *Demand) SetBudget(bits int) { d.budget.Store(int64(bits)) }

// simulcast encodes each picture in several layers: those that somebody takes and
// the line carries. It belongs to the goroutine of the capture.
type simulcast struct {
	demand   *Demand
	screen   bool // text matters more than motion
	layers   []layerEncoder
	sides    []int
	sizes    [layersMost]size
	source   size
	bits     [layersMost]int
	scalers  [layersMost]vpx.Scaler
	pressure pressure
	count    int // of pictures
	last     time.Duration

	frames atomic.Int64 // sent in one layer at least
	bytes  atomic.Int64
	active atomic.Int64 // layers
	sent   [layersMost]layerCount
}

// layerCount is what a layer sent so far.
type layerCount struct{ frames, bytes, size, bits atomic.Int64 }

// layerEncoder is the encoder of one layer.
type layerEncoder struct {
	write   SampleWriter
	encoder *vpx.Encoder
	size    size
	bits    int
	speed   int
	keyed   time.Time // when a key frame was last asked for and made
}

func newSimulcast(layers []Layer, demand *Demand, screen bool) *simulcast {
	s := &simulcast{demand: demand, screen: screen, layers: make([]layerEncoder, min(len(layers), layersMost))}
	for i := range s.layers {
		s.layers[i].write = layers[i].Write
		s.sides = append(s.sides, layers[i].Side)
	}
	return s
}

// encode sends a picture.
func (s *simulcast) encode(f *devices.Frame, at time.Time) error {
	if now := (size{f.Width, f.Height}); s.source != now {
		s.source, s.sizes = now, ladder(f.Width, f.Height, s.sides)
	}
	interval := f.Timestamp - s.last
	s.last = f.Timestamp
	if s.count++; s.count%s.pressure.every() != 0 {
		return nil
	}
	began := time.Now()
	s.share()
	sent := false
	for i := range s.layers {
		l := &s.layers[i]
		if s.bits[i] == 0 {
			l.close()
			continue
		}
		data, key, err := s.layer(i, f)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			continue // the rate control left it out
		}
		sent = true
		s.bytes.Add(int64(len(data)))
		s.sent[i].frames.Add(1)
		s.sent[i].bytes.Add(int64(len(data)))
		s.sent[i].size.Store(int64(s.sizes[i].width)<<32 | int64(s.sizes[i].height))
		// A failed write means that the track is just ending; the session knows.
		_ = l.write(Sample{Data: data, Timestamp: at, Duration: time.Second / 30, KeyFrame: key})
	}
	if sent {
		s.frames.Add(1)
	}
	now := time.Now()
	if interval > 0 && interval < time.Second {
		// Where pictures are left out, there is more time for the others.
		s.pressure.note(now.Sub(began), interval*time.Duration(s.pressure.every()), now)
	}
	return nil
}

// share gives each layer its part of what the line carries.
func (s *simulcast) share() {
	var wanted [layersMost]int
	top := 0
	for i := range s.layers {
		if s.sizes[i].width > 0 && !s.demand.unwanted[i].Load() {
			wanted[i] = bitsFor(s.sizes[i])
			top = i
		}
	}
	for range s.pressure.dropped() {
		for below := top - 1; below >= 0; below-- {
			if wanted[below] > 0 {
				wanted[top], top = 0, below
				break
			}
		}
	}
	s.bits = allot(int(s.demand.budget.Load()), wanted, s.bits, s.screen)
	active := int64(0)
	for i, bits := range s.bits {
		s.sent[i].bits.Store(int64(bits))
		if bits > 0 {
			active++
		}
	}
	s.active.Store(active)
}

// layer encodes a picture for one layer.
func (s *simulcast) layer(i int, f *devices.Frame) (data []byte, key bool, err error) {
	l := &s.layers[i]
	if s.sizes[i] != s.source {
		if f, err = s.scalers[i].Shrink(f, s.sizes[i].width, s.sizes[i].height); err != nil {
			return nil, false, err
		}
		defer f.Release()
	}
	fresh, err := l.fit(s.sizes[i], s.bits[i], s.pressure.speed(), s.screen)
	if err != nil {
		return nil, false, err
	}
	now, asked := time.Now(), &s.demand.key[i]
	switch {
	case fresh:
		// It begins with a key frame, which may be too early for who asks next.
		asked.Store(false)
		l.keyed = time.Time{}
	case asked.Load() && now.Sub(l.keyed) >= keyFrameEvery:
		asked.Store(false)
		l.keyed = now
		return l.encoder.Encode(f, true)
	}
	return l.encoder.Encode(f, false)
}

func (s *simulcast) close() {
	for i := range s.layers {
		s.layers[i].close()
	}
}

// fit makes an encoder, which it reports, or brings one to what is asked.
func (l *layerEncoder) fit(to size, bits, speed int, screen bool) (fresh bool, err error) {
	if l.encoder == nil || l.size != to {
		l.close()
		l.encoder, err = vpx.NewEncoder(vpx.EncoderConfig{Width: to.width, Height: to.height, FrameRate: 30, Bitrate: bits, Speed: speed, Screen: screen})
		l.size, l.bits, l.speed = to, bits, speed
		return true, err
	}
	if l.speed != speed {
		l.speed = speed
		err = l.encoder.SetSpeed(speed)
	}
	if l.bits != bits {
		l.bits = bits
		err = errors.Join(err, l.encoder.SetBitrate(bits))
	}
	return false, err
}

func (l *layerEncoder) close() {
	if l.encoder != nil {
		_ = l.encoder.Close()
		l.encoder = nil
	}
}

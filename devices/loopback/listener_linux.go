package loopback

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"parley/devices"
)

const (
	// Sink inputs, of what the server tells of: as a mask, and as what has
	// changed.
	maskSinkInputs    = 4
	facilitySinkInput = 2
	facilityMask      = 0xF
	eventMask         = 0x30
	eventChanged      = 0x10

	formatFloat32LE = 5
	frontLeft       = 1
	frontRight      = 2
	frameBytes      = 8 // of a sample for each ear
	// fragment is how much comes at once: 20 ms.
	fragment = 2 * devices.PeriodSamples * frameBytes
)

// listener hears every stream that programs play, over one connection. Its
// goroutine reads, and writes what that leads to.
type listener struct {
	l       *Loopback
	c       *connection
	replies map[uint32]func(*packet) error
	inputs  map[uint32]*input // sink inputs that are heard, by the server's index
	streams map[uint32]*input // the same, by the record stream, as far as there is one
	listing bool              // a list is on its way
	changed bool              // something changed since it was asked for
	samples []float32
}

// input is a sink input: what one program plays.
type input struct {
	index   uint32
	program uint32 // the number that it was given; 0 before it is heard
	stream  uint32
	refused bool // the server lets nobody hear it
}

func newListener(l *Loopback, c *connection) *listener {
	return &listener{l: l, c: c, replies: make(map[uint32]func(*packet) error), inputs: make(map[uint32]*input), streams: make(map[uint32]*input)}
}

// run begins to listen, and goes on until the connection ends.
func (s *listener) run() error {
	var w tagWriter
	w.number(maskSinkInputs)
	if err := s.request(commandSubscribe, w, accept); err != nil {
		return err
	}
	if err := s.list(); err != nil {
		return err
	}
	for {
		p, err := s.c.receive()
		if err != nil {
			return err
		}
		if err := s.handle(p); err != nil {
			return err
		}
	}
}

// accept is for answers that hold nothing; a refusal ends the connection.
func accept(p *packet) error {
	if p.command == commandError {
		return refusal(p)
	}
	return nil
}

// end forgets what was heard.
func (s *listener) end() {
	for _, in := range s.streams {
		s.l.programs.Ended(in.program)
	}
}

// request sends a command; answered is called with its answer.
func (s *listener) request(command uint32, args tagWriter, answered func(*packet) error) error {
	tag, err := s.c.send(command, args)
	s.replies[tag] = answered
	return err
}

func (s *listener) handle(p *packet) error {
	if p.stream != none {
		if in := s.streams[p.stream]; in != nil {
			s.play(in, p.data)
		}
		return nil
	}
	switch p.command {
	case commandReply, commandError:
		answered := s.replies[p.tag]
		delete(s.replies, p.tag)
		if answered == nil {
			return nil
		}
		return answered(p)
	case commandSubscribeEvent:
		event, index := p.args.number(), p.args.number()
		if p.args.err != nil || event&facilityMask != facilitySinkInput {
			return p.args.err
		}
		if in := s.inputs[index]; in != nil && in.refused && event&eventMask == eventChanged {
			in.refused = false // it may have moved
			delete(s.inputs, index)
		}
		return s.list()
	case commandRecordStreamKilled:
		// The program plays to another speaker from now on, or not at all.
		if in := s.streams[p.args.number()]; in != nil {
			s.forget(in)
		}
		if p.args.err != nil {
			return p.args.err
		}
		return s.list()
	default:
		return nil // of no concern
	}
}

// list asks what programs play, once for all that changes until the answer.
func (s *listener) list() error {
	if s.listing {
		s.changed = true
		return nil
	}
	s.listing, s.changed = true, false
	return s.request(commandListSinkInputs, nil, func(p *packet) error {
		s.listing = false
		if err := accept(p); err != nil {
			return err
		}
		if err := s.listed(&p.args); err != nil || !s.changed {
			return err
		}
		return s.list()
	})
}

// listed hears what is new in a list, and forgets what is not in it any more.
func (s *listener) listed(r *tagReader) error {
	there := make(map[uint32]bool)
	var fresh []*input
	for len(r.rest) > 0 && r.err == nil {
		found := readSinkInput(r)
		if r.err != nil || !found.program() {
			continue
		}
		there[found.index] = true
		if s.inputs[found.index] == nil {
			fresh = append(fresh, &input{index: found.index, stream: none})
		}
	}
	if r.err != nil {
		return r.err
	}
	for index, in := range s.inputs {
		if !there[index] {
			s.forget(in)
		}
	}
	for _, in := range fresh {
		s.inputs[in.index] = in
		if err := s.hear(in); err != nil {
			return err
		}
	}
	return nil
}

// forget ends what is heard of a sink input.
func (s *listener) forget(in *input) {
	if s.inputs[in.index] == in {
		delete(s.inputs, in.index)
	}
	if in.stream != none {
		delete(s.streams, in.stream)
		s.l.programs.Ended(in.program)
	}
}

// hear records what goes from a sink input into the mix of its speaker.
func (s *listener) hear(in *input) error {
	return s.request(commandCreateRecordStream, recordStream(in.index), func(p *packet) error {
		if p.command == commandError {
			in.refused = true // it is gone already, or is no sound that can be mixed
			return nil
		}
		stream := p.args.number()
		if p.args.err != nil {
			return p.args.err
		}
		if s.inputs[in.index] != in { // it went meanwhile
			var w tagWriter
			w.number(stream)
			return s.request(commandDeleteRecordStream, w, func(*packet) error { return nil })
		}
		in.program, in.stream = s.l.begin(), stream
		s.streams[stream] = in
		return nil
	})
}

// recordStream are the arguments of a record stream on a sink input.
func recordStream(sinkInput uint32) tagWriter {
	var w tagWriter
	w = append(w, tagSpec, formatFloat32LE, 2)
	w = binary.BigEndian.AppendUint32(w, devices.SampleRate)
	w = append(w, tagChannelMap, 2, frontLeft, frontRight)
	w.number(none) // the source is that of the speaker
	w.noText()
	w.number(devices.SampleRate * frameBytes) // what may wait, a second
	w.flags(false)                            // it begins at once
	w.number(fragment)
	// Format, rate, channels and speaker may be what they are; the last but one is
	// not to have the level only, the last to have it early.
	w.flags(false, false, false, false, false, false, false, false, true)
	w.properties("media.name", "Shared sound", "media.role", "production")
	w.number(sinkInput)
	w.flags(false, false, false) // no early requests, and nothing of suspended speakers
	return w
}

// play gives what was recorded.
func (s *listener) play(in *input, data []byte) {
	n := len(data) / frameBytes * 2
	if cap(s.samples) < n {
		s.samples = make([]float32, n)
	}
	samples := s.samples[:n]
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	devices.Mend(samples)
	s.l.programs.Play(in.program, samples)
}

// sinkInput is what the server says of one.
type sinkInput struct {
	index, module, client uint32
	properties            map[string]string
}

func readSinkInput(r *tagReader) sinkInput {
	var found sinkInput
	found.index = r.number()
	r.text() // its name
	found.module, found.client = r.number(), r.number()
	r.number() // the speaker
	r.skip(tagSpec, tagChannelMap, tagVolumes, tagMicros, tagMicros)
	r.text() // how it is resampled
	r.text() // and by what it was made
	r.flag() // muted
	found.properties = r.properties()
	r.flag() // paused
	return found
}

// program reports whether it is what another program plays. What the server's own
// modules play, such as filters and combined speakers, comes from programs: of
// those it is heard already, and our own sound would be in it.
func (i sinkInput) program() bool {
	if i.client == none && i.module != none || i.properties["node.link-group"] != "" {
		return false
	}
	return !ours(i.properties)
}

// ours reports whether a process is this one. In sandboxes, where numbers come
// again, its program tells.
func ours(properties map[string]string) bool {
	if properties["application.process.id"] != strconv.Itoa(os.Getpid()) {
		return false
	}
	binary := properties["application.process.binary"]
	self, err := os.Executable()
	return binary == "" || err != nil || binary == filepath.Base(self)
}

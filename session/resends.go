package session

import (
	"math"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

const (
	resendFirstRTT = 50 * time.Millisecond // before it was measured
	// resendLook is how often the round trip is looked up while packets are lost.
	resendLook = time.Second
	// A packet is asked for each round trip and a bit: resendMargin and a part of the
	// trip, resendLeast at all. The first resendEven times are even, each after them comes
	// later by resendBackoff.
	resendMargin  = 5 * time.Millisecond
	resendPart    = 8
	resendLeast   = 10 * time.Millisecond
	resendMost    = 400 * time.Millisecond
	resendTries   = 12
	resendEven    = 4
	resendBackoff = 1.25
	// resendMissing is how many packets of a stream are asked for at a time, and
	// resendGap which gap is that of a sender that started over.
	resendMissing = 256
	resendGap     = 1000
	// resendTwice is for how long it is looked whether a packet that was asked for
	// comes twice: then it was only late, and need not have been asked for.
	resendTwice = 500 * time.Millisecond
	// resendReorder is by how much of what a network reorders is forgotten with
	// each packet.
	resendReorder = 0.995
)

// resends asks the server to send lost packets of pictures again (NACK, RFC 4585,
// section 6.2.1): at once, as far as the network does not reorder them, and again
// after a round trip, whether or not other packets come. The SDK's own asks when
// the next packet comes, 20 ms later at the earliest.
//
// The server sends no packet that it sent less than twice the round trip ago, 100 ms at
// most, and passes over who asks sooner. As it counts from when it first sent it, that is
// what happens to most first tries: the second one, a round trip later, is just late
// enough. To ask too often costs next to nothing, and what is on its way is not sent twice.
type resends struct {
	interceptor.NoOp
	wake chan struct{}
	stop chan struct{}
	loop sync.WaitGroup
	once sync.Once

	// roundTrip is that of the connection, 0 where it is not known.
	roundTrip func() time.Duration

	mu      sync.Mutex
	writer  interceptor.RTCPWriter
	streams map[uint32]*resendStream
	rtt     time.Duration
	known   bool // rtt was measured
}

// resendStream is what is missing of one stream.
type resendStream struct {
	started   bool
	highest   uint16
	missing   []missingPacket // by sequence number, with those that came since
	reordered time.Duration   // by how much packets overtake each other
}

type missingPacket struct {
	seq     uint16
	noticed time.Time
	asked   time.Time // the last time
	next    time.Time // when it is to be asked for, or forgotten after it came
	came    time.Time // zero for not
	tries   int
}

// resendFactory makes a resends for each peer connection.
type resendFactory struct{ roundTrip func() time.Duration }

// NewInterceptor implements interceptor.Factory.
func (f resendFactory) NewInterceptor(string) (interceptor.Interceptor, error) {
	return newResends(f.roundTrip), nil
}

func newResends(roundTrip func() time.Duration) *resends {
	return &resends{roundTrip: roundTrip, wake: make(chan struct{}, 1), stop: make(chan struct{}), streams: make(map[uint32]*resendStream), rtt: resendFirstRTT}
}

// BindRTCPWriter implements interceptor.Interceptor.
func (r *resends) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	r.mu.Lock()
	r.writer = writer
	r.mu.Unlock()
	r.once.Do(func() { r.loop.Go(r.run) })
	return writer
}

// BindRemoteStream implements interceptor.Interceptor.
func (r *resends) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	if !takeNack(info) {
		return reader
	}
	s := new(resendStream)
	ssrc := info.SSRC
	r.mu.Lock()
	r.streams[ssrc] = s
	r.mu.Unlock()
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, a, err := reader.Read(b, a)
		if err != nil {
			return n, a, err
		}
		if a == nil {
			a = make(interceptor.Attributes)
		}
		if header, err := a.GetRTPHeader(b[:n]); err == nil {
			r.received(s, header.SequenceNumber, time.Now())
		}
		return n, a, nil
	})
}

// takeNack reports whether lost packets of a stream may be asked for, and says
// to the interceptors after this one, which are the SDK's, that they may not:
// one of two that ask is enough.
func takeNack(info *interceptor.StreamInfo) bool {
	var rest []interceptor.RTCPFeedback
	for _, f := range info.RTCPFeedback {
		if f.Type != "nack" || f.Parameter != "" {
			rest = append(rest, f)
		}
	}
	taken := len(rest) < len(info.RTCPFeedback)
	info.RTCPFeedback = rest
	return taken
}

// UnbindRemoteStream implements interceptor.Interceptor.
func (r *resends) UnbindRemoteStream(info *interceptor.StreamInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.streams, info.SSRC)
}

// Close implements interceptor.Interceptor.
func (r *resends) Close() error {
	r.once.Do(func() {}) // nothing begins any more
	r.mu.Lock()
	select {
	case <-r.stop:
	default:
		close(r.stop)
	}
	r.mu.Unlock()
	r.loop.Wait()
	return nil
}

// received takes the number of a packet that came.
func (r *resends) received(s *resendStream, seq uint16, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.reordered = time.Duration(float64(s.reordered) * resendReorder)
	ahead := seq - s.highest
	switch {
	case !s.started || ahead >= resendGap && ahead <= math.MaxUint16-resendGap:
		s.started, s.highest, s.missing = true, seq, s.missing[:0]
		return
	case ahead == 0:
		return
	case ahead > math.MaxInt16:
		r.came(s, seq, now)
		return
	}
	for n := s.highest + 1; n != seq; n++ {
		if len(s.missing) == resendMissing {
			s.missing = append(s.missing[:0], s.missing[1:]...)
		}
		s.missing = append(s.missing, missingPacket{seq: n, noticed: now, next: now.Add(s.reordered * 5 / 4)})
	}
	s.highest = seq
	if ahead > 1 {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// came takes a packet that was missing, or comes twice, and learns from it.
func (r *resends) came(s *resendStream, seq uint16, now time.Time) {
	for i := range s.missing {
		m := &s.missing[i]
		if m.seq != seq {
			continue
		}
		switch {
		case m.came.IsZero() && m.tries > 0:
			m.came, m.next = now, now.Add(resendTwice)
			return
		case m.came.IsZero():
			s.late(now.Sub(m.noticed))
		default:
			s.late(m.came.Sub(m.noticed))
			r.answered(m, now)
		}
		s.missing = append(s.missing[:i], s.missing[i+1:]...)
		return
	}
}

// late takes by how much a packet was overtaken.
func (s *resendStream) late(by time.Duration) { s.reordered = max(s.reordered, min(by, resendMost)) }

// answered takes when a packet came that was asked for. Of more tries than one it
// is not known which was answered (Karn and Partridge, 1987).
func (r *resends) answered(m *missingPacket, at time.Time) {
	if m.tries == 1 {
		r.measured(at.Sub(m.asked))
	}
}

// measured takes a round trip.
func (r *resends) measured(rtt time.Duration) {
	if !r.known {
		r.known, r.rtt = true, rtt
		return
	}
	r.rtt += (rtt - r.rtt) / 4
}

// look looks up the round trip of the connection.
func (r *resends) look() {
	rtt := r.roundTrip()
	if rtt <= 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.measured(rtt)
}

// run asks whenever something is due.
func (r *resends) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var looked time.Time
	for {
		writer, packets, next := r.due(time.Now())
		for _, p := range packets {
			_, _ = writer.Write([]rtcp.Packet{p}, nil) // asked for again if it fails
		}
		timer.Reset(next)
		select {
		case <-r.wake:
			if time.Since(looked) > resendLook {
				looked = time.Now()
				r.look()
			}
		case <-timer.C:
		case <-r.stop:
			return
		}
	}
}

// due gives what to ask for now, of whom, and in how long there may be more.
func (r *resends) due(now time.Time) (writer interceptor.RTCPWriter, packets []rtcp.Packet, next time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next = time.Hour
	for ssrc, s := range r.streams {
		var ask []uint16
		kept := s.missing[:0]
		for _, m := range s.missing {
			if !m.next.After(now) {
				if !m.came.IsZero() {
					r.answered(&m, m.came)
					continue
				}
				if m.tries == resendTries {
					continue
				}
				ask = append(ask, m.seq)
				m.asked, m.next = now, now.Add(r.interval(m.tries))
				m.tries++
			}
			next = min(next, m.next.Sub(now))
			kept = append(kept, m)
		}
		s.missing = kept
		if len(ask) > 0 {
			packets = append(packets, &rtcp.TransportLayerNack{SenderSSRC: ssrc, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(ask)})
		}
	}
	return r.writer, packets, next
}

// interval is after how long a packet is asked for once more, after so many
// times before this one.
func (r *resends) interval(tries int) time.Duration {
	trip := max(r.rtt+max(resendMargin, r.rtt/resendPart), resendLeast)
	return min(time.Duration(float64(trip)*math.Pow(resendBackoff, float64(max(tries-resendEven, 0)))), resendMost)
}

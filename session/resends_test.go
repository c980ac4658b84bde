package session

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// resendLine is a line to a server that sends packets again which it is asked for.
type resendLine struct {
	rtt   time.Duration
	heard chan uint16 // packets that arrive
	drop  func(seq uint16) bool
	told  time.Duration // what the connection says of the round trip

	mu    sync.Mutex
	asked []uint16
	at    []time.Time
	work  sync.WaitGroup
}

func (l *resendLine) Write(packets []rtcp.Packet, _ interceptor.Attributes) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range packets {
		for _, pair := range p.(*rtcp.TransportLayerNack).Nacks { //nolint:forcetypeassert // nothing else is written
			for _, seq := range pair.PacketList() {
				l.asked, l.at = append(l.asked, seq), append(l.at, time.Now())
				if l.drop == nil || !l.drop(seq) {
					l.work.Go(func() {
						time.Sleep(l.rtt)
						l.heard <- seq
					})
				}
			}
		}
	}
	return 0, nil
}

// all is what was asked for, and when.
func (l *resendLine) all() ([]uint16, []time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked), slices.Clone(l.at)
}

// open binds the line to a resends; read gives the packets as they are read.
func (l *resendLine) open(t *testing.T) *resends {
	t.Helper()
	l.heard = make(chan uint16, 1000)
	r := newResends(func() time.Duration { return l.told })
	r.BindRTCPWriter(l)
	info := &interceptor.StreamInfo{SSRC: 7, RTCPFeedback: []interceptor.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}}
	reader := r.BindRemoteStream(info, interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		data, err := (&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: <-l.heard}}).Marshal()
		return copy(b, data), a, err
	}))
	if !slices.Equal(info.RTCPFeedback, []interceptor.RTCPFeedback{{Type: "nack", Parameter: "pli"}}) {
		t.Errorf("others are told of %v", info.RTCPFeedback)
	}
	ended := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ended:
				return
			default:
			}
			if _, _, err := reader.Read(make([]byte, 1500), nil); err != nil {
				t.Error(err)
			}
		}
	}()
	t.Cleanup(func() {
		close(ended)
		l.heard <- 0
		<-done
		l.work.Wait()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestLostPacketsAreAskedForAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &resendLine{rtt: 20 * time.Millisecond}
		l.open(t)
		began := time.Now()
		for _, seq := range []uint16{65533, 65534, 1, 2} {
			l.heard <- seq
		}
		time.Sleep(time.Second)
		asked, at := l.all()
		if !slices.Equal(asked, []uint16{65535, 0}) {
			t.Errorf("asked for %v", asked)
		}
		if took := at[0].Sub(began); took > time.Millisecond {
			t.Errorf("asked after %v", took)
		}
	})
}

func TestWhatStaysLostIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &resendLine{rtt: 20 * time.Millisecond, drop: func(uint16) bool { return true }}
		l.open(t)
		l.heard <- 1
		l.heard <- 3
		time.Sleep(10 * time.Second)
		asked, at := l.all()
		if len(asked) != resendTries || asked[0] != 2 {
			t.Fatalf("asked for %v", asked)
		}
		if took := at[len(at)-1].Sub(at[0]); took < 500*time.Millisecond || took > 3*time.Second {
			t.Errorf("it was tried for %v", took)
		}
	})
}

// TestServersThatWaitAreAskedInTime has a server that passes over who asks for a packet
// sooner than twice the round trip after it was sent.
func TestServersThatWaitAreAskedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rtt = 20 * time.Millisecond
		began := time.Now()
		sent := began.Add(-rtt / 2)
		served := make(chan time.Time, resendTries)
		l := &resendLine{rtt: rtt, told: rtt, drop: func(uint16) bool {
			arrives := time.Now().Add(rtt / 2)
			if arrives.Sub(sent) <= 2*rtt {
				return true
			}
			sent = arrives
			served <- arrives
			return false
		}}
		l.open(t)
		synctest.Wait()
		l.heard <- 1
		l.heard <- 3
		time.Sleep(time.Second)
		select {
		case at := <-served:
			if took := at.Add(rtt / 2).Sub(began); took > 50*time.Millisecond {
				t.Errorf("the packet came after %v", took)
			}
		default:
			t.Error("the packet never came")
		}
	})
}

// TestWhatComesLateIsNotAskedFor learns how much a network reorders.
func TestWhatComesLateIsNotAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &resendLine{rtt: 50 * time.Millisecond}
		l.open(t)
		for n := uint16(0); n < 400; n += 2 { // each is overtaken by the next
			l.heard <- n + 1
			time.Sleep(10 * time.Millisecond)
			l.heard <- n
		}
		time.Sleep(time.Second)
		if asked, _ := l.all(); len(asked) > 20 {
			t.Errorf("asked for %d of 200", len(asked))
		}
	})
}

func TestASenderThatStartsOverMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &resendLine{rtt: 20 * time.Millisecond}
		l.open(t)
		for _, seq := range []uint16{10, 11, 30000, 30001} {
			l.heard <- seq
		}
		time.Sleep(time.Second)
		if asked, _ := l.all(); len(asked) > 0 {
			t.Errorf("asked for %v", asked)
		}
	})
}

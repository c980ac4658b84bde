package session

import (
	"errors"
	"net"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	// pulseEvery is how often a connection is looked at.
	pulseEvery = 500 * time.Millisecond
	// silence is how long nothing may come from the media engine. Both ends of
	// both media connections ask for a sign of life every two seconds at least.
	silence = 3 * time.Second
	// keepWithin is how long after the last sign of life a connection can still
	// be taken up as it is. After that its signals, which wait for TCP to send
	// them again, would come later than a new connection does.
	keepWithin = 5 * time.Second
	// mediaGrace is how long media may take once the server answers again.
	mediaGrace = 700 * time.Millisecond
	// A pulse that comes later than this was not late: the computer slept. The
	// clock of the wall shows sleep where the other one stops, but is set at
	// times as well, mostly by less.
	sleptFor, sleptByTheWall = 5 * time.Second, 15 * time.Second
)

var (
	errSilent  = errors.New("nothing comes from the server")
	errSlept   = errors.New("the computer was asleep")
	errAddress = errors.New("the computer's network address changed")
	errMedia   = errors.New("the media connection broke")
)

// feel watches the connection v, from its installation until it is closed. The
// media engine alone would take a quarter of a minute to notice that nothing
// arrives any more.
func (e *Engine) feel(l *login, v *visit) {
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	settled := time.NewTimer(settleTime + pulseEvery)
	defer settled.Stop()
	count, heard, last := v.received(), time.Now(), time.Now()
	for {
		select {
		case <-v.gone:
			return
		case <-l.ctx.Done(): // the logout closes v after this
			return
		case <-settled.C:
			e.post(func() { e.refresh(v) })
			continue
		case <-tick.C:
		}
		now := time.Now()
		slept := now.Sub(last) > sleptFor || now.Round(0).Sub(last.Round(0)) > sleptByTheWall
		last = now
		var end error
		switch received := v.received(); {
		case slept:
			end = errSlept
		case !v.addressed():
			end = errAddress
		case received != count:
			count, heard = received, now
		case now.Sub(heard) > silence:
			if end = e.listen(l, v, count, heard); end == nil {
				count, heard, last = v.received(), time.Now(), time.Now()
			}
		}
		if end != nil {
			e.post(func() { e.lost(v, end, nil) })
			return
		}
	}
}

// listen waits for a silent connection to come back to life by itself. An error
// says that it did not.
func (e *Engine) listen(l *login, v *visit, count uint64, heard time.Time) error {
	e.post(func() {
		if e.login == l && l.visit == v {
			e.try(l, errSilent, time.Now())
			e.interrupted(l)
		}
	})
	answers, stop := probe(l.ctx, l.server.Load())
	defer stop()
	tick := time.NewTicker(pulseEvery / 5)
	defer tick.Stop()
	var grace <-chan time.Time
	for {
		select {
		case <-v.gone:
			return errMedia
		case <-l.ctx.Done():
			return l.ctx.Err()
		case <-grace:
			return errSilent
		case err := <-answers:
			if err == nil && grace == nil {
				grace = time.After(mediaGrace)
			}
		case <-tick.C:
		}
		switch {
		case v.received() != count:
			e.post(func() { e.revived(l, v) })
			return nil
		case time.Since(heard) > keepWithin:
			return errSilent
		case !v.addressed():
			return errAddress
		}
	}
}

// revived is told, on the loop, that a silent connection is alive again.
func (e *Engine) revived(l *login, v *visit) {
	if e.login != l || l.visit != v {
		return
	}
	l.attempts = 0
	e.step(l, RoomStateChanged{Reason: ReasonReconnected})
	e.resumed(l)
	e.refresh(v)
	// What the chat had sent may wait for long to be sent again.
	l.work.Go(l.conversation.Load().Recheck)
}

// transports are the media connections that are up.
func (v *visit) transports() []*webrtc.ICETransport {
	var up []*webrtc.ICETransport
	for _, pc := range []*webrtc.PeerConnection{v.room.LocalParticipant.GetPublisherPeerConnection(), v.room.LocalParticipant.GetSubscriberPeerConnection()} {
		if t := transport(pc); t != nil {
			up = append(up, t)
		}
	}
	return up
}

// transport is that of a connection once it is up; before, it may not be asked
// for anything.
func transport(pc *webrtc.PeerConnection) *webrtc.ICETransport {
	if pc == nil || pc.SCTP() == nil || pc.SCTP().Transport() == nil {
		return nil
	}
	switch pc.ICEConnectionState() {
	case webrtc.ICEConnectionStateConnected, webrtc.ICEConnectionStateCompleted, webrtc.ICEConnectionStateDisconnected:
		return pc.SCTP().Transport().ICETransport()
	default:
		return nil
	}
}

// received counts what came from the media engine, signs of life included.
func (v *visit) received() (count uint64) {
	for _, t := range v.transports() {
		if stats, ok := t.GetSelectedCandidatePairStats(); ok {
			count += uint64(stats.PacketsReceived) + stats.ResponsesReceived
		}
	}
	return count
}

// addressed reports whether the computer still has the addresses that media
// is sent from; true when that can't be told.
func (v *visit) addressed() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, t := range v.transports() {
		pair, err := t.GetSelectedCandidatePair()
		if err != nil || pair == nil || pair.Local == nil {
			continue
		}
		own := pair.Local.Address
		if pair.Local.Typ != webrtc.ICECandidateTypeHost {
			own = pair.Local.RelatedAddress
		}
		if ip := net.ParseIP(own); ip != nil && !ip.IsUnspecified() && !has(addresses, ip) {
			return false
		}
	}
	return true
}

func has(addresses []net.Addr, ip net.IP) bool {
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.Equal(ip) {
			return true
		}
	}
	return false
}

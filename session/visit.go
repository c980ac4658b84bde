package session

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"parley/session/wire"
)

// visit is one connection to the media engine. Its callbacks come on the
// SDK's goroutines in no certain order: each only asks the loop to look at the
// room again.
type visit struct {
	e         *Engine
	room      *lksdk.Room
	reports   *reportListeners
	bandwidth *bandwidth
	layers    *layerWishes
	closed    sync.Once
	gone      chan struct{} // closed when it is
}

// mediaTimeout bounds the connection of signalling and media.
const mediaTimeout = 5 * time.Second

// visit connects to the media engine.
func (e *Engine) visit(l *login, response *wire.JoinResponse) (*visit, error) {
	v := &visit{e: e, gone: make(chan struct{}), reports: newReportListeners(), bandwidth: new(bandwidth), layers: newLayerWishes()}
	interceptors, err := v.bandwidth.factories()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMediaUnreachable, err)
	}
	again := func() { e.post(func() { e.refresh(v) }) }
	v.room = lksdk.NewRoom(&lksdk.RoomCallback{
		OnDisconnectedWithReason: func(reason lksdk.DisconnectionReason) {
			e.post(func() { e.lost(v, fmt.Errorf("media connection: %s", reason), v.endOf(reason)) })
		},
		OnParticipantConnected:    func(*lksdk.RemoteParticipant) { again() },
		OnParticipantDisconnected: func(*lksdk.RemoteParticipant) { again() },
		OnRoomMetadataChanged:     func(string) { e.post(func() { e.readRoomInfo(v) }) },
		OnReconnecting: func() {
			e.post(func() { e.lost(v, errMedia, nil) })
			// This is the goroutine of the SDK's own reconnection, which waits for
			// minutes without a limit, loses what is published, and would enter the
			// room beside us, who are put out for it.
			runtime.Goexit()
		},
		ParticipantCallback: lksdk.ParticipantCallback{
			OnTrackPublished:   func(*lksdk.RemoteTrackPublication, *lksdk.RemoteParticipant) { again() },
			OnTrackUnpublished: func(*lksdk.RemoteTrackPublication, *lksdk.RemoteParticipant) { again() },
			OnTrackMuted: func(pub lksdk.TrackPublication, p lksdk.Participant) {
				if _, own := p.(*lksdk.LocalParticipant); own {
					e.post(func() { e.silenced(v, pub) })
					return
				}
				again()
			},
			OnTrackUnmuted:      func(lksdk.TrackPublication, lksdk.Participant) { again() },
			OnAttributesChanged: func(map[string]string, lksdk.Participant) { again() },
			OnTrackSubscribed: func(t *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
				e.post(func() { e.subscribed(v, t, pub, rp) })
			},
			OnTrackUnsubscribed: func(_ *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
				sid := pub.SID()
				e.post(func() { e.unsubscribed(v, sid) })
			},
			OnConnectionQualityChanged: func(u *livekit.ConnectionQualityInfo, p lksdk.Participant) {
				id, quality := p.Identity(), qualityOf(u.GetQuality())
				e.post(func() { e.graded(v, id, quality) })
			},
		},
	})
	ctx, cancel := context.WithTimeout(l.ctx, mediaTimeout)
	defer cancel()
	// The SDK heeds the context only until it is connected.
	stop := context.AfterFunc(ctx, v.close)
	err = v.room.JoinWithContextAndToken(ctx, response.Media.URL, response.Media.Token,
		lksdk.WithAutoSubscribe(false), lksdk.WithConnectTimeout(mediaTimeout), lksdk.WithDisableRegionDiscovery(),
		codecs(), lksdk.WithInterceptors(append(interceptors, v.reports, resendFactory{v.receivingRoundTrip})), lksdk.WithIncludeDefaultInterceptors(true),
		lksdk.WithLogger(v.layers))
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		v.close()
		if l.ctx.Err() != nil {
			return nil, l.ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w", ErrMediaUnreachable, err)
	}
	return v, nil
}

// endOf is why a connection ended for good; nil where it is to be made again.
func (v *visit) endOf(reason lksdk.DisconnectionReason) error {
	switch reason {
	case lksdk.DuplicateIdentity:
		return ErrKickedOut
	case lksdk.ParticipantRemoved:
		if info, ok := v.info(); ok && info.Ended {
			return ErrRoomEnded
		}
		return ErrRemoved
	default:
		return nil
	}
}

func (v *visit) close() {
	v.closed.Do(func() {
		close(v.gone)
		v.room.Disconnect()
	})
}

// graded is told, on the loop, how the server grades somebody's network.
func (e *Engine) graded(v *visit, userID string, quality Quality) {
	l := e.login
	if l == nil || l.visit != v {
		return
	}
	if userID != l.user.ID { // the own one is measured here
		l.grades[userID] = quality
	}
}

func qualityOf(q livekit.ConnectionQuality) Quality {
	switch q {
	case livekit.ConnectionQuality_EXCELLENT:
		return QualityExcellent
	case livekit.ConnectionQuality_GOOD:
		return QualityGood
	case livekit.ConnectionQuality_POOR:
		return QualityBad
	case livekit.ConnectionQuality_LOST:
		return QualityDie
	default:
		return QualityUnknown
	}
}

// refresh looks at the room again and tells what changed.
func (e *Engine) refresh(v *visit) {
	l := e.login
	if l == nil || l.visit != v || l.state != RoomConnected {
		return // while reconnecting, who is not there may only be late
	}
	users, streams := e.difference(l)
	for _, u := range users.Removed {
		delete(l.grades, u.ID)
	}
	if len(users.Added) > 0 {
		e.events.post(RoomUsersChanged{Added: users.Added})
	}
	e.tellStreams(l, streams)
	if len(users.Removed)+len(users.Updated) > 0 {
		e.events.post(RoomUsersChanged{Removed: users.Removed, Updated: users.Updated})
	}
	e.tellSelf(l)
}

// tellSelf posts what the server says of the user, where that changed.
func (e *Engine) tellSelf(l *login) {
	if self := memberOf(l.visit.room.LocalParticipant); self != l.self {
		l.self = self
		e.events.post(SelfChanged{Self: self})
	}
}

// tellStreams posts a change of the streams, ends the players of those that
// ended, and subscribes players to what is new.
func (e *Engine) tellStreams(l *login, change RoomStreamsChanged) {
	for _, s := range change.Removed {
		if p := l.players[s.ID]; p != nil {
			delete(l.players, s.ID)
			p.stop(e.mixer)
			e.spawn(p.wait)
			e.stepPlayer(p, NoPlay, nil)
		}
	}
	if len(change.Added)+len(change.Removed)+len(change.Updated) > 0 {
		e.events.post(change)
	}
	for _, p := range l.players {
		e.subscribe(l, p)
	}
}

// streamNamePrefix marks the name of a track as the StreamID it belongs to.
// Tracks of other clients belong to the stream named after their user.
const (
	streamNamePrefix = "parley/"
	screenSuffix     = "-screen"
)

func streamIDOf(pub lksdk.TrackPublication, userID string) (id string, screen bool) {
	screen = pub.Source() == livekit.TrackSource_SCREEN_SHARE || pub.Source() == livekit.TrackSource_SCREEN_SHARE_AUDIO
	if id, ok := strings.CutPrefix(pub.Name(), streamNamePrefix); ok && wire.CheckStreamID(id) == nil {
		return id, screen
	}
	if screen {
		return userID + screenSuffix, true
	}
	return userID, false
}

// difference compares the room with what was last told, and remembers it.
func (e *Engine) difference(l *login) (RoomUsersChanged, RoomStreamsChanged) {
	users, streams := make(map[string]Member), make(map[string]Stream)
	for _, rp := range l.visit.room.GetRemoteParticipants() {
		member := memberOf(rp)
		user := member.User
		users[user.ID] = member
		for _, pub := range rp.TrackPublications() {
			id, screen := streamIDOf(pub, user.ID)
			s := streams[id]
			if s.ID != "" && s.User.ID != user.ID {
				continue // the ID is taken: the first keeps it
			}
			s.ID, s.User, s.Screen = id, user, screen
			track := Track{Present: true, Muted: pub.IsMuted()}
			if pub.Kind() == lksdk.TrackKindVideo {
				s.Video = track
			} else {
				s.Audio = track
			}
			streams[id] = s
		}
	}
	if time.Now().Before(l.settled) {
		keep(users, l.users)
		keep(streams, l.streams)
	}
	var (
		userChange   RoomUsersChanged
		streamChange RoomStreamsChanged
	)
	userChange.Added, userChange.Removed, userChange.Updated = changes(l.users, users, func(m Member) string { return m.ID })
	streamChange.Added, streamChange.Removed, streamChange.Updated = changes(l.streams, streams, func(s Stream) string { return s.ID })
	l.users, l.streams = users, streams
	return userChange, streamChange
}

// keep adds what was there before and is missing.
func keep[T any](now, before map[string]T) {
	for id, was := range before {
		if _, is := now[id]; !is {
			now[id] = was
		}
	}
}

// changes compares two states of a set, each result sorted by ID.
func changes[T comparable](before, after map[string]T, id func(T) string) (added, removed, updated []T) {
	for _, key := range slices.Sorted(maps.Keys(after)) {
		switch old, was := before[key]; {
		case !was:
			added = append(added, after[key])
		case old != after[key]:
			updated = append(updated, after[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, is := after[key]; !is {
			removed = append(removed, before[key])
		}
	}
	return added, removed, updated
}

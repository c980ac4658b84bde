package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/devices"
	"parley/session/media"
)

// Sinks say where a played stream goes. Its sound always goes into the mix of
// the speaker.
type Sinks struct {
	// Video shows the pictures; nil for none. It may be a Sized.
	Video media.VideoSink
	// RTP gets every packet as it came, for a recorder; nil for none. It is
	// called on the track's own goroutine and must not keep the packet.
	RTP func(mimeType string, packet *rtp.Packet)
}

// player plays one stream. The loop owns it.
type player struct {
	streamID string
	userID   string
	began    time.Time // of the login
	sinks    Sinks
	state    PlayerState
	arrived  bool // something of it was played
	volume   float32
	lips     *media.LipSync
	asked    map[string]bool  // track SIDs that were subscribed to
	views    map[string]*view // what was asked of pictures, by track SID
	tracks   map[string]*trackPlayer
	backups  map[string]*backup // what is waited for, by track SID
}

// trackPlayer receives one track.
type trackPlayer struct {
	remote *webrtc.TrackRemote
	cancel context.CancelFunc
	done   sync.WaitGroup
	video  *media.VideoReceiver // one of the two
	audio  *media.Playout

	received *media.Reception
}

// StartPlaying receives a stream of the room. An unknown stream is
// ErrUnknownStream; one that is played already changes its sinks only after
// StopPlaying, and is ErrState.
func (e *Engine) StartPlaying(streamID string, sinks Sinks) error {
	return e.call(func() error {
		l := e.login
		if l == nil || l.state == RoomDisconnected {
			return fmt.Errorf("play %s: not logged in: %w", streamID, ErrState)
		}
		s, ok := l.streams[streamID]
		if !ok {
			return fmt.Errorf("play %s: %w", streamID, ErrUnknownStream)
		}
		if l.players[streamID] != nil {
			return fmt.Errorf("play %s: it is played already: %w", streamID, ErrState)
		}
		p := &player{
			streamID: streamID, userID: s.User.ID, began: l.began, sinks: sinks, volume: 1, lips: media.NewLipSync(),
			asked: make(map[string]bool), views: make(map[string]*view), tracks: make(map[string]*trackPlayer), backups: make(map[string]*backup),
		}
		l.players[streamID] = p
		e.stepPlayer(p, PlayRequesting, nil)
		e.subscribe(l, p)
		return nil
	})
}

// StopPlaying ends what StartPlaying began. When it returns the sinks are not
// called any more.
func (e *Engine) StopPlaying(streamID string) error {
	var p *player
	err := e.call(func() error {
		l := e.login
		if l == nil || l.players[streamID] == nil {
			return fmt.Errorf("stop playing %s: %w", streamID, ErrUnknownStream)
		}
		p = l.players[streamID]
		delete(l.players, streamID)
		if l.visit != nil {
			for _, pub := range publications(l.visit, p) {
				e.setSubscribed(pub, false)
			}
		}
		p.stop(e.mixer)
		e.stepPlayer(p, NoPlay, nil)
		return nil
	})
	if p != nil {
		p.wait()
	}
	return err
}

// SetPlayVolume sets how loud a stream is in the mix, from 0 to 2.
func (e *Engine) SetPlayVolume(streamID string, factor float32) error {
	return e.call(func() error {
		if e.login == nil || e.login.players[streamID] == nil {
			return fmt.Errorf("volume of %s: %w", streamID, ErrUnknownStream)
		}
		p := e.login.players[streamID]
		p.volume = factor
		for _, t := range p.tracks {
			if t.audio != nil {
				t.audio.SetVolume(factor)
			}
		}
		return nil
	})
}

// publications finds the tracks of a player's stream.
func publications(v *visit, p *player) []*lksdk.RemoteTrackPublication {
	rp := v.room.GetParticipantByIdentity(p.userID)
	if rp == nil {
		return nil
	}
	var found []*lksdk.RemoteTrackPublication
	for _, pub := range rp.TrackPublications() {
		if id, _ := streamIDOf(pub, p.userID); id == p.streamID {
			if remote, ok := pub.(*lksdk.RemoteTrackPublication); ok {
				found = append(found, remote)
			}
		}
	}
	return found
}

// subscribe asks for the tracks of a stream that were not asked for yet, and
// drops those that a new connection made obsolete.
func (e *Engine) subscribe(l *login, p *player) {
	if l.visit == nil {
		return
	}
	current := make(map[string]bool)
	for _, pub := range publications(l.visit, p) {
		sid := pub.SID()
		current[sid] = true
		if p.asked[sid] || pub.Kind() == lksdk.TrackKindVideo && p.sinks.Video == nil && p.sinks.RTP == nil {
			continue
		}
		p.asked[sid] = true
		if mimeType := unshowable(pub.TrackInfo()); mimeType != "" {
			e.cannotShow(p, &media.CodecError{MimeType: mimeType})
			continue
		}
		e.setSubscribed(pub, true)
		p.awaitBackup(pub, time.Now())
	}
	for sid := range p.asked {
		if !current[sid] {
			delete(p.asked, sid)
			delete(p.views, sid)
			delete(p.backups, sid)
			e.endTrack(p, sid)
		}
	}
}

func (e *Engine) setSubscribed(pub *lksdk.RemoteTrackPublication, on bool) {
	if err := pub.SetSubscribed(on); err != nil {
		e.log.Warn("a subscription was not asked for", "track", pub.SID(), "error", err)
	}
}

// subscribed is told, on the loop, that a track arrives.
func (e *Engine) subscribed(v *visit, remote *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, rp *lksdk.RemoteParticipant) {
	l := e.login
	if l == nil || l.visit != v {
		return
	}
	id, _ := streamIDOf(pub, rp.Identity())
	p := l.players[id]
	if p == nil || p.userID != rp.Identity() {
		return
	}
	e.endTrack(p, pub.SID()) // the same track once more, after a resubscription
	t, err := e.receive(p, remote, rp)
	if err != nil {
		e.cannotShow(p, err)
		return
	}
	p.tracks[pub.SID()] = t
	report := p.lips.SoundReport
	if t.video != nil {
		report = p.lips.VideoReport
	}
	pub.OnRTCP(func(packet rtcp.Packet) {
		if r, ok := packet.(*rtcp.SenderReport); ok && r.SSRC == uint32(remote.SSRC()) {
			report(r)
		}
	})
}

// receive starts the goroutine that receives one track.
func (e *Engine) receive(p *player, remote *webrtc.TrackRemote, rp *lksdk.RemoteParticipant) (*trackPlayer, error) {
	ctx, cancel := context.WithCancel(e.ctx)
	t := &trackPlayer{remote: remote, cancel: cancel, received: media.NewReception(remote.Codec().ClockRate)}
	streamID, userID, began := p.streamID, p.userID, p.began
	playing := func() { e.post(func() { e.playing(p) }) }
	var tap func(*rtp.Packet)
	if p.sinks.RTP != nil {
		record := p.sinks.RTP
		tap = func(packet *rtp.Packet) {
			if remote.Kind() == webrtc.RTPCodecTypeAudio {
				record(webrtc.MimeTypeOpus, packet) // of what is inside
				return
			}
			record(remote.Codec().MimeType, packet)
		}
	}
	var err error
	if remote.Kind() == webrtc.RTPCodecTypeVideo {
		sink := p.sinks.Video
		if sink == nil {
			sink = media.VideoSinkFunc(func(*devices.Frame) {})
		}
		t.video, err = media.NewVideoReceiver(media.VideoReceiverConfig{
			MimeType:        remote.Codec().MimeType,
			Screen:          e.login.streams[streamID].Screen,
			Sink:            sink,
			Sync:            p.lips,
			RequestKeyFrame: func() { rp.WritePLI(remote.SSRC()) },
			FirstFrame: func(width, height int) {
				e.events.post(FirstVideoFrame{StreamID: streamID, UserID: userID, Width: width, Height: height, SinceJoin: time.Since(began)})
				playing()
				e.post(func() { clear(p.backups) })
			},
		})
		if err != nil {
			cancel()
			return nil, err
		}
		t.video.Tap(tap)
		t.done.Go(func() {
			if err := t.video.Run(ctx, trackReader{remote, t.received}); err != nil && ctx.Err() == nil {
				e.log.Debug("a picture track ended", "stream", streamID, "error", err)
			}
		})
		return t, nil
	}
	t.audio, err = media.NewPlayout(p.lips, func() {
		e.events.post(FirstAudioSample{StreamID: streamID, UserID: userID, SinceJoin: time.Since(began)})
		playing()
	})
	if err != nil {
		cancel()
		return nil, err
	}
	t.audio.SetVolume(p.volume)
	e.mixer.Add(t.audio)
	t.done.Go(func() {
		for {
			packet, _, err := remote.ReadRTP()
			if ctx.Err() != nil || ended(err) {
				return
			}
			if err != nil {
				continue // of a payload type that nobody knows, or broken
			}
			t.received.Count(packet, time.Now())
			t.hear(packet, tap)
		}
	})
	return t, nil
}

// hear takes a packet of sound, with its copies of earlier ones.
func (t *trackPlayer) hear(packet *rtp.Packet, tap func(*rtp.Packet)) {
	switch mime := t.remote.Codec().MimeType; {
	case strings.EqualFold(mime, webrtc.MimeTypeOpus):
		t.audio.Push(packet)
	case strings.EqualFold(mime, mimeRED):
		own, err := t.audio.PushRED(packet, opusPayloadType)
		if err != nil {
			return
		}
		packet = &own
	default:
		return
	}
	if tap != nil && len(packet.Payload) > 0 {
		tap(packet)
	}
}

// ended reports whether a track gives nothing more after an error.
func ended(err error) bool {
	var timeout net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || errors.As(err, &timeout)
}

// stepPlayer moves a player's state machine and tells the handler.
func (e *Engine) stepPlayer(p *player, to PlayerState, err error) {
	if p.state == to && err == nil {
		return
	}
	if !playerSteps[playerStep{p.state, to}] {
		e.log.Error("a player step that does not exist", "from", p.state, "to", to)
		return
	}
	p.state = to
	e.events.post(PlayerStateChanged{StreamID: p.streamID, State: to, Err: err})
}

// interrupted notes, on the loop, that nothing arrives while the connection is
// gone.
func (e *Engine) interrupted(l *login) {
	for _, p := range l.players {
		e.stepPlayer(p, PlayRequesting, nil)
	}
}

// resumed notes, on the loop, that the connection is back as it was.
func (e *Engine) resumed(l *login) {
	for _, p := range l.players {
		if p.arrived && len(p.tracks) > 0 {
			e.stepPlayer(p, Playing, nil)
		}
	}
}

// playing notes, on the loop, that media of the stream arrived.
func (e *Engine) playing(p *player) {
	if e.login == nil || e.login.players[p.streamID] != p {
		return
	}
	p.arrived = true
	e.stepPlayer(p, Playing, nil)
}

// unsubscribed is told, on the loop, that a track arrives no more.
func (e *Engine) unsubscribed(v *visit, sid string) {
	if e.login == nil || e.login.visit != v {
		return
	}
	for _, p := range e.login.players {
		e.endTrack(p, sid)
	}
}

func (e *Engine) endTrack(p *player, sid string) {
	t := p.tracks[sid]
	if t == nil {
		return
	}
	delete(p.tracks, sid)
	t.stop(e.mixer)
	e.spawn(t.done.Wait)
}

func (t *trackPlayer) stop(mixer *media.Mixer) {
	t.cancel()
	if t.audio != nil {
		mixer.Remove(t.audio)
	}
	// Ends a read that waits for a packet.
	_ = t.remote.SetReadDeadline(time.Now())
}

func (p *player) stop(mixer *media.Mixer) {
	for _, t := range p.tracks {
		t.stop(mixer)
	}
}

func (p *player) wait() {
	for _, t := range p.tracks {
		t.done.Wait()
	}
}

// level is the loudness of what is played, 0 to 100.
func (p *player) level() int {
	loudest := 0
	for _, t := range p.tracks {
		if t.audio != nil {
			loudest = max(loudest, t.audio.Stats().Level)
		}
	}
	return loudest
}

// trackReader counts the packets, and drops the interceptors' attributes.
type trackReader struct {
	remote   *webrtc.TrackRemote
	received *media.Reception
}

func (r trackReader) ReadRTP() (*rtp.Packet, error) {
	p, _, err := r.remote.ReadRTP()
	if err == nil {
		r.received.Count(p, time.Now())
	}
	return p, err
}

// MimeType implements media.CodecReader.
func (r trackReader) MimeType() string { return r.remote.Codec().MimeType }

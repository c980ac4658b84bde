package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/rtcp"
	pionmedia "github.com/pion/webrtc/v4/pkg/media"

	"parley/devices"
	"parley/session/media"
	"parley/session/wire"
)

// Sources say what a stream is made of. A camera that is off or missing is
// published when it is turned on.
type Sources struct {
	Camera     bool
	Microphone bool
	Screen     bool // what StartSharing opened
}

// StartPublishing sends a stream. It returns at once; how it goes comes as
// PublisherStateChanged. Publishing while a stream is published, or before a
// login, is ErrState.
func (e *Engine) StartPublishing(streamID string, sources Sources) error {
	if err := wire.CheckStreamID(streamID); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return e.call(func() error {
		if e.login == nil || e.login.publisher == nil {
			return fmt.Errorf("publish %s: not logged in: %w", streamID, ErrState)
		}
		return e.login.publisher.start(streamID, sources)
	})
}

// StopPublishing ends the stream. Without one it is ErrState.
func (e *Engine) StopPublishing() error {
	return e.call(func() error {
		if e.login == nil || e.login.publisher == nil {
			return fmt.Errorf("stop publishing: not logged in: %w", ErrState)
		}
		return e.login.publisher.end()
	})
}

func (e *Engine) wakePublisher() {
	if e.login != nil && e.login.publisher != nil {
		e.login.publisher.signal()
	}
}

// publisher brings what is published in line with what is wanted. Publishing
// waits for the server, so it has a goroutine of its own; everybody else only
// says what is wanted and wakes it.
type publisher struct {
	e     *Engine
	user  string
	claim claimer
	wake  chan struct{}
	ctx   context.Context // until stop
	quit  context.CancelFunc
	done  chan struct{}

	mu     sync.Mutex
	wanted publication
	told   sentStream

	// Owned by the goroutine.
	current publication
	claimed time.Time // when the StreamID was last claimed; zero when it is not ours
	waiting time.Time // since when an earlier self has it; zero when none does
	state   PublisherState
	audio   *lksdk.LocalTrackPublication
	video   *picture
	screen  *picture
	sound   *lksdk.LocalTrackPublication // of the screen
}

// sentStream is what leaves: the stream, and its tracks as far as there are.
type sentStream struct {
	streamID     string
	audio, video *sentTrack
	demand       *media.Demand // of the picture
}

// publication is a stream on a connection; an empty ID is none.
type publication struct {
	streamID string
	sources  Sources
	visit    *visit
}

// publishRetry is the wait before a failed publication is tried again.
const publishRetry = 2 * time.Second

// releaseWithin bounds the release of a StreamID, for which leaving waits: without it
// the claim ends by itself.
const releaseWithin = time.Second

// claimer claims a StreamID, renews the claim, or releases it.
type claimer func(ctx context.Context, streamID string, release bool) error

func newPublisher(e *Engine, userID string, claim claimer) *publisher {
	p := &publisher{e: e, user: userID, claim: claim, wake: make(chan struct{}, 1), done: make(chan struct{})}
	p.ctx, p.quit = context.WithCancel(context.Background())
	go p.run()
	return p
}

func (p *publisher) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *publisher) start(streamID string, sources Sources) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted.streamID != "" {
		return fmt.Errorf("publish %s: %s is published: %w", streamID, p.wanted.streamID, ErrState)
	}
	p.wanted.streamID, p.wanted.sources = streamID, sources
	p.signal()
	return nil
}

func (p *publisher) end() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted.streamID == "" {
		return fmt.Errorf("stop publishing: nothing is published: %w", ErrState)
	}
	p.wanted.streamID = ""
	p.signal()
	return nil
}

// connect tells over which connection to publish; nil for none.
func (p *publisher) connect(v *visit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted.visit = v
	p.signal()
}

// streamID is the stream that is wanted, or empty.
func (p *publisher) streamID() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wanted.streamID
}

// sent is what is published by now.
func (p *publisher) sent() (streamID string, audio, video *sentTrack) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told.streamID, p.told.audio, p.told.video
}

// carry tells how much the line carries for the picture, in bit/s; 0 for not known.
func (p *publisher) carry(bits int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.told.demand != nil {
		p.told.demand.SetBudget(bits)
	}
}

func (p *publisher) note(change func(*sentStream)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.told)
}

// stop ends the publishing and waits for it.
func (p *publisher) stop() {
	p.quit()
	<-p.done
}

func (p *publisher) run() {
	defer close(p.done)
	again := time.NewTimer(time.Hour)
	again.Stop()
	defer again.Stop()
	for {
		select {
		case <-p.ctx.Done():
			p.drop()
			p.release()
			p.tell(NoPublish, nil)
			return
		case <-p.wake:
		case <-again.C:
		}
		p.mu.Lock()
		wanted := p.wanted
		p.mu.Unlock()
		err := p.settle(wanted)
		switch {
		case err == nil && !p.claimed.IsZero():
			again.Reset(wire.ClaimEvery)
		case err == nil || p.ctx.Err() != nil || errors.Is(err, errAbandoned): // connect wakes it
		case errors.Is(err, ErrStreamIDInUse) && !p.heldByOurselves(err):
			p.refused(err)
		default:
			p.e.log.Warn("publishing failed", "stream", wanted.streamID, "error", err)
			p.tell(PublishRequesting, err)
			again.Reset(publishRetry)
		}
	}
}

// refused ends the wish for a stream that somebody else has.
func (p *publisher) refused(err error) {
	p.drop()
	p.claimed = time.Time{}
	p.mu.Lock()
	if p.wanted.streamID == p.current.streamID {
		p.wanted.streamID = ""
	}
	p.mu.Unlock()
	p.tell(NoPublish, err)
	p.current.streamID = ""
}

// heldByOurselves reports whether the StreamID is that of an earlier visit of
// the same user to another room, which ended without a word: its claim ends by
// itself soon.
func (p *publisher) heldByOurselves(err error) bool {
	var used *StreamIDInUseError
	if !errors.As(err, &used) || used.Holder.ID != p.user {
		return false
	}
	if p.waiting.IsZero() {
		p.waiting = time.Now()
	}
	return time.Since(p.waiting) < wire.ClaimLife+publishRetry
}

// claimFor makes sure that the StreamID is ours. A claim that can't be renewed
// for a while is kept: who is published already stays so.
func (p *publisher) claimFor(streamID string) error {
	if time.Since(p.claimed) < wire.ClaimEvery*3/4 {
		return nil
	}
	err := p.claim(p.ctx, streamID, false)
	switch {
	case err == nil:
		p.claimed, p.waiting = time.Now(), time.Time{}
	case !p.claimed.IsZero() && !errors.Is(err, ErrStreamIDInUse):
		p.e.log.Debug("a claim was not renewed", "stream", streamID, "error", err)
		return nil
	}
	return err
}

// release gives the StreamID back, for others to have it at once.
func (p *publisher) release() {
	if p.claimed.IsZero() {
		return
	}
	p.claimed = time.Time{}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), releaseWithin)
	defer cancel()
	if err := p.claim(ctx, p.current.streamID, true); err != nil {
		p.e.log.Debug("a claim was not released", "stream", p.current.streamID, "error", err)
	}
}

// tell posts a change of state.
func (p *publisher) tell(state PublisherState, err error) {
	if p.state == state && err == nil {
		return
	}
	if !publisherSteps[publisherStep{p.state, state}] {
		p.e.log.Error("a publisher step that does not exist", "from", p.state, "to", state)
		return
	}
	p.state = state
	p.e.events.post(PublisherStateChanged{StreamID: p.current.streamID, State: state, Err: err})
}

func (p *publisher) settle(wanted publication) error {
	if p.current != wanted {
		p.drop()
		if wanted.streamID != p.current.streamID {
			p.release()
			p.tell(NoPublish, nil)
		}
		p.current = wanted
		if wanted.streamID != "" {
			p.tell(PublishRequesting, nil)
		}
	}
	if wanted.streamID == "" || wanted.visit == nil {
		return nil
	}
	if err := p.claimFor(wanted.streamID); err != nil {
		return err
	}
	if wanted.sources.Microphone && p.audio == nil {
		if err := p.publishAudio(); err != nil {
			return err
		}
	}
	if wanted.sources.Camera && p.video == nil && p.e.camera.enabled.Load() {
		if err := p.publishPicture(&p.video, p.e.camera, livekit.TrackSource_CAMERA, captureFormat(), media.CameraSides()); err != nil {
			return err
		}
	}
	if wanted.sources.Screen && p.screen == nil {
		format := screenFormat()
		if err := p.publishPicture(&p.screen, &p.e.screen, livekit.TrackSource_SCREEN_SHARE,
			devices.VideoFormat{Width: format.MaxWidth, Height: format.MaxHeight}, media.ScreenSides()); err != nil {
			return err
		}
	}
	if wanted.sources.Screen {
		if err := p.settleSound(); err != nil {
			return err
		}
	}
	if p.audio != nil {
		p.audio.SetMuted(!p.e.microphone.sounding())
	}
	if p.video != nil {
		p.video.pub.SetMuted(!p.e.camera.active())
	}
	p.tell(Publishing, nil)
	return nil
}

func (p *publisher) publishAudio() error {
	visit := p.current.visit
	sent := &sentTrack{clock: devices.SampleRate, lost: func(part float64) {
		p.e.microphone.reported(media.Line{Loss: part, Bandwidth: visit.bandwidth.bits(), Picture: p.e.camera.active()})
	}}
	track := newVoiceTrack(p.e.microphone.copies, visit.reports, func(r rtcp.ReceptionReport) { sent.report(r, time.Now()) })
	options := &lksdk.TrackPublicationOptions{Name: streamNamePrefix + p.current.streamID, Source: livekit.TrackSource_MICROPHONE}
	pub, err := p.answer(visit, func() (*lksdk.LocalTrackPublication, error) {
		return visit.room.LocalParticipant.PublishTrack(track, options)
	})
	if err != nil {
		return fmt.Errorf("publish the sound: %w", err)
	}
	p.audio = pub
	p.note(func(s *sentStream) { s.streamID, s.audio = p.current.streamID, sent })
	p.e.microphone.sendTo(sent.counted(track.write))
	return nil
}

// errAbandoned means that nobody waits for a publication any more: its connection or
// the login is over.
var errAbandoned = errors.New("the connection ended while something was published")

// answer waits for a publication. The SDK waits 10 s for the server and can't be
// stopped, not even by the end of its connection, so that its goroutine is left alone
// with the connection when that or the publishing ends.
func (p *publisher) answer(v *visit, publish func() (*lksdk.LocalTrackPublication, error)) (*lksdk.LocalTrackPublication, error) {
	type result struct {
		pub *lksdk.LocalTrackPublication
		err error
	}
	answered := make(chan result, 1)
	go func() {
		pub, err := publish()
		answered <- result{pub, err}
	}()
	select {
	case r := <-answered:
		return r.pub, r.err
	case <-v.gone:
	case <-p.ctx.Done():
	}
	return nil, errAbandoned
}

// drop ends what is published.
func (p *publisher) drop() {
	p.note(func(s *sentStream) { *s = sentStream{} })
	if p.audio != nil {
		p.e.microphone.sendTo(nil)
		p.unpublish(p.audio)
		p.audio = nil
	}
	if p.video != nil {
		p.dropPicture(p.e.camera, p.video)
		p.video = nil
	}
	if p.screen != nil {
		p.dropPicture(&p.e.screen, p.screen)
		p.screen = nil
	}
	if p.sound != nil {
		p.dropSound()
	}
}

func (p *publisher) unpublish(pub *lksdk.LocalTrackPublication) {
	// Over a connection that is gone this fails, and there is nothing to end.
	if err := p.current.visit.room.LocalParticipant.UnpublishTrack(pub.SID()); err != nil {
		p.e.log.Debug("unpublish", "error", err)
	}
}

// videoClock is the RTP clock of pictures, in Hz (RFC 7741, section 4.1).
const videoClock = 90000

// rtpClock maps timestamps to those of RTP. The zero rtpClock is ready; the layers
// of a picture share one.
type rtpClock struct {
	mu    sync.Mutex
	start uint32
	epoch time.Time
}

// at begins at random (RFC 3550, section 5.1).
func (c *rtpClock) at(timestamp time.Time, clock int64) uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch.IsZero() {
		c.epoch, c.start = timestamp, rand.Uint32N(1<<30)
	}
	return c.start + ticks(timestamp.Sub(c.epoch), clock) + 1
}

// writer sends samples over a track. RTP timestamps follow the samples' own
// clock, so that a pause shows as one. least is the shortest time between two
// samples.
func (c *rtpClock) writer(track *lksdk.LocalTrack, clock int64, least time.Duration) media.SampleWriter {
	return func(s media.Sample) error {
		return track.WriteSample(pionmedia.Sample{Data: s.Data, Duration: least, PacketTimestamp: c.at(s.Timestamp, clock)}, nil)
	}
}

// Package session is one visit to a room: the Engine logs in, publishes and
// plays streams and carries the chat, and tells what happens as typed events.
// The flow and its vocabulary follow the ZEGO Express SDK; underneath work
// LiveKit for media and NATS JetStream for the chat.
package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"parley/devices"
	"parley/session/chat"
	"parley/session/media"
	"parley/session/wire"
)

// Profile is what an engine works with. Devices, Store and Logger are
// required, and Server before a login.
type Profile struct {
	AppID   string // empty means wire.LocalAppID
	Server  string // HOST, HOST:PORT, or a URL; UseServer changes it
	Devices devices.Opener
	Store   *chat.Store
	Logger  *slog.Logger
	// SoundLevelEvery is from 100 ms (the default) to 3 s.
	SoundLevelEvery time.Duration
	// ReconnectFor is how long a lost room is tried again; 20 minutes if 0.
	ReconnectFor time.Duration

	// Locate tells where the server of an ID is now (HOST:PORT), for as long as
	// ctx lasts; nil for nobody who can tell. It is asked while a lost room's
	// server is looked for, and answers for that very server only: what it gives
	// is sent the credential.
	Locate func(ctx context.Context, serverID string) (address string, err error)

	// Voice processes what a real microphone gives; nil for nothing. Its owner
	// closes it after the engine.
	Voice media.VoiceProcessor

	care deviceCare // as usual if zero
}

// quietSDK keeps the media SDK, whose logger belongs to the process, from
// writing to standard error.
//
//nolint:gochecknoglobals // the SDK's logger is one of the process too
var quietSDK = sync.OnceFunc(func() { lksdk.SetLogger(logger.GetDiscardLogger()) })

const defaultReconnectFor = 20 * time.Minute

// Engine is the object that a client is built on. Its methods may be called
// from any goroutine. What belongs to a login is owned by one goroutine, the
// loop; methods and the media engine's callbacks reach it through calls.
type Engine struct {
	profile Profile
	log     *slog.Logger
	events  *eventQueue
	calls   chan func()
	ctx     context.Context // until Close
	cancel  context.CancelFunc
	work    sync.WaitGroup
	closing sync.Once

	camera     *cameraDesk
	screen     screenDesk
	microphone *microphoneDesk
	speaker    *speakerDesk
	mixer      *media.Mixer

	// Owned by the loop.
	login  *login   // nil without a login
	server *url.URL // of the next login; nil when none is named
	appID  string   // of the next login
	muted  mutedWatch
	// retired is closed when the last login was cleaned up after; nil before.
	retired <-chan struct{}
}

// NewEngine checks the profile and starts the engine; it opens no device and
// no connection. h receives the events until Close returns.
func NewEngine(p Profile, h Handler) (*Engine, error) {
	if p.AppID == "" {
		p.AppID = wire.LocalAppID
	}
	if p.SoundLevelEvery == 0 {
		p.SoundLevelEvery = 100 * time.Millisecond
	}
	p.SoundLevelEvery = min(max(p.SoundLevelEvery, 100*time.Millisecond), 3*time.Second)
	if p.ReconnectFor == 0 {
		p.ReconnectFor = defaultReconnectFor
	}
	server, err := serverOf(p.Server)
	if err != nil {
		return nil, err
	}
	quietSDK()
	e := &Engine{profile: p, server: server, appID: p.AppID, log: p.Logger, events: newEventQueue(h), calls: make(chan func(), 64), mixer: media.NewMixer()}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	care := p.care.withDefaults()
	// What is published says whether its device delivers.
	device := func(event Event) {
		e.events.post(event)
		e.post(e.wakePublisher)
	}
	reference := new(media.Reference)
	e.camera = newCameraDesk(p.Devices, care, device, e.spawn)
	e.microphone = newMicrophoneDesk(p.Devices, care, p.Voice, reference, device, e.spawn)
	e.speaker = newSpeakerDesk(p.Devices, care, e.mixer.Render, reference, e.events.post)
	for _, look := range []func(context.Context, time.Time){e.camera.look, e.microphone.look, e.speaker.look} {
		e.work.Go(func() { e.lookAfter(care.every, look) })
	}
	e.work.Go(e.loop)
	return e, nil
}

// serverOf reads an address; an empty one is none.
func serverOf(address string) (*url.URL, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // no server is not a failure yet
	}
	server, err := wire.ServerURL(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrServerAddress, err)
	}
	return server, nil
}

// UseServer says where the next login goes, and to which AppID; an empty one means
// wire.LocalAppID. While logged in it is ErrState.
func (e *Engine) UseServer(appID, address string) error {
	if appID == "" {
		appID = wire.LocalAppID
	}
	if err := wire.CheckAppID(appID); err != nil {
		return err
	}
	server, err := serverOf(address)
	if err != nil {
		return err
	}
	return e.call(func() error {
		if e.login != nil && e.login.state != RoomDisconnected {
			return fmt.Errorf("use another server: logged in to %s: %w", e.login.roomID, ErrState)
		}
		e.server, e.appID = server, appID
		return nil
	})
}

// Close logs out, closes every device and ends every goroutine of the engine.
func (e *Engine) Close() error {
	var err error
	e.closing.Do(func() {
		if err = e.LogoutRoom(); errors.Is(err, ErrState) {
			err = nil
		}
		e.cancel()
		e.camera.close()
		e.screen.end(e.spawn)
		e.microphone.close()
		e.speaker.close()
		e.work.Wait()
		e.events.close()
	})
	return err
}

// lookAfter looks at devices of a kind now and then.
func (e *Engine) lookAfter(every time.Duration, look func(context.Context, time.Time)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case now := <-tick.C:
			look(e.ctx, now)
		}
	}
}

// spawn runs f on a goroutine that Close waits for.
func (e *Engine) spawn(f func()) { e.work.Go(f) }

// loop owns e.room.
func (e *Engine) loop() {
	every := e.profile.SoundLevelEvery
	levels := time.NewTicker(every)
	defer levels.Stop()
	qualities, streams := time.NewTicker(qualityEvery), time.NewTicker(streamsEvery)
	defer qualities.Stop()
	defer streams.Stop()
	silence, views := time.NewTicker(silenceEvery), time.NewTicker(viewEvery)
	defer silence.Stop()
	defer views.Stop()
	// What is for a call alone wakes nobody before it.
	inCall := func(t *time.Ticker) <-chan time.Time {
		if e.login == nil {
			return nil
		}
		return t.C
	}
	for {
		select {
		case f := <-e.calls:
			f()
		case <-levels.C:
			e.reportLevels()
			if next := e.levelsEvery(); next != every {
				every = next
				levels.Reset(every)
			}
		case <-inCall(qualities):
			e.reportQuality()
		case now := <-inCall(silence):
			e.listenForSilence(now)
		case <-inCall(streams):
			e.reportStreams()
		case now := <-inCall(views):
			e.matchViews(now)
			e.missBackups(now)
			e.matchLine()
		case <-e.ctx.Done():
			return
		}
	}
}

// post runs f on the loop, some time; after Close it does nothing.
func (e *Engine) post(f func()) {
	select {
	case e.calls <- f:
	case <-e.ctx.Done():
	}
}

// call runs f on the loop and waits for its result.
func (e *Engine) call(f func() error) error {
	result := make(chan error, 1)
	select {
	case e.calls <- func() { result <- f() }:
	case <-e.ctx.Done():
		return ErrClosed
	}
	select {
	case err := <-result:
		return err
	case <-e.ctx.Done():
		return ErrClosed
	}
}

// silentEvery is how often levels are told where nothing can be heard: a window in which
// nothing happens is not to be woken ten times a second.
const silentEvery = 500 * time.Millisecond

// levelsEvery is how often levels are told now, on the loop.
func (e *Engine) levelsEvery() time.Duration {
	if e.login == nil && !e.microphone.isOpen() {
		return max(e.profile.SoundLevelEvery, silentEvery)
	}
	return e.profile.SoundLevelEvery
}

func (e *Engine) reportLevels() {
	levels := SoundLevels{Local: e.microphone.level()}
	muted := e.microphone.muted.Load() && e.microphone.isOpen() && e.login != nil && e.login.state == RoomConnected
	if e.muted.observe(time.Now(), muted, levels.Local, e.profile.SoundLevelEvery) {
		e.events.post(TalkingWhileMuted{})
	}
	if e.login != nil && len(e.login.players) > 0 {
		levels.Streams = make(map[string]int, len(e.login.players))
		for id, p := range e.login.players {
			levels.Streams[id] = p.level()
		}
	}
	if levels.Streams == nil && !e.microphone.isOpen() {
		return
	}
	e.events.post(levels)
}

// StartPreview shows the camera's pictures, marked as mirrored, to sink. It
// works before and without a login. The camera opens when it is enabled.
func (e *Engine) StartPreview(sink media.VideoSink) { e.camera.preview(sink) }

// StopPreview ends the preview; the camera closes if nothing else needs it.
func (e *Engine) StopPreview() { e.camera.preview(nil) }

// LookAtCamera keeps the camera open for the preview, also while it is off for
// the others: then nothing of it is sent.
func (e *Engine) LookAtCamera(on bool) { e.camera.lookAt(on) }

// UseCamera chooses the camera by name; an open one is replaced.
func (e *Engine) UseCamera(name string) { e.camera.use(name) }

// UseMicrophone chooses the microphone by name; an open one is replaced.
func (e *Engine) UseMicrophone(name string) { e.microphone.use(name) }

// UseSpeaker chooses the speaker by name; an open one is replaced.
func (e *Engine) UseSpeaker(name string) { e.speaker.use(name) }

// EnableCamera turns the camera on or off. Off frees the device and sends
// nothing. How that went comes as DeviceChanged.
func (e *Engine) EnableCamera(on bool) {
	e.camera.enable(on)
	e.post(e.wakePublisher)
}

// MuteMicrophone shuts or opens the gate behind the microphone. When it
// returns with on set, nothing captured after it leaves the process.
func (e *Engine) MuteMicrophone(on bool) {
	e.microphone.mute(on)
	e.post(e.wakePublisher)
}

// SendMusic sends the microphone's sound as it is: for music, which the
// processing of voices spoils.
func (e *Engine) SendMusic(on bool) { e.microphone.sendMusic(on) }

// MonitorMicrophone keeps the microphone open for its level, also when nothing
// is published.
func (e *Engine) MonitorMicrophone(on bool) { e.microphone.monitor(on) }

// PlayClip lets a clip be heard beside the call, while the user is in a room;
// StopClip ends it.
func (e *Engine) PlayClip(c *media.Clip) { e.mixer.AddAside(c) }

// StopClip ends what PlayClip began.
func (e *Engine) StopClip(c *media.Clip) { e.mixer.RemoveAside(c) }

// TapMix gives every block of what the speaker plays to f, on the speaker's
// thread; nil ends it.
func (e *Engine) TapMix(f func([]float32)) { e.mixer.Tap(f) }

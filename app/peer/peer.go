// Package peer is a participant without a window: it publishes, plays
// everybody, and prints what happens as JSON lines. Tests, demos and bots are
// built on it.
package peer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"parley/app/hardware"
	"parley/app/nearby"
	"parley/devices"
	"parley/devices/voice"
	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
)

// Options of a peer.
type Options struct {
	Server, AppID, Room, Name, Token string
	// UserID and StreamID default to what Name makes of itself.
	UserID, StreamID string
	// Video and Audio are "synthetic", "file:PATH", "none", or a device's name.
	Video, Audio string
	Speaker      string        // a device's name, or "none"
	View         string        // "WIDTHxHEIGHT" in which pictures are seen; empty for their own
	Processing   []string      // of a real microphone: "echo", "noise", "gain", or "none"
	Music        bool          // the sound is sent as it is
	Record       string        // folder for what is received; empty for none
	Say          string        // a text to send after joining
	For          time.Duration // 0: until ctx is done or /leave
	Data         string        // folder of the local store
	Input        io.Reader     // chat commands; nil for none
	UntilEOF     bool          // leave with the end of Input: its writer is gone
	Output       io.Writer     // JSON lines
	Logger       *slog.Logger
}

// Run joins, stays, and leaves. The error is what failed the join, or nil.
func Run(ctx context.Context, o Options) error {
	began := time.Now()
	if o.UserID == "" {
		o.UserID = userID(o.Name)
	}
	if o.StreamID == "" {
		o.StreamID = o.UserID
	}
	store, err := chat.Open(ctx, o.Data)
	if err != nil {
		return err
	}
	defer store.Close()
	if aside := store.SetAside(); aside != nil {
		o.Logger.Warn("the message store was set aside", "path", aside.Path, "error", aside.Err)
	}
	opener := hardware.New(o.Logger)
	defer opener.Close()
	p := &peer{o: o, out: &printer{began: began, w: o.Output}, leave: make(chan struct{})}
	if o.View != "" {
		size, err := parseView(o.View)
		if err != nil {
			return err
		}
		p.view.Store(size)
	}
	if o.Record != "" {
		if p.recorder, err = newRecorder(o.Record); err != nil {
			return err
		}
		defer p.recorder.close()
	}
	events := make(chan session.Event, 256)
	profile := session.Profile{AppID: o.AppID, Server: o.Server, Devices: opener, Store: store, Logger: o.Logger, Locate: nearby.Finder{}.Locate}
	processor, err := processing(o.Processing)
	if err != nil && !errors.Is(err, voice.ErrMissing) {
		return err
	}
	if processor != nil {
		defer processor.Close()
		profile.Voice = processor
	}
	p.engine, err = session.NewEngine(profile, func(e session.Event) { events <- e })
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range events {
			p.handle(e)
		}
	}()
	err = p.stay(ctx)
	err = errors.Join(err, p.engine.Close())
	close(events)
	<-done
	return err
}

// processing makes what changes the sound of a real microphone; nil for
// nothing.
func processing(names []string) (*voice.Processor, error) {
	var s voice.Settings
	for _, name := range names {
		switch name {
		case "echo":
			s.Echo = true
		case "noise":
			s.Noise = true
		case "gain":
			s.Gain = true
		case "none":
		default:
			return nil, fmt.Errorf("%q is no processing: echo, noise, gain or none", name)
		}
	}
	if s == (voice.Settings{}) {
		return nil, voice.ErrMissing
	}
	return voice.New(s)
}

// userID makes an ID of a name: the name itself where it can be one.
func userID(name string) string {
	if wire.CheckUserID(name) == nil {
		return name
	}
	return wire.SubjectToken(name[:min(len(name), 24)]) + "u"
}

type peer struct {
	o        Options
	engine   *session.Engine
	out      *printer
	recorder *recorder
	view     atomic.Int64 // width<<32 | height, of sized viewers
	leave    chan struct{}
}

func (p *peer) stay(ctx context.Context) error {
	if p.recorder != nil {
		p.engine.TapMix(p.recorder.mix)
		defer p.engine.TapMix(nil)
	}
	// Without a speaker somebody has to pull the mix all the same.
	p.engine.UseSpeaker(p.o.Speaker)
	p.engine.UseCamera(p.o.Video)
	p.engine.UseMicrophone(p.o.Audio)
	p.engine.SendMusic(p.o.Music)
	p.engine.EnableCamera(p.o.Video != devices.None)
	if err := p.engine.LoginRoom(ctx, p.o.Room, session.User{ID: p.o.UserID, Name: p.o.Name}, session.Credential{Token: p.o.Token}); err != nil {
		return err
	}
	if p.recorder != nil {
		if err := p.engine.StartCallRecording(p.recorder.callPath()); err != nil {
			return err
		}
	}
	if err := p.publish(p.o.StreamID); err != nil {
		return err
	}
	if p.o.Say != "" {
		if _, err := p.chatCommand(ctx, "/text", p.o.Say); err != nil {
			return err
		}
	}
	if p.o.Input != nil {
		// Reading standard input can't be interrupted; the process ends it.
		go p.commands(ctx)
	}
	var end <-chan time.Time
	if p.o.For > 0 {
		end = time.After(p.o.For)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	meter := newMeter()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-end:
			return nil
		case <-p.leave:
			return nil
		case <-tick.C:
			p.out.print("stats", meter.read(p.engine.Stats()))
		}
	}
}

func (p *peer) publish(streamID string) error {
	sources := session.Sources{Camera: p.o.Video != devices.None, Microphone: p.o.Audio != devices.None}
	if !sources.Camera && !sources.Microphone {
		return nil
	}
	return p.engine.StartPublishing(streamID, sources)
}

// commands obeys the lines of standard input.
func (p *peer) commands(ctx context.Context) {
	lines := bufio.NewScanner(p.o.Input)
	lines.Buffer(nil, lineMax)
	for lines.Scan() {
		name, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if name == "" {
			continue
		}
		if err := p.command(ctx, name, strings.TrimSpace(rest)); err != nil {
			p.out.print("error", map[string]any{"command": name, "error": err.Error()})
		}
	}
	if p.o.UntilEOF {
		_ = p.command(ctx, "/leave", "") // that never fails
	}
}

// lineMax bounds a command, in bytes.
const lineMax = 1 << 20

var errCommand = errors.New("no such command")

func (p *peer) command(ctx context.Context, name, rest string) error {
	if ok, err := p.chatCommand(ctx, name, rest); ok || err != nil {
		return err
	}
	switch name {
	case "/mute", "/unmute":
		p.engine.MuteMicrophone(name == "/mute")
	case "/camera":
		if rest != "on" && rest != "off" {
			return fmt.Errorf("%w: /camera on or /camera off", errCommand)
		}
		p.engine.EnableCamera(rest == "on")
	case "/share":
		if rest == "off" {
			return p.engine.StopSharing()
		}
		id, sound := strings.CutSuffix(rest, " sound")
		if err := p.engine.StartSharing(ctx, id); err != nil || !sound {
			return err
		}
		return p.engine.ShareSound(ctx, id)
	case "/view":
		size, err := parseView(rest)
		if err != nil {
			return fmt.Errorf("%w: %w", errCommand, err)
		}
		p.view.Store(size)
	case "/microphone":
		p.engine.UseMicrophone(rest)
	case "/speaker":
		p.engine.UseSpeaker(rest)
	case "/publish":
		return p.publish(rest)
	case "/unpublish":
		return p.engine.StopPublishing()
	case "/leave":
		select {
		case <-p.leave:
		default:
			close(p.leave)
		}
	default:
		return fmt.Errorf("%w: %s", errCommand, name)
	}
	return nil
}

// handle prints an event, and plays every stream that appears.
func (p *peer) handle(event session.Event) {
	switch e := event.(type) {
	case session.RoomStateChanged:
		line := state(e.State.String(), e.Reason.String(), e.Err, "room_id", e.RoomID)
		if e.Attempt > 0 {
			line["attempt"], line["next_try"] = e.Attempt, e.NextTry.UTC()
		}
		p.out.print("room_state", line)
	case session.PublisherStateChanged:
		p.out.print("publisher_state", state(e.State.String(), "", e.Err, "stream_id", e.StreamID))
	case session.LobbyEntered:
		p.out.print("lobby", map[string]any{"room_id": e.RoomID})
	case session.RoomInfoChanged:
		p.out.print("room_info", map[string]any{"locked": e.Info.Locked, "lobby": e.Info.Lobby, "passcode": e.Info.Passcode, "waiting": e.Info.Count})
	case session.SilencedByHost:
		p.out.print("silenced", map[string]any{"microphone": e.Microphone, "camera": e.Camera})
	case session.SharingEnded:
		p.out.print("sharing_ended", map[string]any{"error": text(e.Err)})
	case session.SharingSoundEnded:
		p.out.print("sharing_sound_ended", map[string]any{"error": text(e.Err)})
	case session.PlayerStateChanged:
		p.out.print("player_state", state(e.State.String(), "", e.Err, "stream_id", e.StreamID))
	case session.RoomUsersChanged:
		p.out.print("users", map[string]any{"added": users(e.Added), "removed": users(e.Removed), "updated": users(e.Updated)})
	case session.SelfChanged:
		p.out.print("self", member(e.Self))
	case session.RoomStreamsChanged:
		p.out.print("streams", map[string]any{"added": streams(e.Added), "removed": streams(e.Removed), "updated": streams(e.Updated)})
		for _, s := range e.Added {
			p.play(s)
		}
		for _, s := range e.Removed {
			if p.recorder != nil {
				p.recorder.end(s.ID)
			}
		}
	case session.FirstVideoFrame:
		p.out.print("first_video", first(e.StreamID, e.UserID, e.SinceJoin))
	case session.FirstAudioSample:
		p.out.print("first_audio", first(e.StreamID, e.UserID, e.SinceJoin))
	case session.DeviceChanged:
		p.out.print("device", map[string]any{"kind": e.Kind.String(), "name": e.Name, "open": e.Open, "error": text(e.Err)})
	case session.ChatEvent:
		p.chatEvent(e.Event)
	case session.NetworkQuality:
		p.out.print("quality", map[string]any{"user_id": e.UserID, "quality": e.Quality.String()})
	case session.SilenceChanged:
		p.out.print("silence", map[string]any{"cause": e.Cause.String(), "stream_id": e.StreamID, "user_id": e.UserID, "on": e.On})
	case session.StreamQuality:
		p.out.print("stream_quality", streamQuality(e))
	case session.TalkingWhileMuted:
		p.out.print("talking_while_muted", map[string]any{})
	case session.CallRecordingChanged:
		p.out.print("call_recording", map[string]any{"on": e.On, "path": e.Path, "length_ms": e.Length.Milliseconds(), "error": text(e.Err)})
	case session.SoundLevels:
		// Ten a second: the statistics line has them.
	}
}

func (p *peer) play(s session.Stream) {
	sinks := session.Sinks{Video: viewer{&p.view}}
	if p.o.View != "" {
		sinks.Video = sizedViewer{viewer{&p.view}}
	}
	if p.recorder != nil {
		sinks.RTP = p.recorder.begin(s.ID)
	}
	if err := p.engine.StartPlaying(s.ID, sinks); err != nil {
		p.out.print("error", map[string]any{"stream_id": s.ID, "error": err.Error()})
	}
}

package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/server"
	"parley/session"
	"parley/session/chat"
	"parley/session/chat/voice"
	"parley/session/media"
	"parley/session/wire"
)

// address is that of the real engines, which run once for all tests, in a
// process of their own, so that their goroutines are not taken for ours.
var address string // set once, by TestMain

const serveVariable = "PARLEY_TEST_SERVE"

func TestMain(m *testing.M) {
	if data := os.Getenv(serveVariable); data != "" {
		err := server.Run(context.Background(), server.Config{Listen: "127.0.0.1:0", Data: data, Open: true, Logger: slog.New(slog.DiscardHandler)},
			server.RunOptions{Machine: true, UntilEOF: os.Stdin, Output: os.Stdout})
		if err != nil {
			panic(err)
		}
		return
	}
	data, err := os.MkdirTemp("", "parley-session-*")
	if err != nil {
		panic(err)
	}
	host := exec.Command(os.Args[0])
	// The engines' own races are for their authors: they go to a file.
	host.Env = append(os.Environ(), serveVariable+"="+data, "GORACE=log_path="+data+"/race")
	host.Stderr = os.Stderr
	stdin, err := host.StdinPipe()
	if err != nil {
		panic(err)
	}
	stdout, err := host.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := host.Start(); err != nil {
		panic(err)
	}
	var ready server.Ready
	if err := json.NewDecoder(stdout).Decode(&ready); err != nil {
		panic(err)
	}
	address = ready.Address
	code := m.Run()
	_ = stdin.Close()
	_ = host.Wait()
	_ = os.RemoveAll(data)
	os.Exit(code)
}

// lab is a set of devices that are always there and can be pulled out.
type lab struct {
	hz      float64
	frames  atomic.Int64
	unplug  atomic.Bool
	mute    atomic.Bool // what programs play can't be heard
	mu      sync.Mutex
	played  []float32
	opened  map[devices.Kind]int
	missing bool
}

func (l *lab) List(context.Context, devices.Kind) ([]devices.Info, error) { return nil, nil }

func (l *lab) open(kind devices.Kind) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opened == nil {
		l.opened = make(map[devices.Kind]int)
	}
	l.opened[kind]++
	if l.missing {
		return devices.ErrNotFound
	}
	return nil
}

func (l *lab) OpenCamera(context.Context, string, devices.VideoFormat) (devices.VideoSource, error) {
	if err := l.open(devices.Camera); err != nil {
		return nil, err
	}
	return &labCamera{lab: l, began: time.Now(), closed: make(chan struct{})}, nil
}

func (l *lab) OpenMicrophone(context.Context, string) (devices.AudioSource, error) {
	if err := l.open(devices.Microphone); err != nil {
		return nil, err
	}
	return &labMicrophone{lab: l, next: time.Now(), closed: make(chan struct{})}, nil
}

func (l *lab) OpenSpeaker(_ context.Context, _ string, render devices.Render) (devices.AudioOutput, error) {
	if err := l.open(devices.Speaker); err != nil {
		return nil, err
	}
	s := &labSpeaker{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		tick := time.NewTicker(devices.Period)
		defer tick.Stop()
		buf := make([]float32, devices.PeriodSamples)
		for {
			select {
			case <-s.stop:
				return
			case <-tick.C:
				render(buf)
				l.mu.Lock()
				l.played = append(l.played, buf...)
				l.mu.Unlock()
			}
		}
	}()
	return s, nil
}

// heard measures how much of the tone hz the last half second of the speaker
// holds, from 0 to 1 (Goertzel's algorithm).
func (l *lab) heard(hz float64) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.played[max(0, len(l.played)-devices.SampleRate/2):]
	if len(s) < devices.SampleRate/4 {
		return 0
	}
	var re, im, energy float64
	for i, x := range s {
		phase := 2 * math.Pi * hz * float64(i) / devices.SampleRate
		re += float64(x) * math.Cos(phase)
		im += float64(x) * math.Sin(phase)
		energy += float64(x) * float64(x)
	}
	if energy < 1e-3 {
		return 0
	}
	return (re*re + im*im) * 2 / (energy * float64(len(s)))
}

type labCamera struct {
	lab    *lab
	pool   devices.FramePool
	began  time.Time
	n      int
	closed chan struct{}
	once   sync.Once
}

func (c *labCamera) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	select {
	case <-c.closed:
		return nil, devices.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Until(c.began.Add(time.Duration(c.n) * time.Second / 30))):
	}
	if c.lab.unplug.Load() {
		return nil, devices.ErrNotFound
	}
	f, err := c.pool.Get(320, 180)
	if err != nil {
		return nil, err
	}
	for i := range f.Y {
		f.Y[i] = byte(i + 3*c.n)
	}
	f.Timestamp = time.Duration(c.n) * time.Second / 30
	c.n++
	c.lab.frames.Add(1)
	return f, nil
}

func (c *labCamera) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

type labMicrophone struct {
	lab    *lab
	next   time.Time
	n      int
	closed chan struct{}
	once   sync.Once
}

func (m *labMicrophone) ReadPeriod(ctx context.Context, dst []float32) error {
	m.next = m.next.Add(devices.Period)
	select {
	case <-m.closed:
		return devices.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(m.next)):
	}
	for i := range dst {
		dst[i] = float32(0.3 * math.Sin(2*math.Pi*m.lab.hz*float64(m.n)/devices.SampleRate))
		m.n++
	}
	return nil
}

func (m *labMicrophone) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

type labSpeaker struct{ stop, done chan struct{} }

func (s *labSpeaker) Close() error {
	close(s.stop)
	<-s.done
	return nil
}

// person is an engine and what it told.
type person struct {
	t      *testing.T
	id     string
	lab    *lab
	engine *session.Engine
	store  *chat.Store
	mu     sync.Mutex
	events []session.Event
	shown  map[string]*atomic.Int64
	// hurried ones leave before they have looked at everybody.
	hurried bool
}

func newPerson(t *testing.T, id string, hz float64) *person {
	t.Helper()
	return newPersonAt(t, address, 0, id, hz)
}

// newPersonAt reaches the server at an address, and tries a lost room again for
// a while.
func newPersonAt(t *testing.T, address string, reconnectFor time.Duration, id string, hz float64) *person {
	t.Helper()
	return newPersonOf(t, session.Profile{Server: address, ReconnectFor: reconnectFor}, id, hz)
}

// newPersonOf is a person with a profile, to which the devices and the store are added.
func newPersonOf(t *testing.T, profile session.Profile, id string, hz float64) *person {
	t.Helper()
	p := &person{t: t, id: id, lab: &lab{hz: hz}, shown: make(map[string]*atomic.Int64)}
	var err error
	if p.store, err = chat.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	profile.Devices, profile.Store, profile.Logger = p.lab, p.store, slog.New(slog.DiscardHandler)
	p.engine, err = session.NewEngine(profile, p.handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.engine.Close(); err != nil {
			t.Error(err)
		}
		_ = p.store.Close()
	})
	return p
}

func (p *person) handle(e session.Event) {
	p.mu.Lock()
	p.events = append(p.events, e)
	p.mu.Unlock()
	if streams, ok := e.(session.RoomStreamsChanged); ok {
		for _, s := range streams.Added {
			shown := new(atomic.Int64)
			p.mu.Lock()
			p.shown[s.ID] = shown
			p.mu.Unlock()
			sink := media.VideoSinkFunc(func(*devices.Frame) { shown.Add(1) })
			if err := p.engine.StartPlaying(s.ID, session.Sinks{Video: sink}); err != nil && !p.hurried {
				p.t.Errorf("%s plays %s: %v", p.id, s.ID, err)
			}
		}
	}
}

// saw waits for an event that matches.
func saw[E session.Event](p *person, what string, match func(E) bool) E {
	p.t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		events := p.events
		p.mu.Unlock()
		for _, e := range events {
			if e, ok := e.(E); ok && match(e) {
				return e
			}
		}
	}
	p.t.Fatalf("%s never saw: %s\n%s", p.id, what, p.story())
	panic("unreachable")
}

func (p *person) story() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, e := range p.events {
		if _, ok := e.(session.SoundLevels); !ok {
			fmt.Fprintf(&b, "  %T%+v\n", e, e)
		}
	}
	return b.String()
}

func (p *person) join(roomID string) {
	p.t.Helper()
	if err := p.engine.LoginRoom(p.t.Context(), roomID, session.User{ID: p.id, Name: strings.ToUpper(p.id)}, session.Credential{}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) publish() {
	p.t.Helper()
	p.engine.EnableCamera(true)
	if err := p.engine.StartPublishing(p.id+"-main", session.Sources{Camera: true, Microphone: true}); err != nil {
		p.t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestTwoPeopleSeeHearAndChat(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 700)
	ann.join("call")
	ann.publish()
	saw(ann, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	bob.join("call")
	bob.publish()

	first := saw(bob, "ann's picture", func(e session.FirstVideoFrame) bool { return e.StreamID == "ann-main" })
	sound := saw(bob, "ann's sound", func(e session.FirstAudioSample) bool { return e.StreamID == "ann-main" })
	t.Logf("first picture %v, first sound %v after the login began", first.SinceJoin, sound.SinceJoin)
	saw(ann, "bob's picture", func(e session.FirstVideoFrame) bool { return e.StreamID == "bob-main" })
	eventually(t, "bob hears ann", func() bool { return bob.lab.heard(440) > 0.5 })
	eventually(t, "ann hears bob", func() bool { return ann.lab.heard(700) > 0.5 })

	sent, err := ann.engine.Conversation().SendText(t.Context(), chat.Draft{Text: "Hello, 你好 👋"})
	if err != nil {
		t.Fatal(err)
	}
	message := func(e session.ChatEvent) chat.Message {
		changed, _ := e.Event.(chat.MessageChanged)
		return changed.Message
	}
	saw(ann, "her message stored", func(e session.ChatEvent) bool {
		return message(e).ID == sent.ID && message(e).Status == chat.StatusStored
	})
	got := message(saw(bob, "ann's message", func(e session.ChatEvent) bool { return message(e).ID == sent.ID }))
	if got.Text != "Hello, 你好 👋" || got.UserID != "ann" || got.Own {
		t.Errorf("%+v", got)
	}
	for _, p := range []*person{ann, bob} {
		page, err := p.engine.Conversation().History().Newest(t.Context(), 10)
		if err != nil || len(page) != 1 || page[0].ID != sent.ID {
			t.Errorf("%s has %+v, %v", p.id, page, err)
		}
	}

	// The order of truth.
	var users, connected bool
	bob.mu.Lock()
	told := slices.Clone(bob.events)
	bob.mu.Unlock()
	for _, e := range told {
		switch e := e.(type) {
		case session.RoomUsersChanged:
			users = true
		case session.RoomStateChanged:
			if e.State == session.RoomConnected {
				connected = true
				if !users {
					t.Error("connected before the users were known")
				}
			}
		case session.RoomStreamsChanged:
			if !connected {
				t.Error("streams before connected")
			}
		}
	}
}

func TestMutedIsSilentAndSaidSo(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 700)
	ann.join("mute")
	ann.publish()
	bob.join("mute")
	eventually(t, "bob hears ann", func() bool { return bob.lab.heard(440) > 0.5 })
	ann.engine.MuteMicrophone(true)
	saw(bob, "ann muted", func(e session.RoomStreamsChanged) bool { return len(e.Updated) == 1 && e.Updated[0].Audio.Muted })
	eventually(t, "ann is silent", func() bool { return bob.lab.heard(440) == 0 })
	ann.engine.MuteMicrophone(false)
	eventually(t, "bob hears ann again", func() bool { return bob.lab.heard(440) > 0.5 })

	ann.engine.EnableCamera(false)
	saw(bob, "ann's camera off", func(e session.RoomStreamsChanged) bool { return len(e.Updated) == 1 && e.Updated[0].Video.Muted })
	frames := ann.lab.frames.Load()
	time.Sleep(200 * time.Millisecond)
	if ann.lab.frames.Load() != frames {
		t.Error("the camera goes on capturing")
	}
	before := bob.shown["ann-main"].Load()
	ann.engine.EnableCamera(true)
	eventually(t, "the picture is back", func() bool { return bob.shown["ann-main"].Load() > before+3 })
}

func TestVoiceIsRecordedThoughMuted(t *testing.T) {
	ann := newPerson(t, "ann", 500)
	ann.engine.MuteMicrophone(true)
	path := filepath.Join(t.TempDir(), "v.ogg")
	var loud atomic.Int64
	r, err := ann.engine.RecordVoice(path, func(level byte, _ time.Duration) { loud.Store(max(loud.Load(), int64(level))) })
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := r.Pause(); err != nil {
		t.Fatal(err)
	}
	part, err := voice.Inspect(path)
	if err != nil || part.Duration < 100*time.Millisecond {
		t.Errorf("while it is paused: %v, %v", part.Duration, err)
	}
	time.Sleep(300 * time.Millisecond) // not recorded
	r.Resume()
	time.Sleep(300 * time.Millisecond)
	got, length, err := r.Stop()
	if err != nil || got != path || length < 300*time.Millisecond || length > 800*time.Millisecond || loud.Load() < 50 {
		t.Fatalf("%s %v, level %d, %v", got, length, loud.Load(), err)
	}
	info, err := voice.Inspect(path)
	if err != nil || (info.Duration-length).Abs() > 25*time.Millisecond || info.Waveform[30] < 50 {
		t.Errorf("%v %v, %v", info.Duration, length, err)
	}
	// The microphone was open for this alone.
	saw(ann, "that it is closed", func(e session.DeviceChanged) bool { return e.Kind == devices.Microphone && !e.Open && e.Err == nil })
	r, err = ann.engine.RecordVoice(path+"2", func(byte, time.Duration) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Discard(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path + "2"); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestUnpluggedCameraIsAState(t *testing.T) {
	ann := newPerson(t, "ann", 440)
	ann.engine.StartPreview(media.VideoSinkFunc(func(*devices.Frame) {}))
	ann.engine.EnableCamera(true)
	saw(ann, "an open camera", func(e session.DeviceChanged) bool { return e.Kind == devices.Camera && e.Open })
	ann.lab.unplug.Store(true)
	saw(ann, "a lost camera", func(e session.DeviceChanged) bool {
		return e.Kind == devices.Camera && errors.Is(e.Err, devices.ErrNotFound)
	})
	ann.lab.unplug.Store(false)
	ann.engine.EnableCamera(true)
	ann.join("unplugged") // the room does not mind
}

func TestWithoutDevices(t *testing.T) {
	ann := newPerson(t, "ann", 440)
	ann.lab.missing = true
	ann.engine.EnableCamera(true)
	ann.join("nothing")
	if err := ann.engine.StartPublishing("s", session.Sources{Camera: true, Microphone: true}); err != nil {
		t.Fatal(err)
	}
	saw(ann, "publishing", func(e session.PublisherStateChanged) bool { return e.State == session.Publishing })
	saw(ann, "no microphone", func(e session.DeviceChanged) bool { return e.Kind == devices.Microphone && e.Err != nil })
}

func TestIllegalCallsChangeNothing(t *testing.T) {
	ann := newPerson(t, "ann", 440)
	for name, call := range map[string]func() error{
		"publish":         func() error { return ann.engine.StartPublishing("s", session.Sources{Microphone: true}) },
		"stop publishing": ann.engine.StopPublishing,
		"play":            func() error { return ann.engine.StartPlaying("s", session.Sinks{}) },
		"log out":         ann.engine.LogoutRoom,
	} {
		if err := call(); !errors.Is(err, session.ErrState) {
			t.Errorf("%s before a login: %v", name, err)
		}
	}
	ann.join("legal")
	if err := ann.engine.LoginRoom(t.Context(), "other", session.User{ID: "ann"}, session.Credential{}); !errors.Is(err, session.ErrState) {
		t.Errorf("a second login: %v", err)
	}
	if err := ann.engine.StartPlaying("nobody", session.Sinks{}); !errors.Is(err, session.ErrUnknownStream) {
		t.Errorf("an unknown stream: %v", err)
	}
	for _, id := range []string{"", strings.Repeat("r", 128), "a b", "räum"} {
		var field *wire.FieldError
		if err := ann.engine.LoginRoom(t.Context(), id, session.User{ID: "ann"}, session.Credential{}); !errors.As(err, &field) || field.Field != "room_id" {
			t.Errorf("room %q: %v", id, err)
		}
	}
}

func TestLeavingEndsTheTileAndComingBackMakesOne(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 700)
	ann.join("again")
	bob.join("again")
	for round := range 2 {
		bob.publish()
		saw(ann, "bob's stream", func(e session.RoomStreamsChanged) bool { return len(e.Added) == 1 && e.Added[0].ID == "bob-main" })
		saw(ann, "bob's picture", func(e session.FirstVideoFrame) bool { return e.StreamID == "bob-main" })
		if err := bob.engine.LogoutRoom(); err != nil {
			t.Fatal(err)
		}
		saw(ann, "the stream ends", func(e session.RoomStreamsChanged) bool { return len(e.Removed) == 1 && e.Removed[0].ID == "bob-main" })
		saw(ann, "bob leaves", func(e session.RoomUsersChanged) bool { return len(e.Removed) == 1 && e.Removed[0].ID == "bob" })
		if round == 0 {
			ann.mu.Lock()
			ann.events = nil
			ann.mu.Unlock()
			bob.join("again")
		}
	}
}

func TestSameUserTwiceDisplacesTheFirst(t *testing.T) {
	first, second := newPerson(t, "ann", 440), newPerson(t, "ann", 440)
	first.join("twice")
	second.join("twice")
	e := saw(first, "kicked out", func(e session.RoomStateChanged) bool { return e.Reason == session.ReasonKickedOut })
	if e.State != session.RoomDisconnected || !errors.Is(e.Err, session.ErrKickedOut) {
		t.Errorf("%+v", e)
	}
}

func TestFailedLogins(t *testing.T) {
	for _, test := range []struct {
		name, server string
		want         error
	}{
		{"nothing listens", "127.0.0.1:1", session.ErrServerUnreachable},
		{"no such host", "nowhere.invalid", session.ErrServerUnreachable},
	} {
		t.Run(test.name, func(t *testing.T) {
			store, err := chat.Open(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			events := make(chan session.Event, 100)
			engine, err := session.NewEngine(session.Profile{Server: test.server, Devices: &lab{}, Store: store, Logger: slog.New(slog.DiscardHandler)},
				func(e session.Event) { events <- e })
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			err = engine.LoginRoom(t.Context(), "r", session.User{ID: "ann"}, session.Credential{})
			if !errors.Is(err, test.want) {
				t.Errorf("%v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
			var states []session.Reason
			for len(events) > 0 {
				if e, ok := (<-events).(session.RoomStateChanged); ok {
					states = append(states, e.Reason)
				}
			}
			if len(states) != 2 || states[0] != session.ReasonLogining || states[1] != session.ReasonLoginFailed {
				t.Errorf("%v", states)
			}
		})
	}
	if _, err := session.NewEngine(session.Profile{Server: "ht!tp://"}, nil); !errors.Is(err, session.ErrServerAddress) {
		t.Errorf("%v", err)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	p := newPerson(t, "ann", 440)
	other := newPerson(t, "bob", 700)
	p.join("leak")
	other.join("leak")
	p.publish()
	other.publish()
	saw(p, "a picture", func(session.FirstVideoFrame) bool { return true })
	saw(other, "a picture", func(session.FirstVideoFrame) bool { return true })
	for _, p := range []*person{p, other} {
		if err := p.engine.Close(); err != nil {
			t.Fatal(err)
		}
		_ = p.store.Close()
	}
	// The media SDK sees its connections off in the background.
	var err error
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		if err = goleak.Find(before); err == nil {
			return
		}
	}
	t.Error(err)
}

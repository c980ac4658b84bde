package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"parley/app/hardware"
	"parley/app/hosting"
	"parley/devices"
	"parley/server"
	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
	chatview "parley/views/chat"
	"parley/views/i18n"
	"parley/views/keys"
	"parley/views/settings"
	"parley/views/theme"
	"parley/views/video"
)

// address is that of a room server in a process of its own.
var address string

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
	data, err := os.MkdirTemp("", "parley-app-*")
	if err != nil {
		panic(err)
	}
	host := exec.Command(os.Args[0])
	// The engines' own races are for their authors: they go to a file.
	host.Env = append(os.Environ(), serveVariable+"="+data, "GORACE=log_path="+data+"/race")
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

// desk runs a controller with the test's goroutine as its UI thread.
type desk struct {
	t      *testing.T
	c      *controller
	queue  chan func()
	window fyne.Window
}

func open(t *testing.T, form joinForm) *desk {
	t.Helper()
	return openNear(t, form, nil)
}

// openNear opens a window with others on the local network.
func openNear(t *testing.T, form joinForm, near neighbours) *desk {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	d := &desk{t: t, queue: make(chan func(), 10000)}
	d.window = test.NewTempWindow(t, nil)
	d.window.Resize(fyne.NewSize(1000, 700))
	data := t.TempDir()
	log := slog.New(slog.DiscardHandler)
	store, err := chat.Open(t.Context(), filepath.Join(data, historyFolder))
	if err != nil {
		t.Fatal(err)
	}
	opener := hardware.New(log)
	dispatch := func(f func()) { d.queue <- f }
	presenter := video.NewPresenter(video.Params{Dispatch: dispatch, Canvas: d.window.Canvas(), Raster: true})
	preferences, err := LoadPreferences(data)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := session.NewEngine(session.Profile{Devices: opener, Store: store, Logger: log}, func(e session.Event) {
		dispatch(func() { d.c.handle(e) })
	})
	if err != nil {
		t.Fatal(err)
	}
	d.c = newController(params{
		app: app, window: d.window, loc: i18n.New("en"), presenter: presenter, engine: engine, store: store, opener: opener, images: &noImages{},
		log: log, data: data, preferences: preferences, form: form, dispatch: dispatch, ending: func() {}, neighbours: near,
	})
	t.Cleanup(func() {
		if !d.c.quits {
			d.c.quit()
		}
		d.until("the end", func() bool { return d.c.ctx.Err() != nil })
		d.drain()
		d.c.wait()
		presenter.Close()
		_ = opener.Close()
		_ = store.Close()
	})
	return d
}

// until runs what is dispatched until something holds.
func (d *desk) until(what string, holds func() bool) {
	d.t.Helper()
	timeout := time.After(20 * time.Second)
	for !holds() {
		select {
		case f := <-d.queue:
			f()
		case <-timeout:
			d.t.Fatalf("never: %s\n%s", what, d.shown())
		}
	}
}

// pass runs what is dispatched for a while.
func (d *desk) pass(while time.Duration) {
	d.t.Helper()
	passed := false
	time.AfterFunc(while, func() { d.queue <- func() { passed = true } })
	d.until("the end of a while", func() bool { return passed })
}

// drain runs what is dispatched until nothing is, or for two seconds: levels of a
// microphone come without end.
func (d *desk) drain() {
	end := time.After(2 * time.Second)
	for {
		select {
		case f := <-d.queue:
			f()
		case <-time.After(200 * time.Millisecond):
			return
		case <-end:
			return
		}
	}
}

func synthetic(room string) joinForm {
	return joinForm{Name: "Ada", Room: room, Server: address, Camera: devices.Synthetic, CameraOn: true, Microphone: devices.Synthetic, MicrophoneOn: true, Speaker: devices.None}
}

// shown is all text of the window, for a reader who can't see.
func (d *desk) shown() string { return test.RenderToMarkup(d.window.Canvas()) }

func TestJoinTalkAndLeave(t *testing.T) {
	before := goleak.IgnoreCurrent()
	d := open(t, synthetic("flow"))
	d.until("the preview", func() bool { return d.c.cameraOn && strings.Contains(d.shown(), "Join a room") })
	d.c.join(d.c.joinView.Form())
	d.until("the room", func() bool { return d.c.room != nil && d.c.room.loaded })
	r := d.c.room
	if !strings.Contains(d.shown(), "You are the only one here") {
		t.Error("being alone is not said")
	}
	if err := r.send(chatview.Written{Text: "hello there"}); err != nil {
		t.Fatal(err)
	}
	d.until("the message", func() bool { return strings.Contains(d.shown(), "hello there") })
	r.copyInvite()
	invite, err := wire.ParseInvite(d.c.app.Clipboard().Content())
	if err != nil || invite.RoomID != "flow" || invite.Server != address {
		t.Errorf("%+v, %v", invite, err)
	}
	d.c.setMicrophone(false)
	d.c.setCamera(false)
	if d.c.microphoneOn || d.c.cameraOn {
		t.Error("the controls do nothing")
	}
	left := false
	d.c.leaveRoom(func() { left = true })
	d.until("the leaving", func() bool { return left })
	if d.c.room != nil || !strings.Contains(d.shown(), "Join a room") {
		t.Error("the join view does not come back")
	}
	d.until("the recent room", func() bool { return strings.Contains(d.shown(), "flow") })
	p, err := LoadPreferences(d.c.data)
	if err != nil || p.Name != "Ada" || p.Room != "flow" || p.Server != address {
		t.Errorf("%+v, %v", p, err)
	}
	d.c.quit()
	d.until("the end", func() bool { return d.c.ctx.Err() != nil })
	d.drain()
	d.c.wait()
	d.c.presenter.Close()
	_ = d.c.store.Close()
	var leak error
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		if leak = goleak.Find(before); leak == nil {
			return
		}
	}
	t.Error(leak)
}

func TestFailuresKeepWhatWasTyped(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*joinForm)
		says   string
	}{
		"nobody listens": {func(f *joinForm) { f.Server = "127.0.0.1:1" }, "can't be reached"},
		"no address":     {func(f *joinForm) { f.Server = "no such/address" }, "not a server address"},
		"no name":        {func(f *joinForm) { f.Name = " " }, "Your name is missing"},
		"no room":        {func(f *joinForm) { f.Room = "" }, "has no name"},
		"a long room":    {func(f *joinForm) { f.Room = strings.Repeat("r", 128) }, "too long"},
		"a wrong token":  {func(f *joinForm) { f.Token = "x.y.z" }, "not valid here"},
	} {
		t.Run(name, func(t *testing.T) {
			form := synthetic("fails")
			form.CameraOn, form.MicrophoneOn = false, false
			test.change(&form)
			d := open(t, form)
			d.c.join(d.c.joinView.Form())
			d.until(test.says, func() bool { return strings.Contains(d.shown(), test.says) })
			if got := d.c.joinView.Form(); got != form {
				t.Errorf("%+v, was %+v", got, form)
			}
			if d.c.room != nil {
				t.Error("in a room all the same")
			}
		})
	}
}

func TestCancelledJoin(t *testing.T) {
	form := synthetic("cancel")
	// Nobody answers there, and nobody refuses.
	form.Server = "192.0.2.1:7880"
	d := open(t, form)
	d.c.join(form)
	d.c.cancelJoin()
	d.until("the button", func() bool { return d.c.joining == nil })
	if d.c.room != nil || strings.Contains(d.shown(), "Cancel") {
		t.Error("the join goes on")
	}
}

func TestWordsForErrors(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("log in: %w", &wire.FieldError{Field: "room_id", Err: wire.ErrEmpty}), "error.room_empty"},
		{&wire.FieldError{Field: "room_id", Err: wire.ErrCharacters}, "error.room_characters"},
		{&wire.FieldError{Field: "user_name", Err: wire.ErrTooLong}, "error.name_too_long"},
		{fmt.Errorf("%w: %w", session.ErrServerAddress, &wire.FieldError{Field: "server", Err: wire.ErrEmpty}), "error.server_address"},
		{fmt.Errorf("join: %w", session.ErrServerTimeout), "error.server_timeout"},
		{fmt.Errorf("join: %w", session.ErrServerRestarting), "error.server_restarting"},
		{session.ErrTokenExpired, "error.token_expired"},
		{fmt.Errorf("join: %w", session.ErrTokenNotYet), "error.token_not_yet"},
		{fmt.Errorf("join: %w", session.ErrTokenRoom), "error.token_room"},
		{session.ErrTokenInvalid, "error.token_invalid"},
		{session.ErrTokenRequired, "error.token_required"},
		{fmt.Errorf("%w: text", hosting.ErrPortTaken), "error.port_taken"},
		{errors.New("anything"), "error.unknown"},
	} {
		if got := problemOf(test.err); got != test.want {
			t.Errorf("%v: %s, want %s", test.err, got, test.want)
		}
	}
	loc := i18n.New("en")
	for _, kind := range []devices.Kind{devices.Camera, devices.Microphone, devices.Speaker} {
		for _, err := range []error{devices.ErrNotFound, devices.ErrBusy, devices.ErrDenied, devices.ErrFormat, devices.ErrStalled, devices.ErrSilent, errors.New("x")} {
			if key := deviceNotice(session.DeviceChanged{Kind: kind, Err: err}); loc.T(key) == key {
				t.Errorf("%v %v: no words for %s", kind, err, key)
			}
		}
	}
}

func TestInitialForm(t *testing.T) {
	kept := Preferences{Name: "Ada", Room: "old", Server: "kept:1", Host: true, CameraOn: true}
	link := wire.Invite{Server: "host:7880", AppID: "local", RoomID: "tea", Token: "T", ServerID: "O" + strings.Repeat("A", 55)}.String()
	for name, test := range map[string]struct {
		o    Options
		want joinForm
	}{
		"what was kept": {Options{}, joinForm{Name: "Ada", Room: "old", Server: "kept:1", Host: true, CameraOn: true, MicrophoneOn: true}},
		"a link":        {Options{Link: link}, joinForm{Name: "Ada", Room: "tea", Server: "host:7880", App: "local", Token: "T", ServerID: "O" + strings.Repeat("A", 55), CameraOn: true, MicrophoneOn: true}},
		"flags": {Options{Server: "s:1", Room: "r", Name: "Bo", Camera: "none"},
			joinForm{Name: "Bo", Room: "r", Server: "s:1", Camera: "none", MicrophoneOn: true}},
	} {
		got, err := initialForm(test.o, kept)
		if err != nil || got != test.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := initialForm(Options{Link: "https://example.org"}, kept); err == nil {
		t.Error("any link is an invite")
	}
}

func TestPreferencesSurviveDamage(t *testing.T) {
	data := t.TempDir()
	first, err := LoadPreferences(data)
	if err != nil || wire.CheckUserID(first.UserID) != nil {
		t.Fatalf("%+v, %v", first, err)
	}
	if err := first.Save(data); err != nil {
		t.Fatal(err)
	}
	if again, err := LoadPreferences(data); err != nil || !reflect.DeepEqual(again, first) {
		t.Errorf("%+v, %v", again, err)
	}
	if err := os.WriteFile(filepath.Join(data, preferencesFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := LoadPreferences(data); err == nil || wire.CheckUserID(p.UserID) != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestWayInIsKept shows and keeps how people on the network get in.
func TestWayInIsKept(t *testing.T) {
	for _, way := range []string{settings.NearbyHidden, settings.NearbyInvite, settings.NearbyAsk, settings.NearbyOpen} {
		data := t.TempDir()
		var p Preferences
		p.takeNearby(way)
		if err := p.Save(data); err != nil {
			t.Fatal(err)
		}
		kept, err := LoadPreferences(data)
		if err != nil || kept.shownNearby() != way || kept.AnnounceOff != (way == settings.NearbyHidden) {
			t.Errorf("%s: %+v, %v", way, kept, err)
		}
	}
	if p, err := LoadPreferences(t.TempDir()); err != nil || p.shownNearby() != settings.NearbyAsk {
		t.Errorf("at first: %+v, %v", p, err)
	}
}

// noImages is a clipboard that holds what was put into it, and no system's.
type noImages struct{ png []byte }

func (n *noImages) Image() []byte { return n.png }

func (n *noImages) SetImage(png []byte) error {
	n.png = png
	return nil
}

func TestDevicesAreFoundAgain(t *testing.T) {
	list := []devices.Info{{ID: "1", Name: "Headset"}, {ID: "2", Name: "Speakers"}}
	for _, c := range []struct{ name, id, want string }{
		{"Headset", "1", "Headset"},
		{"Headset", "9", "Headset"},   // the name is enough
		{"Kopfhörer", "1", "Headset"}, // it was renamed
		{"Speakers", "1", "Speakers"}, // the name wins
		{"Gone", "9", "Gone"},         // it may come back
		{devices.Default, "", devices.Default},
	} {
		if got := renamed(list, c.name, c.id); got != c.want {
			t.Errorf("%q %q: %q, want %q", c.name, c.id, got, c.want)
		}
	}
}

// TestPeopleInThePlaceOfTheChat opens the list, which takes the chat's place, and
// the chat again, and hears somebody who is not there at another volume.
func TestPeopleInThePlaceOfTheChat(t *testing.T) {
	d, r := enter(t, "people")
	d.c.press(keys.People)
	if !r.peopleOpen || r.chatOpen || !strings.Contains(d.shown(), "Ada (you)") {
		t.Errorf("people %v, chat %v", r.peopleOpen, r.chatOpen)
	}
	d.c.press(keys.Chat)
	d.drain()
	if r.peopleOpen || !r.chatOpen {
		t.Errorf("people %v, chat %v", r.peopleOpen, r.chatOpen)
	}
	// It comes back when the list goes, but only where it was before.
	d.c.press(keys.People)
	d.c.press(keys.People)
	if r.peopleOpen || !r.chatOpen {
		t.Errorf("after the list: people %v, chat %v", r.peopleOpen, r.chatOpen)
	}
	d.c.press(keys.Chat)
	d.c.press(keys.People)
	d.c.press(keys.People)
	if r.peopleOpen || r.chatOpen {
		t.Errorf("after the list alone: people %v, chat %v", r.peopleOpen, r.chatOpen)
	}
	r.setGain("bob", -1)
	if r.gains["bob"] != -1 {
		t.Error("the volume of somebody who may come again is not kept")
	}
	// The own hand, by its keys.
	d.c.press(keys.Hand)
	d.until("the hand", func() bool { return r.hands()[r.user.ID] == 1 })
	d.c.press(keys.Hand)
	d.until("no hand", func() bool { return len(r.hands()) == 0 })
}

func TestHandsAreInTheirOrder(t *testing.T) {
	at := time.Now()
	up := func(id string, after time.Duration) session.Member {
		return session.Member{User: session.User{ID: id}, Hand: at.Add(after)}
	}
	r := &room{user: session.User{ID: "me"}, hand: at.Add(time.Second), users: []session.Member{up("c", 2*time.Second), up("b", 0), up("a", 0), {User: session.User{ID: "d"}}}}
	if got, want := r.hands(), map[string]int{"a": 1, "b": 2, "me": 3, "c": 4}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestSmallWindowWhileBehind opens the small window of a call while another program
// is in front, keeps it while the mouse is on it, and ends it with the call.
func TestSmallWindowWhileBehind(t *testing.T) {
	d, r := enter(t, "compact")
	windows := func() int { return len(d.c.app.Driver().AllWindows()) }
	before := windows()
	behind := func() {
		d.t.Helper()
		d.c.wentBehind()
		d.pass(2 * behindFor)
	}
	behind()
	if d.c.compact == nil || !d.c.compact.shown || windows() != before+1 || d.c.inFront {
		t.Fatalf("%+v, %d windows", d.c.compact, windows())
	}
	d.c.compact.view.MouseIn(nil)
	if d.c.cameInFront(); !d.c.compact.shown || d.c.inFront {
		t.Error("it goes away when it is clicked")
	}
	d.c.compact.view.MouseOut()
	if d.c.cameInFront(); d.c.compact.shown || !d.c.inFront {
		t.Error("it stays when the call is in front")
	}
	behind()
	if d.c.back(); d.c.compact.shown || windows() != before+1 {
		t.Error("it stays when one goes back")
	}
	d.c.preferences.CompactOff = true
	if behind(); d.c.compact.shown {
		t.Error("it comes though it is switched off")
	}
	d.c.preferences.CompactOff = false
	d.c.wentBehind()
	if d.c.cameInFront(); d.c.compact.shown {
		t.Error("it comes at once")
	}
	d.pass(2 * behindFor)
	if d.c.compact.shown {
		t.Error("it comes though the call is in front again")
	}
	behind()
	d.c.leaveRoom(func() {})
	if d.c.compact != nil || windows() != before {
		t.Errorf("%d windows after the call", windows())
	}
	if behind(); d.c.compact != nil || d.c.room == r {
		t.Error("it comes without a call")
	}
}

//go:build linux

package portal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"

	"parley/devices"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newBus is a session bus of the test's own, where nothing is started by itself.
func newBus(t *testing.T) *dbus.Conn {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("dbus-daemon is missing: make setup installs it: %v", err)
		}
		t.Skip("dbus-daemon is missing: make setup installs it")
	}
	place, err := os.MkdirTemp("", "bus") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(place) })
	socket, config := filepath.Join(place, "s"), filepath.Join(place, "c")
	text := `<busconfig><type>session</type><listen>unix:path=` + socket + `</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("dbus-daemon", "--config-file="+config, "--nofork")
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	for range 100 {
		if conn, err := dbus.Connect("unix:path=" + socket); err == nil {
			t.Cleanup(func() { _ = conn.Close() })
			return conn
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("dbus-daemon does not come up")
	return nil
}

// fake is a desktop portal whose user is the test.
type fake struct {
	t    *testing.T
	conn *dbus.Conn

	mu      sync.Mutex // held while the test asks or tells, and while it is called
	sources uint32
	cursors uint32
	// answer is that of Start; none where it is negative.
	answer  int
	results map[string]dbus.Variant
	// What was asked.
	options map[string]dbus.Variant
	session dbus.ObjectPath

	started chan struct{} // as often as Start was called
	left    chan string   // interfaces whose Close was called
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{t: t, conn: newBus(t), sources: 7, cursors: 7, started: make(chan struct{}, 16), left: make(chan string, 8)}
	f.results = map[string]dbus.Variant{"streams": dbus.MakeVariant([]struct {
		Node  uint32
		About map[string]dbus.Variant
	}{{42, map[string]dbus.Variant{"size": dbus.MakeVariant([]int32{640, 480})}}})}
	f.check(f.conn.Export(f, object, screenCast))
	f.check(f.conn.Export(properties{f}, object, "org.freedesktop.DBus.Properties"))
	reply, err := f.conn.RequestName(service, dbus.NameFlagDoNotQueue)
	f.check(err)
	if reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply)
	}
	return f
}

func (f *fake) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// set changes what the portal does.
func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// asked is what was asked last, and the session of it.
func (f *fake) asked() (options map[string]dbus.Variant, session dbus.ObjectPath) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.options, f.session
}

type properties struct{ *fake }

// Get is called for what the portal can do.
func (p properties) Get(face, name string) (dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	value, ok := map[string]uint32{"AvailableSourceTypes": p.sources, "AvailableCursorModes": p.cursors}[name]
	if !ok || face != screenCast || value == 0 {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"no such property"})
	}
	return dbus.MakeVariant(value), nil
}

// closer is a question or a session.
type closer struct {
	f    *fake
	kind string
}

// Close is called when somebody leaves.
func (c closer) Close() *dbus.Error {
	c.f.left <- c.kind
	return nil
}

func (f *fake) path(kind string, sender dbus.Sender, options map[string]dbus.Variant, key string) dbus.ObjectPath {
	name := strings.ReplaceAll(strings.TrimPrefix(string(sender), ":"), ".", "_")
	path := dbus.ObjectPath(fmt.Sprintf("%s/%s/%s/%s", object, strings.ToLower(kind), name, options[key].Value()))
	face := map[string]string{"Request": requestName, "Session": sessionName}[kind]
	_ = f.conn.Export(closer{f, kind}, path, face)
	return path
}

// respond answers even before the method returned, as a portal may.
func (f *fake) respond(path dbus.ObjectPath, answer uint32, results map[string]dbus.Variant) {
	// Of somebody else's question, which is not to be taken for ours.
	_ = f.conn.Emit(path+"x", response, uint32(1), map[string]dbus.Variant{})
	_ = f.conn.Emit(path, response, answer, results)
}

// CreateSession, SelectSources and Start are the portal's.
func (f *fake) CreateSession(sender dbus.Sender, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.session = f.path("Session", sender, options, "session_handle_token")
	path := f.path("Request", sender, options, "handle_token")
	f.respond(path, 0, map[string]dbus.Variant{"session_handle": dbus.MakeVariant(string(f.session))})
	return path, nil
}

// SelectSources is told what to offer.
func (f *fake) SelectSources(sender dbus.Sender, _ dbus.ObjectPath, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.options = options
	path := f.path("Request", sender, options, "handle_token")
	f.respond(path, 0, map[string]dbus.Variant{})
	return path, nil
}

// Start asks the user.
func (f *fake) Start(sender dbus.Sender, _ dbus.ObjectPath, _ string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := f.path("Request", sender, options, "handle_token")
	if f.answer >= 0 {
		f.respond(path, uint32(f.answer), f.results)
	}
	f.started <- struct{}{}
	return path, nil
}

// leaves waits for a Close of that kind.
func (f *fake) leaves(kind string) {
	f.t.Helper()
	select {
	case got := <-f.left:
		if got != kind {
			f.t.Errorf("a %s was closed, not the %s", got, kind)
		}
	case <-time.After(5 * time.Second):
		f.t.Errorf("the %s was not closed", kind)
	}
}

func TestChoosing(t *testing.T) {
	f := newFake(t)
	if err := Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := Choose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Node != 42 {
		t.Errorf("node %d", s.Node)
	}
	options, _ := f.asked()
	if got := options["types"].Value(); got != sourceMonitor|sourceWindow {
		t.Errorf("kinds of sources: %v", got)
	}
	if got := options["cursor_mode"].Value(); got != cursorEmbedded {
		t.Errorf("the pointer: %v", got)
	}
	// The fake has no PipeWire.
	if _, err := s.Remote(t.Context()); !errors.Is(err, devices.ErrNoPipeWire) {
		t.Error(err)
	}
	s.Close()
	f.leaves("Session")

	f.set(func() { f.cursors = cursorHidden })
	if s, err = Choose(t.Context()); err != nil {
		t.Fatal(err)
	}
	options, session := f.asked()
	if _, ok := options["cursor_mode"]; ok {
		t.Error("a pointer was asked for that there is not")
	}
	// The desktop's "stop sharing".
	f.check(f.conn.Emit(session+"x", closed, map[string]dbus.Variant{}))
	f.check(f.conn.Emit(session, closed, map[string]dbus.Variant{}))
	select {
	case <-s.Ended():
	case <-time.After(5 * time.Second):
		t.Error("the end of the session was not noticed")
	}
	s.Close()
}

func TestNothingChosen(t *testing.T) {
	f := newFake(t)
	for name, c := range map[string]struct {
		answer  int
		results map[string]dbus.Variant
		want    error
	}{
		"cancelled":  {1, nil, devices.ErrNotChosen},
		"no streams": {0, map[string]dbus.Variant{}, devices.ErrNotChosen},
	} {
		f.set(func() { f.answer, f.results = c.answer, c.results })
		if _, err := Choose(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		<-f.started
		f.leaves("Session")
	}
	f.set(func() { f.answer = 2 })
	if _, err := Choose(t.Context()); err == nil || errors.Is(err, devices.ErrNotChosen) {
		t.Errorf("a failure: %v", err)
	}
	<-f.started
	f.leaves("Session")
	f.set(func() { f.answer, f.results = 0, map[string]dbus.Variant{"streams": dbus.MakeVariant("none")} })
	if _, err := Choose(t.Context()); err == nil {
		t.Error("streams of another kind were taken")
	}
}

func TestTakingTheQuestionBack(t *testing.T) {
	f := newFake(t)
	f.set(func() { f.answer = -1 })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-f.started
		cancel()
	}()
	if _, err := Choose(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Choose(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("before it is asked: %v", err)
	}
	f.leaves("Request")
	f.leaves("Session")
}

func TestPortalThatEnds(t *testing.T) {
	f := newFake(t)
	s, err := Choose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	<-f.started
	f.set(func() { f.answer = -1 })
	go func() {
		<-f.started
		_, _ = f.conn.ReleaseName(service)
	}()
	if _, err := Choose(t.Context()); !errors.Is(err, errLost) {
		t.Errorf("while it asks: %v", err)
	}
	select {
	case <-s.Ended():
	case <-time.After(5 * time.Second):
		t.Error("while something is shared: not noticed")
	}
	s.Close()
	if err := Check(t.Context()); !errors.Is(err, devices.ErrNoPortal) {
		t.Errorf("after that: %v", err)
	}
}

func TestPortalWithoutScreens(t *testing.T) {
	f := newFake(t)
	for _, sources := range []uint32{0, 4} { // none, and screens that are made up
		f.set(func() { f.sources = sources })
		if err := Check(t.Context()); !errors.Is(err, devices.ErrNoPortal) {
			t.Errorf("sources %d: %v", sources, err)
		}
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	if err := Check(t.Context()); !errors.Is(err, devices.ErrNoPortal) {
		t.Errorf("no bus: %v", err)
	}
}

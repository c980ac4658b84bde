//go:build linux

// Package portal asks the desktop for the pictures of a screen or window, by
// org.freedesktop.portal.ScreenCast: the desktop's own dialogue lets its user
// choose, and gives a node of PipeWire.
package portal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"parley/devices"
)

const (
	service     = "org.freedesktop.portal.Desktop"
	object      = "/org/freedesktop/portal/desktop"
	screenCast  = "org.freedesktop.portal.ScreenCast"
	requestName = "org.freedesktop.portal.Request"
	sessionName = "org.freedesktop.portal.Session"

	response     = requestName + ".Response"
	closed       = sessionName + ".Closed"
	ownerChanged = "org.freedesktop.DBus.NameOwnerChanged"
)

const (
	// answerWithin is how long the portal has for what asks nobody. It may have
	// to be started for it, which takes long on a machine that just started.
	answerWithin = 25 * time.Second
	// leaveWithin is how long it has to be told goodbye.
	leaveWithin = time.Second
)

// What SelectSources and its properties call things.
const (
	sourceMonitor uint32 = 1
	sourceWindow  uint32 = 2

	cursorHidden   uint32 = 1
	cursorEmbedded uint32 = 2
)

// The answers of a Response.
const (
	answerDone uint32 = iota
	answerCancelled
)

// client is a connection to the session bus on which the portal answers.
type client struct {
	bus     *dbus.Conn
	portal  dbus.BusObject
	owner   string // whose signals are the portal's
	signals chan *dbus.Signal
	sources uint32 // that the desktop can share
	cursors uint32
}

// connect finds the portal, and fails with devices.ErrNoPortal. What wants to be
// closed is closed when ctx ends meanwhile: a bus that hangs holds up nobody.
func connect(ctx context.Context) (*client, error) {
	bus, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return nil, fmt.Errorf("%w: there is no session bus: %w", devices.ErrNoPortal, err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = bus.Close() })
	c := &client{bus: bus, portal: bus.Object(service, object), signals: make(chan *dbus.Signal, 16)}
	err = c.greet(ctx)
	if stop() && err == nil {
		return c, nil
	}
	_ = bus.Close()
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, fmt.Errorf("find the desktop portal: %w", ctx.Err())
	}
	return nil, fmt.Errorf("%w: %w", devices.ErrNoPortal, err)
}

func (c *client) greet(ctx context.Context) error {
	if err := c.bus.Auth(nil); err != nil {
		return fmt.Errorf("the session bus refuses: %w", err)
	}
	if err := c.bus.Hello(); err != nil {
		return fmt.Errorf("the session bus does not greet: %w", err)
	}
	var err error
	if c.sources, err = c.property(ctx, "AvailableSourceTypes"); err != nil {
		return err
	}
	if c.sources &= sourceMonitor | sourceWindow; c.sources == 0 {
		return errors.New("it shares neither screens nor windows")
	}
	if c.cursors, err = c.property(ctx, "AvailableCursorModes"); err != nil {
		c.cursors = cursorHidden // the first version knew no other
	}
	return c.bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, service).Store(&c.owner)
}

func (c *client) property(ctx context.Context, name string) (uint32, error) {
	var value dbus.Variant
	if err := c.portal.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, screenCast, name).Store(&value); err != nil {
		return 0, fmt.Errorf("the portal tells no %s: %w", name, err)
	}
	number, ok := value.Value().(uint32)
	if !ok {
		return 0, fmt.Errorf("the portal's %s is a %T", name, value.Value())
	}
	return number, nil
}

// listen asks for the signals that a session needs.
func (c *client) listen(ctx context.Context) error {
	c.bus.Signal(c.signals)
	for _, rule := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(requestName), dbus.WithMatchMember("Response")},
		{dbus.WithMatchInterface(sessionName), dbus.WithMatchMember("Closed")},
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, service)},
	} {
		if err := c.bus.AddMatchSignalContext(ctx, rule...); err != nil {
			return fmt.Errorf("listen to the portal: %w", err)
		}
	}
	return nil
}

// isLost reports whether a signal says that the portal ended.
func (c *client) isLost(s *dbus.Signal) bool {
	return s.Name == ownerChanged && s.Sender == "org.freedesktop.DBus"
}

// errLost is what becomes of a question when the portal or the bus ends.
var errLost = errors.New("the desktop portal ended")

// ask calls a method that is answered by a signal later on. Without a limit its
// user may take all the time in the world.
func (c *client) ask(ctx context.Context, limit time.Duration, method string, options map[string]dbus.Variant, args ...any) (map[string]dbus.Variant, error) {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	name := token()
	options["handle_token"] = dbus.MakeVariant(name)
	// What the question will be called, so that it can be taken back at any time;
	// what it is called in truth is told at once.
	sender := strings.ReplaceAll(strings.TrimPrefix(c.bus.Names()[0], ":"), ".", "_")
	request := dbus.ObjectPath(object + "/request/" + sender + "/" + name)
	if err := c.portal.CallWithContext(ctx, screenCast+"."+method, 0, append(args, options)...).Store(&request); err != nil {
		if ctx.Err() != nil {
			c.leave(request, requestName)
		}
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	for {
		select {
		case s, ok := <-c.signals:
			if !ok || c.isLost(s) {
				return nil, fmt.Errorf("%s: %w", method, errLost)
			}
			if s.Name == closed && s.Sender == c.owner {
				return nil, fmt.Errorf("%s: %w", method, devices.ErrNotChosen)
			}
			if s.Name != response || s.Sender != c.owner || s.Path != request {
				continue
			}
			var answer uint32
			var results map[string]dbus.Variant
			if err := dbus.Store(s.Body, &answer, &results); err != nil {
				return nil, fmt.Errorf("%s: an answer of another kind: %w", method, err)
			}
			switch answer {
			case answerDone:
				return results, nil
			case answerCancelled:
				return nil, fmt.Errorf("%s: %w", method, devices.ErrNotChosen)
			default:
				return nil, fmt.Errorf("%s: the portal answered %d", method, answer)
			}
		case <-ctx.Done():
			c.leave(request, requestName)
			return nil, fmt.Errorf("%s: %w", method, ctx.Err())
		}
	}
}

// leave closes a question or a session.
func (c *client) leave(path dbus.ObjectPath, kind string) {
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	_ = c.bus.Object(service, path).CallWithContext(ctx, kind+".Close", 0).Err
}

// token is a name that nobody used for a question or a session.
func token() string { return "parley" + strings.ToLower(rand.Text()) }

// Check reports whether there is a portal that shares screens. Otherwise the
// error is a devices.ErrNoPortal.
func Check(ctx context.Context) error {
	c, err := connect(ctx)
	if err != nil {
		return err
	}
	_ = c.bus.Close()
	return nil
}

// Session is what the user granted. It lasts until it is closed from either side.
type Session struct {
	// Node is where the pictures are, on the connection of Remote.
	Node uint32

	client *client
	path   dbus.ObjectPath
	ended  chan struct{}
}

// Choose lets the user choose a screen or a window. It takes until the user did;
// ctx takes the question back. Nothing chosen is devices.ErrNotChosen.
func Choose(ctx context.Context) (*Session, error) {
	c, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	s := &Session{client: c, ended: make(chan struct{})}
	if err := s.choose(ctx); err != nil {
		if s.path != "" {
			c.leave(s.path, sessionName)
		}
		_ = c.bus.Close()
		return nil, fmt.Errorf("ask the desktop portal what to share: %w", err)
	}
	go s.watch()
	return s, nil
}

func (s *Session) choose(ctx context.Context) error {
	c := s.client
	if err := c.listen(ctx); err != nil {
		return err
	}
	created, err := c.ask(ctx, answerWithin, "CreateSession", map[string]dbus.Variant{"session_handle_token": dbus.MakeVariant(token())})
	if err != nil {
		return err
	}
	// A string by mistake of the first version, which became its interface.
	switch handle := created["session_handle"].Value().(type) {
	case string:
		s.path = dbus.ObjectPath(handle)
	case dbus.ObjectPath:
		s.path = handle
	}
	if !s.path.IsValid() {
		return fmt.Errorf("the session %q has no name", s.path)
	}
	options := map[string]dbus.Variant{"types": dbus.MakeVariant(c.sources), "multiple": dbus.MakeVariant(false)}
	if c.cursors&cursorEmbedded != 0 {
		options["cursor_mode"] = dbus.MakeVariant(cursorEmbedded)
	}
	if _, err := c.ask(ctx, answerWithin, "SelectSources", options, s.path); err != nil {
		return err
	}
	started, err := c.ask(ctx, 0, "Start", map[string]dbus.Variant{}, s.path, "")
	if err != nil {
		return err
	}
	var streams []struct {
		Node  uint32
		About map[string]dbus.Variant
	}
	if v, ok := started["streams"]; ok {
		if err := v.Store(&streams); err != nil {
			return fmt.Errorf("the streams are of another kind: %w", err)
		}
	}
	if len(streams) == 0 {
		return devices.ErrNotChosen
	}
	s.Node = streams[0].Node
	return nil
}

// Remote is a new connection to PipeWire that may take the granted pictures.
func (s *Session) Remote(ctx context.Context) (file int, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var fd dbus.UnixFD
	if err := s.client.portal.CallWithContext(ctx, screenCast+".OpenPipeWireRemote", 0, s.path, map[string]dbus.Variant{}).Store(&fd); err != nil {
		return 0, fmt.Errorf("%w: the desktop portal can't reach it: %w", devices.ErrNoPipeWire, err)
	}
	return int(fd), nil
}

// watch waits for the end of the session.
func (s *Session) watch() {
	defer close(s.ended)
	for signal := range s.client.signals {
		if s.client.isLost(signal) || signal.Name == closed && signal.Sender == s.client.owner && signal.Path == s.path {
			return
		}
	}
}

// Ended is closed when the desktop ended the session.
func (s *Session) Ended() <-chan struct{} { return s.ended }

// Close ends the session.
func (s *Session) Close() {
	select {
	case <-s.ended:
	default:
		s.client.leave(s.path, sessionName)
	}
	_ = s.client.bus.Close()
	<-s.ended
}

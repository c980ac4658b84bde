// Package hosting runs the room server as a child process of the app's own
// binary: a media engine that ends its process must not take the window with
// it.
package hosting

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/server"
	"parley/session/wire"
)

// Errors of Start.
var (
	// ErrPortTaken means that another program has the port.
	ErrPortTaken = errors.New("the port for hosting is taken")
	// ErrFailed means that the server did not start; the text says why.
	ErrFailed = errors.New("the room server did not start")
)

const (
	readyWithin = 10 * time.Second
	closeWithin = 6 * time.Second
	// errorMax bounds what is kept of what the server says at its end.
	errorMax = 4 << 10
)

// Host is a running room server. Its address on this computer and its ports stay
// the same when it is started again.
type Host struct {
	options Options
	ready   server.Ready
	listen  string
	id      *server.Identity

	mu     sync.Mutex
	now    *process
	closed bool
}

// process is the server's.
type process struct {
	ready  server.Ready
	cmd    *exec.Cmd
	stdin  io.Closer
	ended  chan struct{}
	stderr tail
	// closing is set once its end is wanted.
	closing atomic.Bool
}

// Options of Start.
type Options struct {
	// Data is the app's data folder; ServerData is the server's in it.
	Data, ServerData string
	// Listen is the server's address; empty means its default, with free
	// ports where those are taken.
	Listen string
	Logger *slog.Logger
}

// Start runs the server and waits until it is ready.
func Start(ctx context.Context, o Options) (*Host, error) {
	listen, ports := server.DefaultListen, []string(nil)
	if o.Listen != "" {
		if listen = o.Listen; strings.HasSuffix(listen, ":0") {
			ports = anyPorts()
		}
	}
	p, err := start(ctx, o, listen, ports)
	if o.Listen == "" && errors.Is(err, ErrPortTaken) {
		// Somebody hosts here already, perhaps another Parley.
		listen = ":0"
		p, err = start(ctx, o, listen, anyPorts())
	}
	if err != nil {
		return nil, err
	}
	h := &Host{options: o, ready: p.ready, listen: listen, now: p}
	if h.id, err = server.LoadIdentity(o.ServerData); err != nil {
		p.close()
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	return h, nil
}

func anyPorts() []string { return []string{"--udp-port", "0", "--tcp-port", "0"} }

// Restart ends the server and starts it again: the media engine knows only the
// addresses that the computer had when it began. Whoever is in a room comes back by
// themselves.
func (h *Host) Restart(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	h.now.close()
	host, _, err := net.SplitHostPort(h.listen)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFailed, err)
	}
	p, err := start(ctx, h.options, net.JoinHostPort(host, strconv.Itoa(h.Port())),
		[]string{"--udp-port", strconv.Itoa(h.ready.UDPPort), "--tcp-port", strconv.Itoa(h.ready.TCPPort)})
	if err != nil {
		return err
	}
	h.now = p
	return nil
}

func start(ctx context.Context, o Options, listen string, ports []string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	args := append([]string{"serve", "--hosted", "--listen", listen, "--data", o.Data}, ports...)
	p := &process{cmd: exec.Command(self, args...), ended: make(chan struct{})}
	// Ctrl+C in a terminal is for the app, which ends the server in order.
	p.cmd.SysProcAttr = ownGroup()
	p.cmd.Stderr = &p.stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	lines := make(chan server.Ready, 1)
	go func() {
		defer close(p.ended)
		scanner := bufio.NewScanner(stdout)
		for scanner.Scan() {
			var ready server.Ready
			if json.Unmarshal(scanner.Bytes(), &ready) == nil && ready.Event == "ready" {
				lines <- ready
				break
			}
		}
		_, _ = io.Copy(io.Discard, stdout)
		if err := p.cmd.Wait(); err != nil || !p.closing.Load() {
			o.Logger.Warn("the room server ended", "error", err)
		}
	}()
	timeout := time.NewTimer(readyWithin)
	defer timeout.Stop()
	select {
	case p.ready = <-lines:
		return p, nil
	case <-p.ended:
		text := p.stderr.String()
		if strings.Contains(text, "is taken by another program") {
			return nil, fmt.Errorf("%w: %s", ErrPortTaken, text)
		}
		return nil, fmt.Errorf("%w: %s", ErrFailed, text)
	case <-timeout.C:
		err = fmt.Errorf("%w: it did not become ready", ErrFailed)
	case <-ctx.Done():
		err = ctx.Err()
	}
	p.close()
	return nil, err
}

// Address is where this computer reaches the server.
func (h *Host) Address() string { return h.ready.Address }

// ServerID names the server, whatever its address.
func (h *Host) ServerID() string { return h.id.ID() }

// Sign signs a statement as the server.
func (h *Host) Sign(statement []byte) ([]byte, error) { return h.id.Sign(statement) }

// OnNetwork reports whether other computers can reach the server.
func (h *Host) OnNetwork() bool {
	host, _, err := net.SplitHostPort(h.listen)
	if err != nil || host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return host == "" || ip != nil && !ip.IsLoopback()
}

// Port is the server's.
func (h *Host) Port() int {
	_, number, err := net.SplitHostPort(h.ready.Address)
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return port
}

// tokenLife is how long an invite of a hosted room is good for.
const tokenLife = 7 * 24 * time.Hour

// Token signs a token for a room on this server; an empty user is anybody.
func (h *Host) Token(roomID, userID string, role wire.Role) (string, error) {
	apps, err := server.LoadApps(h.options.ServerData)
	if err != nil {
		return "", err
	}
	secret, err := apps.Secret(wire.LocalAppID)
	if err != nil {
		return "", err
	}
	return server.SignToken(wire.TokenClaims{
		Role: role, AppID: wire.LocalAppID, RoomID: roomID, UserID: userID,
		Privileges: []wire.Privilege{wire.PrivilegeLogin, wire.PrivilegePublish},
		IssuedAt:   time.Now().Unix(), Expires: time.Now().Add(tokenLife).Unix(),
	}, secret)
}

// Close ends the server and waits for it.
func (h *Host) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.now.close()
}

func (p *process) close() {
	p.closing.Store(true)
	_ = p.stdin.Close()
	select {
	case <-p.ended:
	case <-time.After(closeWithin):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if over := t.buf.Len() - errorMax; over > 0 {
		t.buf.Next(over)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.buf.String())
}

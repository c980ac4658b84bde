// Package server is the room server: the media engine (LiveKit), the chat
// engine (NATS JetStream) and the HTTP front that lets people in, started
// together in one process. One process runs one server: the media engine
// keeps state of the process.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"parley/session/wire"
)

// Config of a server.
type Config struct {
	// Listen is the address of the one TCP port for everything but media;
	// port 0 picks a free one. Empty means DefaultListen.
	Listen string
	// Data is the folder for keys, secrets and messages.
	Data string
	// Open lets everybody in without a credential. It is refused for any
	// address but loopback.
	Open bool
	// UDPPort carries media, TCPPort is its fallback; 0 picks free ones.
	UDPPort, TCPPort int
	// PublicIP is the address at which clients reach the media ports, where
	// this machine does not have it itself; empty means its first own one.
	PublicIP string
	TLS      TLS
	TURN     TURN
	// Metrics is the address of the metrics, MetricsPublic, or empty for none.
	Metrics string
	// Drain is how long calls may go on after the server was told to end.
	Drain time.Duration
	// TrustedProxies are addresses and networks whose X-Forwarded headers are
	// believed; nil means this machine.
	TrustedProxies []string
	// Limits of what users may do; zero fields mean the defaults.
	Limits Limits
	// PassLife is how long chat and attachments are open by one join; programs
	// renew it before. Zero means a day.
	PassLife time.Duration
	Logger   *slog.Logger
}

// Limits of each user.
type Limits struct {
	MessagesPerMinute int   `yaml:"messages_per_minute"`
	UploadsPerMinute  int   `yaml:"uploads_per_minute"`
	UploadBytes       int64 `yaml:"upload_bytes"` // in ten minutes

	// Of the public port: see edge.
	Connections           int `yaml:"connections"`
	ConnectionsPerAddress int `yaml:"connections_per_address"`
	Waiting               int `yaml:"waiting_connections"`
	WaitingPerAddress     int `yaml:"waiting_connections_per_address"`
	JoinsAtOnce           int `yaml:"joins_at_once"`
}

func (l Limits) withDefaults() Limits {
	if l.MessagesPerMinute <= 0 {
		l.MessagesPerMinute = wire.MessagesAMinute
	}
	if l.UploadsPerMinute <= 0 {
		l.UploadsPerMinute = 120
	}
	if l.UploadBytes <= 0 {
		l.UploadBytes = 1 << 30
	}
	if l.Connections <= 0 {
		// A WebSocket costs three file descriptors, and some are needed besides.
		l.Connections = min(8192, openFiles()/4)
	}
	if l.ConnectionsPerAddress <= 0 {
		l.ConnectionsPerAddress = 1024
	}
	if l.Waiting <= 0 {
		l.Waiting = 1024
	}
	if l.WaitingPerAddress <= 0 {
		l.WaitingPerAddress = 128
	}
	if l.JoinsAtOnce <= 0 {
		l.JoinsAtOnce = 64
	}
	return l
}

// The ports where none are named.
const (
	DefaultListen  = ":7880"
	DefaultUDPPort = 7882
	DefaultTCPPort = 7881
)

// Errors of Start that callers decide on.
var (
	// ErrPortTaken comes as a *PortError.
	ErrPortTaken = errors.New("the port is taken")
	// ErrOpen means an open server on an address that others can reach.
	ErrOpen = errors.New("an open server may listen on loopback only: name a loopback address such as 127.0.0.1:7880, or leave out --open")
)

// Server is a running room server.
type Server struct {
	config    Config
	keys      *keys
	apps      *Apps
	listener  net.Listener
	http      *http.Server
	edge      *edge
	secure    *secure // nil without TLS
	metrics   *metrics
	drain     drain
	media     *mediaEngine
	chat      *chatEngine
	tenants   *tenants
	files     *files
	passcodes *passcodes
	cancel    context.CancelFunc // of the housekeeping
	house     sync.WaitGroup
	serving   sync.WaitGroup
	failed    chan error

	metricsHTTP *http.Server // nil where none are served
	metricsAddr net.Addr
}

// Start starts the engines and the front, and returns when all are ready.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Listen == "" {
		cfg.Listen = DefaultListen
	}
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.PassLife <= 0 {
		cfg.PassLife = passLife
	}
	s := &Server{config: cfg, failed: make(chan error, 1), passcodes: newPasscodes(), metrics: newMetrics()}
	var err error
	if s.edge, err = newEdge(cfg.Limits, cfg.TrustedProxies); err != nil {
		return nil, err
	}
	if s.apps, err = LoadApps(cfg.Data); err != nil {
		return nil, err
	}
	if s.keys, err = loadKeys(cfg.Data); err != nil {
		return nil, err
	}
	if s.listener, err = listenTCP(cfg.Listen, "calls and chat", "--listen"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stopEngines()
			s.stopMetrics()
			_ = s.listener.Close()
		}
	}()
	// The two engines know nothing of each other: they start side by side.
	var (
		starting          sync.WaitGroup
		mediaErr, chatErr error
	)
	starting.Go(func() { s.media, mediaErr = startMedia(ctx, cfg, s.keys) })
	starting.Go(func() { s.chat, chatErr = startChat(cfg, s.keys, s.apps) })
	starting.Wait()
	if err = errors.Join(mediaErr, chatErr); err != nil {
		return nil, err
	}
	s.tenants = newTenants(s.chat, s.media, cfg.PassLife, cfg.Logger)
	if err = s.tenants.follow(ctx, s.apps); err != nil {
		return nil, err
	}
	s.files = &files{keys: s.keys, tenants: s.tenants, limits: cfg.Limits, log: cfg.Logger, users: make(map[string]*allowance)}
	if s.files.uploads, err = openUploads(filepath.Join(cfg.Data, "uploads")); err != nil {
		return nil, err
	}
	s.metrics.registry.MustRegister(newGauges(s))
	s.http = s.newHTTP(newFront(s))
	s.edge.watch(s.http)
	if err = s.serveMetrics(); err != nil {
		return nil, err
	}
	public := net.Listener(edgeListener{s.listener, s.edge})
	if cfg.TLS.enabled() {
		if s.secure, err = startTLS(cfg, public, s.media.turn); err != nil {
			return nil, err
		}
		public = s.secure.listener
	}
	s.serving.Go(func() {
		if err := s.http.Serve(public); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("the room server stopped listening: %w", err)
		}
	})
	var housekeeping context.Context
	housekeeping, s.cancel = context.WithCancel(context.Background())
	s.house.Go(func() { s.keepHouse(housekeeping) })
	s.house.Go(func() { s.followApps(housekeeping) })
	return s, nil
}

func (s *Server) newHTTP(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headWithin,
		IdleTimeout:       idleWithin,
		MaxHeaderBytes:    headMax,
		ErrorLog:          slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug),
	}
}

const (
	collectFirst = 10 * time.Minute // after the start
	collectEvery = 6 * time.Hour
	// collectGrace is how long an attachment may wait for its message.
	collectGrace = 24 * time.Hour
)

// keepHouse removes what nobody needs any more.
func (s *Server) keepHouse(ctx context.Context) {
	timer := time.NewTimer(collectFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-timer.C:
			timer.Reset(collectEvery)
			removed := 0
			var err error
			for _, t := range s.tenants.all() {
				n, collectErr := t.blobs.collect(ctx, collectGrace, now)
				removed, err = removed+n, errors.Join(err, collectErr)
			}
			if err = errors.Join(err, s.files.uploads.prune(now)); err != nil && ctx.Err() == nil {
				s.config.Logger.Warn("the attachments were not all looked through", "error", err)
			}
			if removed > 0 {
				s.config.Logger.Info("attachments that no message needs were removed", "count", removed)
			}
		}
	}
}

// appsEvery is how soon a change of the AppIDs by another process is seen.
const appsEvery = time.Second

// followApps takes over what `parley app` changes while the server runs.
func (s *Server) followApps(ctx context.Context) {
	tick := time.NewTicker(appsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		changed, err := s.apps.Reload()
		if changed {
			err = errors.Join(err, s.tenants.follow(ctx, s.apps))
		}
		if err != nil && ctx.Err() == nil {
			s.config.Logger.Warn("the AppIDs were not read again", "error", err)
		}
	}
}

// Addr is the address that the front listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Address is HOST:PORT as a client on this machine reaches it.
func (s *Server) Address() string {
	host, port, err := net.SplitHostPort(s.Addr().String())
	if err != nil {
		return s.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// MediaPorts tells the UDP and the TCP port of media.
func (s *Server) MediaPorts() (udp, tcp int) { return s.media.udp, s.media.tcp }

// Apps are the tenants.
func (s *Server) Apps() *Apps { return s.apps }

// Failed delivers an error if the server ends by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Close ends calls, chat and front. ctx bounds how long requests in progress
// may take.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	s.house.Wait() // it opens and closes parts of the engines
	// WebSockets are hijacked from the HTTP server: they end with the engines.
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.stopEngines()
	}()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-stopped
	if s.secure != nil {
		s.secure.close()
	}
	s.stopMetrics()
	s.serving.Wait()
	return err
}

func (s *Server) stopMetrics() {
	if s.metricsHTTP != nil {
		_ = s.metricsHTTP.Close()
	}
}

func (s *Server) stopEngines() {
	if s.tenants != nil {
		s.tenants.close()
	}
	var stopping sync.WaitGroup
	if s.media != nil {
		stopping.Go(s.media.close)
	}
	if s.chat != nil {
		stopping.Go(s.chat.close)
	}
	stopping.Wait()
}

// loopback reports whether a listen address can be reached from this machine
// only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// PortError says which port is taken, what it is for, and what to do.
type PortError struct {
	Port    int
	Network string // "tcp" or "udp"
	Use     string
	Option  string // the flag that chooses another
	Err     error
}

func (e *PortError) Error() string {
	return fmt.Sprintf("%s port %d, needed for %s, is taken by another program: end that program, or choose another port with %s (0 picks a free one)",
		e.Network, e.Port, e.Use, e.Option)
}

// Unwrap makes the error ErrPortTaken.
func (e *PortError) Unwrap() []error { return []error{ErrPortTaken, e.Err} }

func listenTCP(address, use, option string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	if addressInUse(err) {
		_, port, _ := net.SplitHostPort(address)
		n, _ := strconv.Atoi(port)
		return nil, &PortError{Port: n, Network: "tcp", Use: use, Option: option, Err: err}
	}
	return nil, fmt.Errorf("listen on %s: %w", address, err)
}

// freeTCP and freeUDP find a port for an engine that opens it itself: the one
// asked for when it is free, or any for 0.
func freeTCP(host string, port int, use, option string) (int, error) {
	l, err := listenTCP(net.JoinHostPort(host, strconv.Itoa(port)), use, option)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("listen on port %d: not a TCP address", port)
	}
	return addr.Port, nil
}

func freeUDP(port int, use, option string) (int, error) {
	c, err := net.ListenPacket("udp", net.JoinHostPort("", strconv.Itoa(port)))
	if err != nil {
		if addressInUse(err) {
			return 0, &PortError{Port: port, Network: "udp", Use: use, Option: option, Err: err}
		}
		return 0, fmt.Errorf("listen on UDP port %d: %w", port, err)
	}
	defer c.Close()
	addr, ok := c.LocalAddr().(*net.UDPAddr)
	if !ok {
		return 0, fmt.Errorf("listen on UDP port %d: not a UDP address", port)
	}
	return addr.Port, nil
}

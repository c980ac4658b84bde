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
	"sync"
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
	for _, warning := range cfg.Warnings() {
		cfg.Logger.Warn("the configuration: " + warning.Error())
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.RetainEvery <= 0 {
		cfg.RetainEvery = retainEvery
	}
	if cfg.PassLife <= 0 {
		cfg.PassLife = passLife
	}
	s := &Server{config: cfg, failed: make(chan error, 1), metrics: newMetrics()}
	var err error
	if s.edge, err = newEdge(cfg.Limits, cfg.TrustedProxies); err != nil {
		return nil, err
	}
	if cfg.clustered() {
		if err = sharedKeys(cfg.keysFolder()); err != nil {
			return nil, err
		}
		cfg.Logger.Info("waiting for the other nodes of the cluster, if they are not there")
	}
	if s.apps, err = LoadApps(cfg.keysFolder()); err != nil {
		return nil, err
	}
	if s.keys, err = loadKeys(cfg.keysFolder()); err != nil {
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
	starting.Go(func() { s.chat, chatErr = startChat(ctx, cfg, s.keys, s.apps) })
	starting.Wait()
	if err = errors.Join(mediaErr, chatErr); err != nil {
		return nil, err
	}
	counted := quotas(newOwnQuotas())
	if s.media.redis != nil {
		counted = newSharedQuotas(s.media.redis, s.keys.media, cfg.Logger)
	}
	s.passcodes = newPasscodes(counted)
	s.tenants = newTenants(s.chat, s.media, cfg, cfg.Logger)
	if err = s.tenants.follow(ctx, s.apps); err != nil {
		return nil, err
	}
	s.files = &files{keys: s.keys, tenants: s.tenants, limits: cfg.Limits, log: cfg.Logger, allowances: counted}
	if s.files.uploads, err = openUploads(filepath.Join(cfg.Data, "uploads")); err != nil {
		return nil, err
	}
	s.metrics.registry.MustRegister(newGauges(s))
	var handler http.Handler
	if handler, err = newFront(s); err != nil {
		return nil, err
	}
	s.http = s.newHTTP(handler)
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

package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// Ready is the line that a hosting app reads from the server's output.
type Ready struct {
	Event   string `json:"event"` // "ready"
	Address string `json:"address"`
	UDPPort int    `json:"udp_port"`
	TCPPort int    `json:"tcp_port"`
	StartMS int64  `json:"start_ms"`
}

// RunOptions of Run.
type RunOptions struct {
	// Machine makes the output one JSON line, Ready, instead of words.
	Machine bool
	// UntilEOF, where set, ends the server when it has no more to read: a
	// server that an app hosts ends with the app, however that ends.
	UntilEOF io.Reader
	// Terminate, where set, begins a drain: nobody is let in any more, and the
	// server ends when all have left or Config.Drain is over. The second ends it
	// at once.
	Terminate <-chan os.Signal
	Output    io.Writer
	// Hint is the --data flag as it was given, for the command that is
	// suggested.
	Hint string
}

// closeWithin bounds the end of a server.
const closeWithin = 5 * time.Second

// Run starts a server, says so, and closes it when ctx is done.
func Run(ctx context.Context, cfg Config, o RunOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	// A node that waits for others can be told to end as well.
	started := make(chan struct{})
	var told atomic.Bool
	go func() {
		select {
		case <-o.Terminate:
			told.Store(true)
			cancel()
		case <-started:
		}
	}()
	s, err := Start(ctx, cfg)
	close(started)
	if err != nil && told.Load() {
		return nil
	}
	if err != nil {
		return err
	}
	took := time.Since(began)
	udp, tcp := s.MediaPorts()
	if o.Machine {
		line, err := json.Marshal(Ready{Event: "ready", Address: s.address(), UDPPort: udp, TCPPort: tcp, StartMS: took.Milliseconds()})
		if err == nil {
			_, err = fmt.Fprintf(o.Output, "%s\n", line)
		}
		if err != nil {
			cfg.Logger.Warn("nobody reads the server's output", "error", err)
		}
	} else {
		_, _ = fmt.Fprintf(o.Output, "Parley serves at %s (media: UDP %d, TCP %d), ready after %d ms.\n", s.Addr(), udp, tcp, took.Milliseconds())
		if cfg.Open {
			_, _ = fmt.Fprintf(o.Output, "Open to everybody on this machine: parley --server %s --room hello --name NAME --join\n", s.address())
		} else {
			hint := ""
			if o.Hint != "" {
				hint = ` --data "` + o.Hint + `"` // shells take backslashes as they are
			}
			server := "ADDRESS"
			if cfg.TLS.enabled() {
				server = s.URL()
			}
			_, _ = fmt.Fprintf(o.Output, "Invite somebody: parley token --room hello --ttl 1h --server %s%s\n", server, hint)
		}
	}
	if err := notifyReady(); err != nil {
		cfg.Logger.Warn("the service manager does not know that the server is ready", "error", err)
	}
	if o.UntilEOF != nil {
		// Ends with the process at the latest: a read of a pipe can't be stopped.
		go func() {
			_, _ = io.Copy(io.Discard, o.UntilEOF)
			cancel()
		}()
	}
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-s.Failed():
	case <-o.Terminate:
		s.drainFor(ctx, o.Terminate)
	}
	closing, done := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer done()
	if err := s.Close(closing); err != nil {
		cfg.Logger.Log(closing, slog.LevelWarn, "the server did not close in order", "error", err)
	}
	return failure
}

// address is what --server takes: with TLS it has a scheme.
func (s *Server) address() string {
	if s.secure != nil {
		return s.URL()
	}
	return s.Address()
}

// drainFor drains for as long as configured, or until it is told to end again.
func (s *Server) drainFor(ctx context.Context, again <-chan os.Signal) {
	limit := s.config.drains()
	if limit <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		if err := s.Drain(ctx); err != nil {
			s.config.Logger.Warn("the server ends although not all have left", "websockets", s.edge.count().upgraded)
		}
	}()
	select {
	case <-drained:
	case <-again:
		cancel()
		<-drained
	}
}

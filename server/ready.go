package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"

	"parley/session/wire"
)

const (
	// readyWithin bounds how long an engine may take to answer; readyLife is
	// how long an answer is good, so that who asks often costs nothing.
	readyWithin = 2 * time.Second
	readyLife   = time.Second
)

// readiness tells whether both engines answer.
type readiness struct {
	s      *Server
	client *http.Client

	mu    sync.Mutex
	asked time.Time
	err   error
}

func newReadiness(s *Server) *readiness {
	return &readiness{s: s, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	var err error
	if r.s.drain.begun() {
		err = errors.New("the server is being restarted")
	} else {
		err = r.check()
	}
	if err != nil {
		code := wire.CodeUnavailable
		if r.s.drain.begun() {
			code = wire.CodeDraining
		}
		refuse(w, http.StatusServiceUnavailable, wire.ErrorResponse{Code: code, Message: err.Error()})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ready\n"))
}

// check asks the engines, whoever waits for it: requests that end do not end
// it.
func (r *readiness) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.asked) < readyLife {
		return r.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	r.err = nil
	if err := r.s.media.answers(ctx, r.client); err != nil {
		r.s.config.Logger.Warn("the media engine is not ready", "error", err)
		r.err = errors.New("the media engine does not answer")
	}
	if err := r.s.chat.answers(ctx, r.client); err != nil {
		r.s.config.Logger.Warn("the chat engine is not ready", "error", err)
		r.err = errors.Join(r.err, errors.New("the chat engine does not answer"))
	}
	r.asked = time.Now()
	return r.err
}

// answers asks the media engine for its own opinion.
func (m *mediaEngine) answers(ctx context.Context, client *http.Client) error {
	status, err := status(ctx, client, m.address)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

// answers asks the chat engine for its own opinion, and whether it takes
// connections.
func (c *chatEngine) answers(ctx context.Context, client *http.Client) error {
	if c.remote != nil {
		return c.remote.system.FlushWithContext(ctx)
	}
	if health := c.server.Healthz(&natsd.HealthzOptions{JSServerOnly: true}); health.StatusCode != http.StatusOK {
		return errors.New(health.Error)
	}
	// What is no WebSocket is refused: any answer is one.
	_, err := status(ctx, client, strings.Replace(c.server.WebsocketURL(), "ws", "http", 1))
	return err
}

func status(ctx context.Context, client *http.Client, url string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<10))
	return answer.StatusCode, nil
}

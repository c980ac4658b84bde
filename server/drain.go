package server

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"parley/session/wire"
)

// drain says whether the server is about to end.
type drain struct{ on atomic.Bool }

func (d *drain) begun() bool { return d.on.Load() }

const (
	// drainPoll is how often a server that drains looks whether all have gone.
	drainPoll = 200 * time.Millisecond
	// restartWait is when somebody whom it refused should try again.
	restartWait = time.Minute
	// joinWait is how long a join waits for its turn; clients wait 4 s.
	joinWait = 3 * time.Second
)

// Drain lets nobody in any more, and waits until all who are in have left, or
// for ctx.
func (s *Server) Drain(ctx context.Context) error {
	s.drain.on.Store(true)
	s.config.Logger.Info("nobody is let in any more; the server ends when all have left", "websockets", s.edge.count().upgraded)
	if s.config.clustered() {
		if err := s.move(ctx); err != nil {
			s.config.Logger.Warn("not all calls were moved to other nodes", "error", err)
		}
	}
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for s.edge.count().upgraded > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// restarting refuses who is not in yet while the server drains, and reports
// whether it did. A pass is of somebody who is, and who goes to another node where
// there is one.
func (s *Server) restarting(w http.ResponseWriter, request wire.JoinRequest) bool {
	if !s.drain.begun() || request.Credential.Pass != "" && !s.config.clustered() {
		return false
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(restartWait.Seconds())))
	refuse(w, http.StatusServiceUnavailable, wire.ErrorResponse{Code: wire.CodeDraining, Message: "the server is being restarted; try again in a minute"})
	return true
}

// gated lets joins through, so many at a time.
func (s *Server) gated(join http.HandlerFunc) http.HandlerFunc {
	places := make(chan struct{}, s.config.Limits.JoinsAtOnce)
	return func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(joinWait)
		defer timer.Stop()
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			join(w, r)
		case <-r.Context().Done():
		case <-timer.C:
			w.Header().Set("Retry-After", "1")
			refuse(w, http.StatusServiceUnavailable, wire.ErrorResponse{Code: wire.CodeUnavailable, Message: "too many people enter at once; try again"})
		}
	}
}

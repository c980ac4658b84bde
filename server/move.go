package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/protocol/livekit"

	"parley/session/wire"
)

const (
	// leaveWait is how long a node that drains waits until the others place no
	// call there any more, and until a balancer sends nobody there.
	leaveWait = 3 * time.Second
	// moveLife is how long people have to come back to a call that moves, which is
	// kept as it was until then.
	moveLife = time.Minute
	movePoll = 200 * time.Millisecond
	// holdWithin bounds the look at what is kept of one call.
	holdWithin = 5 * time.Second
	// drainOfNode is how long a node of a cluster drains where nothing is said: its
	// calls go on at others.
	drainOfNode = 30 * time.Second
)

// drains is how long a server drains.
func (cfg Config) drains() time.Duration {
	if cfg.clustered() && cfg.Drain == 0 {
		return drainOfNode
	}
	return cfg.Drain
}

// leave has no new call placed at this node. The engine tells the others with its
// next word about itself.
func (m *mediaEngine) leave() { m.node.SetState(livekit.NodeState_SHUTTING_DOWN) }

// own are the names of the calls at this node.
func (m *mediaEngine) own(ctx context.Context) ([]string, error) {
	nodes, err := m.redis.HGetAll(ctx, routing.NodeRoomKey).Result()
	if err != nil {
		return nil, fmt.Errorf("look for the calls of this node: %w", err)
	}
	var names []string
	for name, node := range nodes {
		if node == string(m.node.NodeID()) {
			names = append(names, name)
		}
	}
	return names, nil
}

// move has all that goes on at this node go on at others: its calls end here and
// begin there as people come back, and so do their other connections.
func (s *Server) move(ctx context.Context) error {
	s.media.leave()
	select {
	case <-time.After(leaveWait):
	case <-ctx.Done():
		return ctx.Err()
	}
	names, err := s.media.own(ctx)
	if err != nil {
		return err
	}
	var (
		moving sync.WaitGroup
		ended  sync.WaitGroup // the calls here
		mu     sync.Mutex
		errs   []error
	)
	for _, name := range names {
		appID, roomID, _ := strings.Cut(name, "/")
		t, err := s.tenants.get(appID)
		if err != nil {
			continue
		}
		ended.Add(1)
		moving.Go(func() {
			err := t.door.move(ctx, roomID, ended.Done)
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	ended.Wait()
	s.edge.cutUpgraded()
	moving.Wait()
	s.config.Logger.Info("the calls of this node go on at others", "count", len(names))
	return errors.Join(errs...)
}

// move ends a call here, which ended tells, and has it be kept at another node as it
// was kept here: locked, with a lobby, without those who are excluded.
func (d *door) move(ctx context.Context, roomID string, ended func()) error {
	tell := sync.OnceFunc(ended)
	defer tell()
	call, held, err := d.hold(ctx, roomID)
	if err != nil {
		return err
	}
	if _, err := d.media.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: string(mediaRoom(d.appID, roomID))}); err != nil {
		return fmt.Errorf("move a call: %w", err)
	}
	tell()
	if !held {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, moveLife)
	defer cancel()
	for {
		next, err := d.call(ctx, roomID)
		if err == nil && next != "" && next != call {
			if _, err := d.change(ctx, roomID, func(*roomState) {}); err != nil {
				return err
			}
			return d.publish(ctx, roomID)
		}
		select {
		case <-time.After(movePoll):
		case <-ctx.Done():
			return nil // nobody came back
		}
	}
}

// hold has what is kept of a call outlive it. It tells whether anything is.
func (d *door) hold(ctx context.Context, roomID string) (call string, held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, holdWithin)
	defer cancel()
	people, err := d.people(ctx, roomID)
	if err != nil || len(people) == 0 { // nobody will come back
		return "", false, err
	}
	if call, err = d.call(ctx, roomID); err != nil {
		return "", false, err
	}
	s, revision, err := d.state(ctx, roomID)
	if err != nil || revision == 0 || call == "" || s.Call != call {
		return call, false, err
	}
	_, err = d.change(ctx, roomID, func(s *roomState) { s.Moving = time.Now().Add(moveLife).UnixMilli() })
	return call, err == nil, err
}

// staying lets connections through, but for a node that others take over from.
func (s *Server) staying(next http.Handler) http.Handler {
	if !s.config.clustered() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.drain.begun() {
			refuse(w, http.StatusServiceUnavailable, wire.ErrorResponse{Code: wire.CodeDraining, Message: "this node ends; another goes on"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// cutUpgraded ends all WebSockets. Programs open them again, where another node is.
func (e *edge) cutUpgraded() {
	e.mu.Lock()
	conns := make([]*edgeConn, 0, len(e.sockets))
	for c := range e.sockets {
		conns = append(conns, c)
	}
	e.mu.Unlock()
	for _, c := range conns {
		c.cut()
	}
}

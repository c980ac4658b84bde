package server

import (
	"context"
	"errors"
	"time"
)

const (
	collectFirst = 10 * time.Minute // after the start
	collectEvery = 6 * time.Hour
	// collectGrace is how long an attachment may wait for its message.
	collectGrace = 24 * time.Hour
)

// keepHouse removes what nobody needs any more. Of several nodes one does it.
func (s *Server) keepHouse(ctx context.Context) {
	retain := time.NewTicker(s.config.RetainEvery)
	defer retain.Stop()
	collect := time.NewTimer(collectFirst)
	defer collect.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-retain.C:
			if s.config.Retention.any() {
				s.retain(ctx, now)
			}
		case now := <-collect.C:
			collect.Reset(collectEvery)
			s.collect(ctx, now)
		}
	}
}

// retain keeps what the configuration says, of all AppIDs.
func (s *Server) retain(ctx context.Context, now time.Time) {
	var sum kept
	for _, t := range s.tenants.all() {
		if !t.keeper.mine(ctx) {
			continue
		}
		one, err := t.retain(ctx, t.limits, now)
		if err != nil && ctx.Err() == nil {
			s.config.Logger.Warn("more is kept than the retention says", "app", t.appID, "error", err)
		}
		sum.add(one)
	}
	s.metrics.kept(sum)
	if sum.droppedMessages > 0 {
		s.config.Logger.Info("the oldest messages were dropped", "messages", sum.droppedMessages, "bytes", sum.dropped)
	}
}

// collect removes attachments that no message needs, and uploads that nobody goes
// on with.
func (s *Server) collect(ctx context.Context, now time.Time) {
	removed := 0
	err := s.files.uploads.prune(now)
	for _, t := range s.tenants.all() {
		if !t.keeper.mine(ctx) {
			continue
		}
		n, collectErr := t.blobs.collect(ctx, collectGrace, now)
		removed, err = removed+n, errors.Join(err, collectErr)
	}
	if err != nil && ctx.Err() == nil {
		s.config.Logger.Warn("the attachments were not all looked through", "error", err)
	}
	if removed > 0 {
		s.config.Logger.Info("attachments that no message needs were removed", "count", removed)
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

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

package session

import (
	"context"
	"net/url"
	"time"
)

// locateEvery is how long nobody asks where a server is, after it was not found.
const locateEvery = time.Second

// moved looks for the server of a lost room at another address, until stop: one
// that a desktop hosts gets a new one when its computer changes the network. What
// is found answers there.
func (e *Engine) moved(l *login) (found <-chan *url.URL, stop func()) {
	if e.profile.Locate == nil || l.serverID == "" || l.server.Load().Scheme != "http" {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(l.ctx)
	servers, done := make(chan *url.URL), make(chan struct{})
	go func() {
		defer close(done)
		wait := time.NewTimer(0)
		defer wait.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-wait.C:
			}
			if server := e.locate(ctx, l); server != nil {
				select {
				case servers <- server:
				case <-ctx.Done():
				}
			}
			wait.Reset(locateEvery)
		}
	}()
	return servers, func() {
		cancel()
		<-done
	}
}

// locate asks once; nil is for nowhere else.
func (e *Engine) locate(ctx context.Context, l *login) *url.URL {
	address, err := e.profile.Locate(ctx, l.serverID)
	if err != nil {
		return nil
	}
	server, err := serverOf(address)
	if err != nil || server == nil || *server == *l.server.Load() || healthy(ctx, server) != nil {
		return nil
	}
	return server
}

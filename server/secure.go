package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// secure is the TLS of the public port, and what belongs to it.
type secure struct {
	listener  *tlsListener
	challenge *http.Server // answers the certificate authority; nil without
	name      string       // that the certificate is for
	cancel    context.CancelFunc
	work      sync.WaitGroup
}

// startTLS puts TLS before a listener. relay may be nil; its owner closes it.
func startTLS(cfg Config, inner net.Listener, relay *turnServer) (*secure, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &secure{cancel: cancel}
	certs, err := newCertificates(ctx, cfg.TLS, cfg.Data, cfg.Logger)
	if err != nil {
		cancel()
		return nil, err
	}
	if cfg.TLS.acme() {
		s.name = cfg.TLS.ACME.Domains[0]
	} else if leaf, err := loadLeaf("tls", cfg.TLS.Cert, cfg.TLS.Key); err == nil && len(leaf.DNSNames) > 0 {
		s.name = leaf.DNSNames[0]
	}
	if address := cfg.TLS.ACME.HTTP; address != "" && certs.acme != nil {
		listener, err := listenTCP(address, "the questions of the certificate authority", "tls.acme.http in the configuration")
		if err != nil {
			cancel()
			return nil, err
		}
		s.challenge = &http.Server{
			Handler: guarded(withoutPort(certs.acme.HTTPHandler(nil))), ReadHeaderTimeout: headWithin, IdleTimeout: headWithin, MaxHeaderBytes: headMax,
		}
		s.work.Go(func() {
			if err := s.challenge.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				cfg.Logger.Error("the questions of the certificate authority are no longer answered", "error", err)
			}
		})
	}
	var turn func(*firstByteConn)
	if relay != nil {
		turn = relay.serve
	}
	s.listener = newTLSListener(inner, certs.config, turn)
	s.work.Go(func() { certs.obtain(ctx, cfg.TLS.ACME.Domains, cfg.Logger) })
	return s, nil
}

// withoutPort has a handler see the host alone, which autocert compares with the
// domains as it stands: the authority may come by another port than 80.
func withoutPort(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			r.Host = host
		}
		next.ServeHTTP(w, r)
	})
}

// close ends what the HTTP server does not; its listener and TURN are closed before.
func (s *secure) close() {
	s.cancel()
	_ = s.listener.Close()
	if s.challenge != nil {
		_ = s.challenge.Close()
	}
	s.listener.wait()
	s.work.Wait()
}

// URL is the server's address with the scheme, as clients name it; with TLS by
// the name that the certificate is for.
func (s *Server) URL() string {
	if s.secure == nil {
		return "http://" + s.Address()
	}
	_, port, err := net.SplitHostPort(s.Address())
	switch {
	case s.secure.name == "" || err != nil:
		return "https://" + s.Address()
	case port == "443":
		return "https://" + s.secure.name
	default:
		return fmt.Sprintf("https://%s", net.JoinHostPort(s.secure.name, port))
	}
}

// endable ends requests with a context, where a library does not.
type endable struct {
	base http.RoundTripper
	ctx  context.Context //nolint:containedctx // lives as long as the server
}

func (e endable) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	context.AfterFunc(e.ctx, cancel)
	return e.base.RoundTrip(r.WithContext(ctx))
}

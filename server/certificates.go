package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// certificates answers with the certificate of the public port.
type certificates struct {
	config *tls.Config
	acme   *autocert.Manager // nil for files
}

func newCertificates(ctx context.Context, t TLS, data string, log *slog.Logger) (*certificates, error) {
	c := &certificates{}
	if t.acme() {
		c.acme = &autocert.Manager{
			Prompt:     autocert.AcceptTOS,
			Cache:      autocert.DirCache(filepath.Join(data, "acme")),
			HostPolicy: autocert.HostWhitelist(t.ACME.Domains...),
			Email:      t.ACME.Email,
			Client: &acme.Client{
				DirectoryURL: t.ACME.Directory, UserAgent: "parley",
				HTTPClient: &http.Client{Transport: endable{http.DefaultTransport, ctx}},
			},
		}
		if t.ACME.Directory == "" {
			c.acme.Client.DirectoryURL = autocert.DefaultACMEDirectory
		}
		c.config = c.acme.TLSConfig()
		// HTTP/2 gains nothing here: WebSockets are HTTP/1.1, and it is one more
		// thing that can be worn out.
		c.config.NextProtos = []string{"http/1.1", acme.ALPNProto}
	} else {
		f := &certificateFiles{name: "tls", cert: t.Cert, key: t.Key, log: log, now: time.Now}
		if err := f.load(); err != nil {
			return nil, err
		}
		c.config = &tls.Config{GetCertificate: f.get, NextProtos: []string{"http/1.1"}}
	}
	c.config.MinVersion = tls.VersionTLS12
	return c, nil
}

// obtain gets the certificates before the first client asks for one, so that
// what is wrong is in the log from the start.
func (c *certificates) obtain(ctx context.Context, domains []string, log *slog.Logger) {
	if c.acme == nil {
		return
	}
	for _, domain := range domains {
		_, err := c.acme.GetCertificate(&tls.ClientHelloInfo{
			ServerName: domain, SupportedVersions: []uint16{tls.VersionTLS13},
			SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
			SupportedCurves:  []tls.CurveID{tls.CurveP256},
			CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		})
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			log.Error("no certificate could be had: can the authority reach this server by its domain, on port 443, or on 80 with tls.acme.http?", "domain", domain, "error", err)
			continue
		}
		log.Info("the certificate is there", "domain", domain)
	}
}

// certificateFiles reads a pair again when its files have changed.
type certificateFiles struct {
	name      string // of the settings
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu      sync.Mutex
	pair    *tls.Certificate
	tried   [2]fileState // at the last try to read
	checked time.Time
}

// certificatesEvery is how often the files are looked at.
const certificatesEvery = time.Second

func (f *certificateFiles) state() (state [2]fileState) {
	for i, path := range []string{f.cert, f.key} {
		if info, err := os.Stat(path); err == nil {
			state[i] = fileState{info.ModTime().UnixNano(), info.Size()}
		}
	}
	return state
}

func (f *certificateFiles) load() error {
	state := f.state()
	f.tried = state
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return keyError(f.name+".cert", "the certificate and %s.key do not load: %w", f.name, err)
	}
	f.pair = &pair
	return nil
}

// get gives the pair. One that can't be read, as while it is being replaced,
// leaves the one before in use.
func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if now.Sub(f.checked) < certificatesEvery {
		return f.pair, nil
	}
	f.checked = now
	state := f.state()
	if state == f.tried {
		return f.pair, nil
	}
	if err := f.load(); err != nil {
		f.log.Warn("the new certificate can't be used; the one before stays", "key", f.name, "error", err)
	} else {
		f.log.Info("the certificate was read again", "key", f.name)
	}
	return f.pair, nil
}

package server

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// remoteChat is a chat engine that runs by itself, and trusts our operator: accounts
// are made and changed through its system account.
type remoteChat struct {
	urls   string
	tls    *tls.Config // nil: as the system has it
	system *nats.Conn
}

const (
	subjectUpdate = "$SYS.REQ.CLAIMS.UPDATE"
	subjectLookup = "$SYS.REQ.ACCOUNT.%s.CLAIMS.LOOKUP"
	// remoteWithin bounds one question.
	remoteWithin = 5 * time.Second
)

func startRemoteChat(ctx context.Context, cfg Config, k *keys) (*chatEngine, error) {
	r := &remoteChat{urls: strings.Join(cfg.NATS.URL, ",")}
	var err error
	if cfg.NATS.TLS.enabled() {
		if r.tls, err = cfg.NATS.TLS.config("nats.tls", cfg.Logger); err != nil {
			return nil, fmt.Errorf("reach the chat engine of nats.url: %w", err)
		}
	}
	if r.system, err = r.await(ctx, k.system, cfg.Logger); err != nil {
		return nil, fmt.Errorf("reach the chat engine of nats.url, which has to trust our operator (parley app nats): %w", err)
	}
	proxy, err := remoteProxy(cfg.NATS.WebSocket, r.tls)
	if err != nil {
		r.system.Close()
		return nil, fmt.Errorf("reach the chat engine of nats.websocket: %w", err)
	}
	return &chatEngine{keys: k, remote: r, proxy: proxy, log: cfg.Logger}, nil
}

// await connects as connect does, and waits for an engine that is not there yet: after a
// failure of the power all machines start together.
func (r *remoteChat) await(ctx context.Context, account nkeys.KeyPair, log *slog.Logger) (conn *nats.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, clusterStart)
	defer cancel()
	var once sync.Once
	err = persist(ctx, absent, func(context.Context) error {
		conn, err = r.connect(account)
		if err != nil && absent(err) {
			once.Do(func() { log.Warn("waiting for the chat engine of nats.url, which can't be reached", "error", err) })
		}
		return err
	})
	return conn, err
}

// absent tells an error of a server that is not there from one of a server that refuses
// us, which no waiting mends.
func absent(err error) bool {
	var way *net.OpError
	return errors.Is(err, nats.ErrNoServers) || errors.As(err, &way) && way.Op == "dial"
}

// connect opens a connection of our own into an account.
func (r *remoteChat) connect(account nkeys.KeyPair) (*nats.Conn, error) {
	token, sign, err := ownUser(account, jwt.ConnectionTypeStandard)
	if err != nil {
		return nil, err
	}
	options := []nats.Option{nats.Name("parley server"), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond), nats.Timeout(remoteWithin),
		nats.UserJWT(func() (string, error) { return token, nil }, sign)}
	if r.tls != nil {
		options = append(options, nats.Secure(r.tls.Clone()))
	}
	return nats.Connect(r.urls, options...)
}

// knows tells whether an account is there and lets people in. One that is keeps its
// list of ended tokens.
func (r *remoteChat) knows(public string) (bool, error) {
	answer, err := r.system.Request(fmt.Sprintf(subjectLookup, public), nil, remoteWithin)
	if err != nil {
		return false, fmt.Errorf("look for an account: %w", err)
	}
	claims, err := jwt.DecodeAccountClaims(string(answer.Data))
	return err == nil && claims.Limits.Conn != 0, nil
}

// push makes an account be as its token says.
func (r *remoteChat) push(token string) error {
	answer, err := r.system.Request(subjectUpdate, []byte(token), remoteWithin)
	if err != nil {
		return fmt.Errorf("change an account: %w", err)
	}
	var said struct {
		Error *struct{ Description string }
		Data  *struct{ Code int }
	}
	if err := json.Unmarshal(answer.Data, &said); err != nil {
		return fmt.Errorf("change an account: %w", err)
	}
	if said.Error != nil {
		return fmt.Errorf("change an account: %s", said.Error.Description)
	}
	if said.Data == nil || said.Data.Code != http.StatusOK {
		return errors.New("change an account: the chat engine has no resolver that takes one: see docs/cluster.md")
	}
	return nil
}

// writeNATS prints what a chat engine needs in its configuration to trust our keys.
func (k *keys) writeNATS(out io.Writer) error {
	operator, err := k.operatorToken()
	if err != nil {
		return err
	}
	system, err := k.accountClaims(k.systemPublic, systemAccount, jwt.NoLimit).Encode(k.operator)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `operator: %s
system_account: %s
resolver: {type: full, dir: "./accounts", allow_delete: false}
resolver_preload: {%s: %s}
`, operator, k.systemPublic, k.systemPublic, system)
	return err
}

// remoteProxy passes WebSockets to the first of several addresses that answers, the
// last one that did first. With https the certificate has to be for the address that is
// asked, whichever it is.
func remoteProxy(addresses []string, config *tls.Config) (*httputil.ReverseProxy, error) {
	hosts := make([]string, len(addresses))
	var target *url.URL
	for i, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		hosts[i] = u.Host
		if i == 0 {
			target = &url.URL{Scheme: u.Scheme, Host: u.Host}
		}
	}
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	var good atomic.Int32
	within := remoteWithin / time.Duration(len(hosts))
	dialer := &net.Dialer{Timeout: within}
	first := func(ctx context.Context, dial func(ctx context.Context, host string) (net.Conn, error)) (conn net.Conn, err error) {
		begin := int(good.Load())
		for i := range hosts {
			n := (begin + i) % len(hosts)
			try, cancel := context.WithTimeout(ctx, within)
			conn, err = dial(try, hosts[n])
			cancel()
			if err == nil {
				good.Store(int32(n))
				return conn, nil
			}
		}
		return nil, err
	}
	proxy := loopbackProxy(target)
	proxy.Transport = &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return first(ctx, func(ctx context.Context, host string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, host)
			})
		},
		DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return first(ctx, func(ctx context.Context, host string) (net.Conn, error) {
				return dialTLS(ctx, dialer, network, host, config)
			})
		},
	}
	return proxy, nil
}

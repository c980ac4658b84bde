package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
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
	system *nats.Conn
}

const (
	subjectUpdate = "$SYS.REQ.CLAIMS.UPDATE"
	subjectLookup = "$SYS.REQ.ACCOUNT.%s.CLAIMS.LOOKUP"
	// remoteWithin bounds one question.
	remoteWithin = 5 * time.Second
)

func startRemoteChat(cfg Config, k *keys) (*chatEngine, error) {
	r := &remoteChat{urls: strings.Join(cfg.NATS.URL, ",")}
	var err error
	if r.system, err = r.connect(k.system); err != nil {
		return nil, fmt.Errorf("reach the chat engine of nats.url, which has to trust our operator (parley app nats): %w", err)
	}
	proxy, err := remoteProxy(cfg.NATS.WebSocket)
	if err != nil {
		r.system.Close()
		return nil, fmt.Errorf("reach the chat engine of nats.websocket: %w", err)
	}
	return &chatEngine{keys: k, remote: r, proxy: proxy, log: cfg.Logger}, nil
}

// connect opens a connection of our own into an account.
func (r *remoteChat) connect(account nkeys.KeyPair) (*nats.Conn, error) {
	token, sign, err := ownUser(account, jwt.ConnectionTypeStandard)
	if err != nil {
		return nil, err
	}
	return nats.Connect(r.urls, nats.Name("parley server"), nats.MaxReconnects(-1), nats.ReconnectWait(500*time.Millisecond), nats.Timeout(remoteWithin),
		nats.UserJWT(func() (string, error) { return token, nil }, sign))
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
// last one that did first.
func remoteProxy(addresses []string) (*httputil.ReverseProxy, error) {
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
	var good atomic.Int32
	dialer := net.Dialer{Timeout: remoteWithin / time.Duration(len(hosts))}
	proxy := loopbackProxy(target)
	proxy.Transport = &http.Transport{
		TLSHandshakeTimeout: remoteWithin,
		DialContext: func(ctx context.Context, network, _ string) (conn net.Conn, err error) {
			begin := int(good.Load())
			for i := range hosts {
				n := (begin + i) % len(hosts)
				if conn, err = dialer.DialContext(ctx, network, hosts[n]); err == nil {
					good.Store(int32(n))
					return conn, nil
				}
			}
			return nil, err
		},
	}
	return proxy, nil
}

package server

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/session/wire"
)

var bothEnds = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}

// nodeTLS issues what a node needs, by an authority.
func (a *testAuthority) nodeTLS(t *testing.T, names ...string) NodeTLS {
	t.Helper()
	folder := t.TempDir()
	n := NodeTLS{Cert: filepath.Join(folder, "cert.pem"), Key: filepath.Join(folder, "key.pem"), CA: a.file()}
	a.issueFor(t, n.Cert, n.Key, 5, time.Now().Add(time.Hour), bothEnds, names...)
	return n
}

func otherAuthority(t *testing.T) *testAuthority {
	t.Helper()
	a, err := authorityIn(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// freeAddresses finds addresses that nobody listens on.
func freeAddresses(t *testing.T, count int) []string {
	t.Helper()
	addresses := make([]string, count)
	for i := range addresses {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addresses[i] = l.Addr().String()
	}
	return addresses
}

// testKeys are those that the nodes of a cluster share.
func testKeys(t *testing.T) (*keys, *Apps) {
	t.Helper()
	folder := t.TempDir()
	apps, err := LoadApps(folder)
	if err != nil {
		t.Fatal(err)
	}
	k, err := loadKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	return k, apps
}

// TestRoutesByTLS has three chat engines find each other by TLS, and others, who know
// the password, stay out: one with a certificate of another authority, one without TLS.
func TestRoutesByTLS(t *testing.T) {
	t.Parallel()
	k, apps := testKeys(t)
	addresses := freeAddresses(t, 5)
	node := func(i int, own NodeTLS) *chatEngine {
		t.Helper()
		cfg := Config{Data: t.TempDir(), Logger: slog.New(slog.DiscardHandler), NATS: NATS{Cluster: NATSCluster{
			Node: fmt.Sprintf("node%d", i), Listen: addresses[i], Routes: addresses[:3], TLS: own}}}
		c, err := startChat(t.Context(), cfg, k, apps)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.close)
		return c
	}
	var nodes []*chatEngine
	for i := range 3 {
		nodes = append(nodes, node(i, authority.nodeTLS(t, "127.0.0.1")))
	}
	formed := func() bool {
		for _, n := range nodes {
			if n.server.NumRoutes() != 2 || !n.server.JetStreamIsCurrent() {
				return false
			}
		}
		return true
	}
	for end := time.Now().Add(30 * time.Second); !formed(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the nodes do not find each other: %d, %d, %d routes", nodes[0].server.NumRoutes(), nodes[1].server.NumRoutes(), nodes[2].server.NumRoutes())
		}
	}
	// What one takes the others keep.
	local, err := apps.keys(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	account, _, err := local.account()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := nodes[0].connect(account)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := patiently(ctx, func(ctx context.Context) error {
		_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, Replicas: 3})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, "s", []byte("x")); err != nil {
		t.Error(err)
	}

	foreign := otherAuthority(t).nodeTLS(t, "127.0.0.1")
	trusting := foreign
	trusting.CA = authority.file() // it takes the others' certificates; they do not take its own
	strangers := map[string]*chatEngine{"another authority": node(3, trusting), "without TLS": node(4, NodeTLS{})}
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for name, stranger := range strangers {
			if n := stranger.server.NumRoutes(); n != 0 {
				t.Fatalf("%s: it is let in, with %d routes", name, n)
			}
		}
	}
	if !formed() {
		t.Error("the nodes lost each other")
	}
}

// TestAChatEngineByTLS has the chat in a NATS server that wants a certificate, as it
// does of people's WebSockets.
func TestAChatEngineByTLS(t *testing.T) {
	t.Parallel()
	keys := t.TempDir()
	engine := authority.nodeTLS(t, "127.0.0.1")
	s := startNATSWith(t, keys, fmt.Sprintf(`listen: 127.0.0.1:-1
tls: {cert_file: %q, key_file: %q, ca_file: %q, verify: true}
websocket: {listen: "127.0.0.1:-1", tls: {cert_file: %q, key_file: %q, ca_file: %q, verify: true}}
`, engine.Cert, engine.Key, engine.CA, engine.Cert, engine.Key, engine.CA))
	url, socket := strings.Replace(s.ClientURL(), "nats://", "tls://", 1), strings.Replace(s.WebsocketURL(), "wss://", "https://", 1)
	settings := func(own NodeTLS) string {
		return fmt.Sprintf("open: true\nkeys: %s\nnats: {replicas: 1, url: [%q], websocket: [\"https://localhost:1\", %q], tls: {cert: %s, key: %s, ca: %s}}\n",
			keys, url, socket, own.Cert, own.Key, own.CA)
	}
	c := startChild(t, settings(authority.nodeTLS(t, "parley")))
	if a := c.get(wire.PathReady); a.status != http.StatusOK {
		t.Errorf("not ready: %s", a.body)
	}
	r, pair := request(t, "tea", "ann")
	in, a := c.joinWith(r, "")
	if in == nil {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	conn, err := nats.Connect(in.Chat.URL, nats.ProxyPath(in.Chat.Path), nats.CustomInboxPrefix(in.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return in.Chat.JWT, nil }, pair.Sign))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), wire.ChatSubject("tea", "ann"), []byte("hello"), jetstream.WithMsgID("1")); err != nil {
		t.Error(err)
	}

	other := otherAuthority(t)
	for name, own := range map[string]NodeTLS{
		"we are of another authority":        {Cert: other.nodeTLS(t, "x").Cert, CA: authority.file()},
		"the servers are of another":         {Cert: engine.Cert, Key: engine.Key, CA: other.file()},
		"we have no certificate to show":     {CA: authority.file()},
		"the key is that of somebody else's": {Cert: engine.Cert, Key: other.nodeTLS(t, "x").Key, CA: authority.file()},
	} {
		if own.Key == "" && own.Cert != "" {
			own.Key = strings.Replace(own.Cert, "cert.pem", "key.pem", 1)
		}
		cfg := Config{Logger: slog.New(slog.DiscardHandler), NATS: NATS{URL: []string{url}, WebSocket: []string{socket}, TLS: own}}
		k, err := loadKeys(keys)
		if err != nil {
			t.Fatal(err)
		}
		if chat, err := startChat(t.Context(), cfg, k, nil); err == nil {
			chat.close()
			t.Errorf("%s: it is reached all the same", name)
		}
	}
}

func TestTheWayBetweenNodesIsChecked(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	until := time.Now().Add(time.Hour)
	authority.issueFor(t, at("cert"), at("key"), 1, until, bothEnds, "127.0.0.1")
	authority.issueFor(t, at("name"), at("namekey"), 2, until, bothEnds, "node-1")
	authority.issue(t, at("server"), at("serverkey"), 3, until, "127.0.0.1")
	authority.issueFor(t, at("old"), at("oldkey"), 4, time.Now().Add(-time.Hour), bothEnds, "127.0.0.1")
	other := otherAuthority(t).file()
	if err := os.WriteFile(at("empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files := func(cert, key, ca string) NodeTLS { return NodeTLS{Cert: cert, Key: key, CA: ca} }
	good := files(at("cert"), at("key"), authority.file())
	cluster := func(tls NodeTLS, routes ...string) NATS {
		return NATS{Cluster: NATSCluster{Listen: "127.0.0.1:6222", Routes: append([]string{"127.0.0.1:6222"}, routes...), TLS: tls}}
	}
	outside := func(tls NodeTLS, url, socket string) NATS {
		return NATS{URL: []string{url}, WebSocket: []string{socket}, TLS: tls}
	}
	for name, test := range map[string]struct {
		nats        NATS
		says, warns string
	}{
		"private":            {nats: cluster(NodeTLS{}, "10.0.0.2:6222", "[fd00::2]:6222", "100.64.1.2:6222")},
		"public":             {nats: cluster(NodeTLS{}, "203.0.113.2:6222"), says: "nats.cluster.routes: 203.0.113.2 is a public address"},
		"public, version 6":  {nats: cluster(NodeTLS{}, "[2001:db8::2]:6222"), says: "nats.cluster.routes: 2001:db8::2 is a public address"},
		"public, mapped":     {nats: cluster(NodeTLS{}, "[::ffff:203.0.113.2]:6222"), says: "is a public address"},
		"a name":             {nats: cluster(NodeTLS{}, "node-2:6222"), warns: "nats.cluster.routes: nothing is encrypted on the way to node-2"},
		"public by TLS":      {nats: cluster(good, "203.0.113.2:6222")},
		"a name by TLS":      {nats: cluster(good, "node-2:6222")},
		"no authority":       {nats: cluster(files(at("cert"), at("key"), "")), says: "nats.cluster.tls: name all of"},
		"no certificate":     {nats: cluster(files("", "", authority.file())), says: "nats.cluster.tls: name all of"},
		"no key":             {nats: cluster(files(at("cert"), "", authority.file())), says: "nats.cluster.tls.key: the key of nats.cluster.tls.cert is not named"},
		"no file":            {nats: cluster(files(at("none"), at("key"), authority.file())), says: "nats.cluster.tls.cert: open "},
		"no authority's":     {nats: cluster(files(at("cert"), at("key"), at("none"))), says: "nats.cluster.tls.ca: open "},
		"empty":              {nats: cluster(files(at("cert"), at("key"), at("empty"))), says: "there is no certificate in it"},
		"another's key":      {nats: cluster(files(at("cert"), at("oldkey"), authority.file())), says: "nats.cluster.tls.cert: the certificate and nats.cluster.tls.key do not load"},
		"expired":            {nats: cluster(files(at("old"), at("oldkey"), authority.file())), says: "nats.cluster.tls.cert: the certificate has expired"},
		"another authority":  {nats: cluster(files(at("cert"), at("key"), other)), says: "nats.cluster.tls.cert: the authorities of nats.cluster.tls.ca do not vouch for"},
		"one end":            {nats: cluster(files(at("server"), at("serverkey"), authority.file())), says: "both ends of a connection"},
		"another name":       {nats: cluster(files(at("name"), at("namekey"), authority.file())), says: "nats.cluster.tls.cert: the certificate is not for 127.0.0.1"},
		"TLS alone":          {nats: NATS{Cluster: NATSCluster{TLS: good}}, says: "nats.cluster.tls: it is for nats.cluster.listen"},
		"outside, private":   {nats: outside(NodeTLS{}, "nats://10.0.0.2:4222", "http://10.0.0.2:8080")},
		"outside, TLS":       {nats: outside(good, "tls://203.0.113.2:4222", "https://203.0.113.2:8080")},
		"outside, public":    {nats: outside(NodeTLS{}, "nats://203.0.113.2:4222", "https://a:8080"), says: "nats.url: 203.0.113.2 is a public address"},
		"sockets, public":    {nats: outside(NodeTLS{}, "tls://a:4222", "http://203.0.113.2:8080"), says: "nats.websocket: 203.0.113.2 is a public address"},
		"outside, a name":    {nats: outside(NodeTLS{}, "nats://nats-1:4222", "http://10.0.0.2:8080"), warns: "nats.url: nothing is encrypted on the way to nats-1"},
		"outside, plain":     {nats: outside(good, "nats://10.0.0.2:4222", "https://10.0.0.2:8080"), says: "nats.url: nats://10.0.0.2:4222: with nats.tls it has to begin with tls://"},
		"outside, password":  {nats: outside(NodeTLS{}, "nats://ann:hush@10.0.0.2:4222", "http://10.0.0.2:8080"), says: "nats.url: take name and password out"},
		"outside, no use":    {nats: NATS{TLS: good}, says: "nats.tls: it is for nats.url"},
		"outside, no key":    {nats: outside(files(at("cert"), "", ""), "tls://a:1", "https://a:2"), says: "nats.tls.key: "},
		"outside, authority": {nats: outside(files("", "", authority.file()), "tls://a:1", "https://a:2")},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Data: folder, Listen: "127.0.0.1:0", Redis: Redis{Address: "r:1"}, NATS: test.nats}
			err := cfg.Check()
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("says %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("a password is told: %v", err)
			}
			warned := fmt.Sprint(cfg.Warnings())
			if (warned == "[]") != (test.warns == "") || !strings.Contains(warned, test.warns) {
				t.Errorf("warns %s", warned)
			}
		})
	}
}

package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"
)

func (c *checker) cluster(cfg Config) {
	r, n := cfg.Redis, cfg.NATS
	c.redis(r)
	if r.enabled() && !n.clustered() && !n.remote() {
		c.add("nats.cluster.listen", "the calls of several servers are one (redis), but not their chat: name an address for the other nodes, or nats.url")
	}
	if n.clustered() && !r.enabled() {
		c.add("redis.address", "the chat of several servers is one (nats.cluster), but not their calls: name a Redis")
	}
	if n.Replicas < 0 || n.Replicas > 5 {
		c.add("nats.replicas", "%d: from 1 to 5 nodes can keep a message", n.Replicas)
	}
	c.remote(n)
	if n.clustered() {
		c.routes(n.Cluster)
		return
	}
	if len(n.Cluster.Routes) > 0 {
		c.add("nats.cluster.listen", "no address for the other nodes is named")
	}
	if n.Cluster.TLS.enabled() {
		c.add("nats.cluster.tls", "it is for nats.cluster.listen, which is not named")
	}
}

func (c *checker) redis(r Redis) {
	if r.Address != "" && len(r.SentinelAddresses) > 0 {
		c.add("redis.address", "name either it or redis.sentinel_addresses")
	}
	if len(r.SentinelAddresses) > 0 && r.SentinelMaster == "" {
		c.add("redis.sentinel_master", "the master is not named")
	}
	for i, address := range append([]string{r.Address}, r.SentinelAddresses...) {
		if i == 0 && address == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(address); err != nil {
			c.add("redis", "%q is not HOST:PORT", address)
		}
	}
}

// routes checks the way between the nodes of a cluster of our own.
func (c *checker) routes(n NATSCluster) {
	c.address("nats.cluster.listen", n.Listen)
	if portOf(n.Listen) == 0 {
		c.add("nats.cluster.listen", "the other nodes have to know the port")
	}
	if len(n.Routes) == 0 {
		c.add("nats.cluster.routes", "no other node is named")
	}
	own, _, _ := net.SplitHostPort(n.Listen)
	hosts := map[string]string{own: "nats.cluster.listen"}
	for _, route := range n.Routes {
		host, port, err := net.SplitHostPort(route)
		if err != nil || host == "" || port == "" {
			c.add("nats.cluster.routes", "%q is not HOST:PORT", route)
			continue
		}
		if hosts[host] == "" {
			hosts[host] = "nats.cluster.routes"
		}
		if route == n.Listen && n.TLS.Cert != "" {
			c.named("nats.cluster.tls.cert", n.TLS, host)
		}
	}
	if n.TLS.enabled() {
		c.nodeTLS("nats.cluster.tls", n.TLS, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)
		if n.TLS.CA == "" || n.TLS.Cert == "" && n.TLS.Key == "" {
			c.add("nats.cluster.tls", "name all of cert, key and ca: each node shows a certificate, and checks those of the others")
		}
		return
	}
	// Without TLS the password that lets a node in goes by the wire as it is.
	for host, key := range hosts {
		c.plain(key, host, "anybody on the way reads the chat, and the password that lets a node in: name nats.cluster.tls, or addresses of a private network")
	}
}

// plain refuses what is not encrypted on its way to an address that strangers are
// before. Of a name nobody can tell here where it leads: that is a warning.
func (c *checker) plain(key, host, remedy string) {
	switch reachOf(host) {
	case reachPrivate:
	case reachPublic:
		c.add(key, "%s is a public address, and nothing is encrypted: %s", host, remedy)
	case reachUnknown:
		if host != "" {
			c.warn(key, "nothing is encrypted on the way to %s; where that is no private network, %s", host, remedy)
		}
	}
}

// remote checks the way to a chat engine that runs by itself.
func (c *checker) remote(n NATS) {
	if n.remote() && n.clustered() {
		c.add("nats.url", "name either it or nats.cluster")
	}
	if n.remote() != (len(n.WebSocket) > 0) {
		c.add("nats.websocket", "nats.url and nats.websocket belong together")
	}
	secured := false
	for _, address := range n.URL {
		u, err := url.Parse(address)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls":
			c.add("nats.url", "it is not like nats://HOST:PORT or tls://HOST:PORT")
		case u.User != nil:
			c.add("nats.url", "take name and password out: the servers let us in by our keys (parley app nats), and by nats.tls where they ask for a certificate")
		case u.Scheme == "tls":
			secured = true
		case n.TLS.enabled():
			c.add("nats.url", "%s: with nats.tls it has to begin with tls://", u.Redacted())
		default:
			c.plain("nats.url", u.Hostname(), "anybody on the way reads the chat: begin it with tls://, or name addresses of a private network")
		}
	}
	for i, address := range n.WebSocket {
		u, err := url.Parse(address)
		if err != nil || u.Port() == "" || u.Scheme != "http" && u.Scheme != "https" {
			c.add("nats.websocket", "it is not like http://HOST:PORT or https://HOST:PORT")
			continue
		}
		if first, err := url.Parse(n.WebSocket[0]); i > 0 && err == nil && first.Scheme != u.Scheme {
			c.add("nats.websocket", "either all begin with http or all with https")
		}
		if u.Scheme == "http" {
			c.plain("nats.websocket", u.Hostname(), "anybody on the way reads the chat: begin it with https://, or name addresses of a private network")
		} else {
			secured = true
		}
	}
	if !n.TLS.enabled() {
		return
	}
	if !secured {
		c.add("nats.tls", "it is for nats.url with tls://, and nats.websocket with https://")
	}
	c.nodeTLS("nats.tls", n.TLS, x509.ExtKeyUsageClientAuth)
}

// nodeTLS checks that the files are there, belong together, are good today, and that
// the certificate is for what it is used for.
func (c *checker) nodeTLS(key string, t NodeTLS, uses ...x509.ExtKeyUsage) {
	var authorities *x509.CertPool
	if t.CA != "" {
		var err error
		if authorities, err = loadAuthorities(t.CA); err != nil {
			c.add(key+".ca", "%w", err)
		}
	}
	switch {
	case t.Cert == "" && t.Key == "":
		return
	case t.Cert == "":
		c.add(key+".cert", "the certificate of %s.key is not named", key)
		return
	case t.Key == "":
		c.add(key+".key", "the key of %s.cert is not named", key)
		return
	}
	leaf := c.pair(key, t.Cert, t.Key)
	// Only in a cluster of our own the authorities sign both ends.
	if leaf == nil || authorities == nil || len(uses) < 2 {
		return
	}
	between := intermediates(t)
	for _, use := range uses {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: authorities, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{use}})
		invalid := x509.CertificateInvalidError{}
		switch {
		case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
			c.add(key+".cert", "the certificate has to be for both ends of a connection (extended key usage serverAuth and clientAuth)")
			return
		case err != nil:
			c.add(key+".cert", "the authorities of %s.ca do not vouch for the certificate: %w", key, err)
			return
		}
	}
}

// named checks that a certificate is for the host that the others know this node by.
func (c *checker) named(key string, t NodeTLS, host string) {
	leaf, err := loadLeaf("", t.Cert, t.Key)
	if err == nil && leaf.VerifyHostname(host) != nil {
		c.add(key, "the certificate is not for %s, by which nats.cluster.routes name this node", host)
	}
}

// intermediates are the certificates that come after the first in its file.
func intermediates(t NodeTLS) *x509.CertPool {
	pool := x509.NewCertPool()
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return pool
	}
	for _, der := range pair.Certificate[1:] {
		if cert, err := x509.ParseCertificate(der); err == nil {
			pool.AddCert(cert)
		}
	}
	return pool
}

// Warnings says by key what may be meant so, and should be looked at.
func (cfg Config) Warnings() []error {
	var c checker
	c.cluster(cfg)
	return c.warnings
}

func (c *checker) warn(key, format string, values ...any) {
	c.warnings = append(c.warnings, keyError(key, format, values...))
}

// readable opens a file for a look.
func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"

	"parley/session/wire"
)

// Check says by key what is wrong with a configuration. It starts nothing and
// takes no port, so that it can be asked beside the server that runs.
func (cfg Config) Check() error {
	var c checker
	c.listen(cfg)
	c.data(cfg.Data)
	c.ports(cfg)
	c.limits(cfg.Limits)
	c.tls(cfg.TLS)
	c.turn(cfg)
	c.metrics(cfg)
	c.cluster(cfg)
	c.retention(cfg.Retention)
	if cfg.PublicIP != "" {
		if ip, err := netip.ParseAddr(cfg.PublicIP); err != nil || ip.IsUnspecified() {
			c.add("public_ip", "%q is no IP address", cfg.PublicIP)
		}
	}
	if u, err := url.Parse(cfg.GetParley); cfg.GetParley != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		c.add("get_parley", "%q is no address of a page", cfg.GetParley)
	}
	if cfg.Drain < 0 {
		c.add("drain", "%v is below zero", cfg.Drain)
	}
	if _, err := parsePrefixes(cfg.TrustedProxies); err != nil {
		c.add("trusted_proxies", "%w", err)
	}
	return errors.Join(c.problems...)
}

type checker struct{ problems, warnings []error }

func (c *checker) add(key, format string, values ...any) {
	c.problems = append(c.problems, keyError(key, format, values...))
}

func (c *checker) listen(cfg Config) {
	address := cfg.Listen
	if address == "" {
		address = DefaultListen
	}
	if cfg.Open && !loopback(address) {
		c.add("open", "listen on %s: %w", address, ErrOpen)
		return
	}
	c.address("listen", address)
}

// address checks an address to listen on: its port, and that its host is one
// of this machine.
func (c *checker) address(key, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		c.add(key, "%q is not HOST:PORT", address)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		c.add(key, "%q is no port", port)
		return
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		c.add(key, "%q is no address of this machine: %w", host, err)
		return
	}
	_ = l.Close()
}

func (c *checker) data(folder string) {
	if folder == "" {
		c.add("data", "no folder is named")
		return
	}
	switch info, err := os.Stat(folder); {
	case errors.Is(err, fs.ErrNotExist): // made at the first start
	case err != nil:
		c.add("data", "%w", err)
	case !info.IsDir():
		c.add("data", "%s is not a folder", folder)
	}
}

func (c *checker) ports(cfg Config) {
	for _, p := range []struct {
		key  string
		port int
	}{{"udp_port", cfg.UDPPort}, {"tcp_port", cfg.TCPPort}, {"turn.public_port", cfg.TURN.PublicPort}} {
		if p.port < 0 || p.port > 65535 {
			c.add(p.key, "%d is no port", p.port)
		}
	}
	// UDP has ports of its own; every other port is TCP's.
	taken := make(map[int]string)
	for _, p := range []struct {
		key  string
		port int
	}{
		{"listen", portOf(cfg.Listen)}, {"tcp_port", cfg.TCPPort},
		{"metrics", portOf(cfg.Metrics)}, {"nats.cluster.listen", portOf(cfg.NATS.Cluster.Listen)}, {"tls.acme.http", portOf(cfg.TLS.ACME.HTTP)},
	} {
		if p.port <= 0 {
			continue
		}
		if other := taken[p.port]; other != "" {
			c.add(p.key, "port %d is also that of %s", p.port, other)
		}
		taken[p.port] = p.key
	}
}

func portOf(address string) int {
	_, port, _ := net.SplitHostPort(address)
	n, _ := strconv.Atoi(port)
	return n
}

func (c *checker) limits(l Limits) {
	for _, v := range []struct {
		key   string
		value int64
	}{
		{"messages_per_minute", int64(l.MessagesPerMinute)}, {"uploads_per_minute", int64(l.UploadsPerMinute)}, {"upload_bytes", l.UploadBytes},
		{"connections", int64(l.Connections)}, {"connections_per_address", int64(l.ConnectionsPerAddress)},
		{"waiting_connections", int64(l.Waiting)}, {"waiting_connections_per_address", int64(l.WaitingPerAddress)},
		{"joins_at_once", int64(l.JoinsAtOnce)},
	} {
		if v.value < 0 {
			c.add("limits."+v.key, "%d is below zero", v.value)
		}
	}
}

var domainPattern = regexp.MustCompile(`^(?i)[a-z0-9-]+(\.[a-z0-9-]+)+$`)

func (c *checker) tls(t TLS) {
	if t.files() && t.acme() {
		c.add("tls", "name either cert and key, or acme, not both")
	}
	switch {
	case t.Cert == "" && t.Key != "":
		c.add("tls.cert", "the certificate of tls.key is not named")
	case t.Cert != "" && t.Key == "":
		c.add("tls.key", "the key of tls.cert is not named")
	case t.files():
		c.pair("tls", t.Cert, t.Key)
	}
	a := t.ACME
	for _, domain := range a.Domains {
		if !domainPattern.MatchString(domain) || net.ParseIP(domain) != nil {
			c.add("tls.acme.domains", "%q is no domain that a certificate can be had for", domain)
		}
	}
	if !t.acme() && (a.Email != "" || a.Directory != "" || a.HTTP != "") {
		c.add("tls.acme.domains", "no domain is named")
	}
	if _, err := mail.ParseAddress(a.Email); a.Email != "" && err != nil {
		c.add("tls.acme.email", "%q is no address", a.Email)
	}
	if u, err := url.Parse(a.Directory); a.Directory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.add("tls.acme.directory", "%q is not an https address", a.Directory)
	}
	if a.HTTP != "" {
		c.address("tls.acme.http", a.HTTP)
	}
}

// pair checks that certificate and key are there, fit, and are good today. It gives
// the certificate, or nil where something is wrong.
func (c *checker) pair(name, cert, key string) *x509.Certificate {
	missing := false
	for _, file := range []struct{ key, path string }{{name + ".cert", cert}, {name + ".key", key}} {
		if err := readable(file.path); err != nil {
			c.add(file.key, "%w", err)
			missing = true
		}
	}
	if missing {
		return nil
	}
	leaf, err := loadLeaf(name, cert, key)
	if err != nil {
		c.add(name+".cert", "%w", err)
		return nil
	}
	switch now := time.Now(); {
	case now.After(leaf.NotAfter):
		c.add(name+".cert", "the certificate has expired on %s", leaf.NotAfter.Format(time.DateOnly))
		return nil
	case now.Before(leaf.NotBefore):
		c.add(name+".cert", "the certificate is not valid before %s", leaf.NotBefore.Format(time.DateOnly))
		return nil
	}
	return leaf
}

func loadLeaf(name, cert, key string) (*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("the certificate and %s.key do not load: %w", name, err)
	}
	if pair.Leaf != nil {
		return pair.Leaf, nil
	}
	return x509.ParseCertificate(pair.Certificate[0])
}

func (c *checker) turn(cfg Config) {
	t := cfg.TURN
	switch {
	case t.Domain == "":
	case !domainPattern.MatchString(t.Domain):
		c.add("turn.domain", "%q is no domain", t.Domain)
	case !cfg.TLS.enabled():
		c.add("turn.domain", "TURN needs tls")
	case cfg.TLS.acme():
		if !slices.Contains(cfg.TLS.ACME.Domains, t.Domain) {
			c.add("turn.domain", "%s is not among tls.acme.domains", t.Domain)
		}
	default:
		if leaf, err := loadLeaf("tls", cfg.TLS.Cert, cfg.TLS.Key); err == nil && leaf.VerifyHostname(t.Domain) != nil {
			c.add("turn.domain", "the certificate of tls.cert is not for %s", t.Domain)
		}
	}
}

func (c *checker) metrics(cfg Config) {
	if cfg.Metrics != "" && cfg.Metrics != MetricsPublic {
		c.address("metrics", metricsAddress(cfg.Metrics))
	}
}

func (c *checker) retention(r Retention) {
	age := func(key string, value *time.Duration) {
		if value != nil && *value != 0 && *value < duplicateWindow {
			c.add("retention."+key, "%v: it has to be %v or more, or 0 for ever", *value, duplicateWindow)
		}
	}
	bytes := func(key string, value *int64) {
		if value != nil && *value < 0 {
			c.add("retention."+key, "%d is below zero", *value)
		}
	}
	age("age", &r.Age)
	bytes("room_bytes", &r.RoomBytes)
	bytes("app_bytes", &r.AppBytes)
	for id, app := range r.Apps {
		key := "apps." + id
		if err := wire.CheckAppID(id); err != nil {
			c.add("retention."+key, "%w", err)
		}
		age(key+".age", app.Age)
		bytes(key+".room_bytes", app.RoomBytes)
		bytes(key+".app_bytes", app.AppBytes)
		for room, own := range app.Rooms {
			key := key + ".rooms." + room
			if err := wire.CheckRoomID(room); err != nil {
				c.add("retention."+key, "%w", err)
			}
			age(key+".age", own.Age)
			bytes(key+".bytes", own.Bytes)
		}
	}
}

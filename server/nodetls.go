package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"time"
)

// NodeTLS is the TLS between servers, by files in PEM: the certificate that this
// one shows and its key, and those of the authorities that the others' are signed by.
type NodeTLS struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	CA   string `yaml:"ca"`
}

func (t NodeTLS) enabled() bool { return t.Cert != "" || t.Key != "" || t.CA != "" }

// config reads the files. Who connects needs a certificate by the authorities, and
// so does who is connected to. The pair is read again when its files change. key names
// the settings in errors.
func (t NodeTLS) config(key string, log *slog.Logger) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert}
	if t.CA != "" {
		pool, err := loadAuthorities(t.CA)
		if err != nil {
			return nil, keyError(key+".ca", "%w", err)
		}
		config.RootCAs, config.ClientCAs = pool, pool
	}
	if t.Cert != "" {
		files := &certificateFiles{name: key, cert: t.Cert, key: t.Key, log: log, now: time.Now}
		if err := files.load(); err != nil {
			return nil, err
		}
		config.GetCertificate = files.get
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return files.get(nil) }
	}
	return config, nil
}

var errNoCertificates = errors.New("there is no certificate in it")

func loadAuthorities(path string) (*x509.CertPool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s: %w", path, errNoCertificates)
	}
	return pool, nil
}

// carrierGrade tells an address that providers and overlay networks use among
// themselves: 100.64.0.0/10 (RFC 6598).
func carrierGrade(ip netip.Addr) bool {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10).Contains(ip)
}

// reach is who may be between this server and a host.
type reach int

const (
	reachPrivate reach = iota // this machine, or a network of one's own
	reachPublic               // strangers
	reachUnknown              // a name, which tells nothing
)

func reachOf(host string) reach {
	if host == "localhost" {
		return reachPrivate
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return reachUnknown
	}
	ip = ip.Unmap()
	if ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || carrierGrade(ip) {
		return reachPrivate
	}
	return reachPublic
}

// dialTLS connects by TLS, and checks that the certificate is for the host.
func dialTLS(ctx context.Context, dialer *net.Dialer, network, address string, config *tls.Config) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	own := config.Clone()
	own.ServerName = host
	secured := tls.Client(conn, own)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

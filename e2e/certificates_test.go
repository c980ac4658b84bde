package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// nodeFiles are the certificate of this machine's nodes, for both ends of a
// connection, and the authority that has signed it.
type nodeFiles struct{ cert, key, ca string }

func nodeCertificate(t *testing.T) nodeFiles {
	t.Helper()
	folder := t.TempDir()
	f := nodeFiles{cert: filepath.Join(folder, "node.pem"), key: filepath.Join(folder, "node.key"), ca: filepath.Join(folder, "ca.pem")}
	write := func(path, kind string, der []byte) {
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, rootKey := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Nodes"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	write(f.ca, "CERTIFICATE", root.Raw)
	leaf, key := sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "node"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, root, rootKey)
	write(f.cert, "CERTIFICATE", leaf.Raw)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(f.key, "PRIVATE KEY", private)
	return f
}

// sign makes a certificate for an hour, which without a parent signs itself.
func sign(t *testing.T, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// parley is its form in Parley's configuration, nats in that of a NATS server.
func (f nodeFiles) parley() string {
	return fmt.Sprintf("{cert: %s, key: %s, ca: %s}", f.cert, f.key, f.ca)
}

func (f nodeFiles) nats() string {
	return fmt.Sprintf("{cert_file: %q, key_file: %q, ca_file: %q, verify: true}", f.cert, f.key, f.ca)
}

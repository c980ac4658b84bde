package e2e

import (
	"bytes"
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
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// run runs the program to its end.
func run(t *testing.T, args ...string) (status int, said string) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), output.String()
}

func TestServeChecksItsConfiguration(t *testing.T) {
	data := t.TempDir()
	path := filepath.Join(t.TempDir(), "server.yaml")
	for _, test := range []struct {
		text   string
		status int
		says   []string
	}{
		{"listen: 127.0.0.1:7880\n", 0, []string{"The configuration is right."}},
		{"listne: 127.0.0.1:7880\n", 1, []string{"listne: line 1: there is no such key"}},
		{"tls: {cert: /nothing.pem, key: /nothing.key}\ndrain: -1s\n", 1, []string{"tls.cert: open /nothing.pem", "tls.key: open /nothing.key", "drain: "}},
	} {
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		status, said := run(t, "serve", "--config", path, "--data", data, "--check")
		if status != test.status {
			t.Errorf("%q: status %d", test.text, status)
		}
		for _, words := range test.says {
			if !strings.Contains(said, words) {
				t.Errorf("%q: %s", test.text, said)
			}
		}
	}
	if entries, err := os.ReadDir(data); err != nil || len(entries) > 0 {
		t.Errorf("the check left %v, %v", entries, err)
	}
}

// certificate writes one for a name that signs itself, with its key.
func certificate(t *testing.T, cert, key, name string) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &pair.PublicKey, pair)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(pair)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCallByTLSWhileTheServerDrains has two people join a server with TLS that
// the system trusts, by the address that its links name; then the server is
// told to end, and they go on until they leave.
func TestCallByTLSWhileTheServerDrains(t *testing.T) {
	folder, data := t.TempDir(), t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	certificate(t, file("cert.pem"), file("key.pem"), "localhost")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	settings := fmt.Sprintf("listen: 127.0.0.1:%d\nudp_port: 0\ntcp_port: 0\ndrain: 1m\ntls: {cert: %s, key: %s}\n", port, file("cert.pem"), file("key.pem"))
	if err := os.WriteFile(file("server.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	server := start(t, "server", nil, binary, "serve", "--config", file("server.yaml"), "--data", data)
	address := fmt.Sprintf("https://localhost:%d", port)
	server.wait("text", func(line map[string]any) bool {
		text, _ := line["text"].(string)
		return strings.Contains(text, "--server "+address)
	})
	status, said := run(t, "token", "--data", data, "--room", "hello", "--ttl", "1h", "--server", address)
	if status != 0 || !strings.Contains(said, "invite: "+address+"/join#") {
		t.Fatalf("status %d: %s", status, said)
	}
	_, rest, _ := strings.Cut(said, "token:  ")
	token, _, _ := strings.Cut(rest, "\n")
	trust := []string{"SSL_CERT_FILE=" + file("cert.pem"), "PARLEY_TOKEN=" + token}
	join := func(name string) *process {
		return start(t, name, trust, binary, "peer", "--server", address, "--room", "hello", "--name", name, "--data", t.TempDir())
	}
	ann, bob := join("ann"), join("bob")
	for _, p := range []*process{ann, bob} {
		p.wait("first_video", always)
		p.wait("first_audio", always)
	}
	ann.say("/text by TLS")
	bob.wait("message", func(line map[string]any) bool { return at(line, "envelope", "text") == "by TLS" })

	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	late := join("cleo")
	late.wait("room_state", func(line map[string]any) bool {
		text, _ := line["error"].(string)
		return strings.Contains(text, "the server is being restarted; try again in a minute")
	})
	ann.say("/text still here")
	bob.wait("message", func(line map[string]any) bool { return at(line, "envelope", "text") == "still here" })
	if code := ann.stop(); code != 0 {
		t.Errorf("ann ends with status %d", code)
	}
	select {
	case <-server.ended:
		t.Error("the server ended before bob had left")
	case <-time.After(time.Second):
	}
	bob.stop()
	select {
	case <-server.ended:
	case <-time.After(10 * time.Second):
		t.Error("the server does not end when all have left")
	}
	if code := server.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the server ends with status %d", code)
	}
}

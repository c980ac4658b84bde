package e2e

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	le "encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pebble is Let's Encrypt's own server for tests like this one.
const pebble = "github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1"

// here is a name server, by TCP as the authority asks, by which every name is
// this machine.
func here(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				for {
					var size [2]byte
					if _, err := io.ReadFull(conn, size[:]); err != nil {
						return
					}
					query := make([]byte, le.BigEndian.Uint16(size[:]))
					if _, err := io.ReadFull(conn, query); err != nil {
						return
					}
					answer := resolve(query)
					_, _ = conn.Write(append(le.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
				}
			}()
		}
	}()
	return l.Addr().String()
}

// resolve answers a question for an address of version 4, and has nothing for
// others.
func resolve(query []byte) []byte {
	if len(query) < 17 {
		return nil
	}
	name := bytes.IndexByte(query[12:], 0)
	if name < 0 || len(query) < 12+name+5 {
		return nil
	}
	question := query[12 : 12+name+5]
	const answers, typeA = 0x8580, 1
	answer := le.BigEndian.AppendUint16(query[:2:2], answers)
	if le.BigEndian.Uint16(question[name+1:]) != typeA {
		return append(append(answer, 0, 1, 0, 0, 0, 0, 0, 0), question...)
	}
	answer = append(append(answer, 0, 1, 0, 1, 0, 0, 0, 0), question...)
	return append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1)
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports
}

// TestCertificateFromAnAuthority has a server get its certificate by ACME, once
// by TLS and once by HTTP, and keep it.
func TestCertificateFromAnAuthority(t *testing.T) {
	tools := t.TempDir()
	install := exec.Command("go", "install", pebble)
	install.Env = append(os.Environ(), "GOFLAGS=", "GOBIN="+tools)
	if output, err := install.CombinedOutput(); err != nil {
		t.Skipf("the authority can't be had: %v\n%s", err, output)
	}
	for _, way := range []string{"TLS", "HTTP"} {
		t.Run(way, func(t *testing.T) {
			folder, data := t.TempDir(), t.TempDir()
			file := func(name string) string { return filepath.Join(folder, name) }
			certificate(t, file("ca.pem"), file("ca.key"), "localhost")
			ports := freePorts(t, 5)
			public, challenge, authority, management, none := ports[0], ports[1], ports[2], ports[3], ports[4]
			settings := fmt.Sprintf("listen: 127.0.0.1:%d\nudp_port: 0\ntcp_port: 0\ntls: {acme: {domains: [parley.test], email: a@parley.test, directory: 'https://localhost:%d/dir'}}\n", public, authority)
			asks := map[string]int{"tlsPort": public, "httpPort": none}
			if way == "HTTP" {
				settings = strings.Replace(settings, "email:", fmt.Sprintf("http: '127.0.0.1:%d', email:", challenge), 1)
				asks = map[string]int{"tlsPort": none, "httpPort": challenge}
			}
			config, err := json.Marshal(map[string]any{"pebble": map[string]any{
				"listenAddress": fmt.Sprintf("127.0.0.1:%d", authority), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", management),
				"certificate": file("ca.pem"), "privateKey": file("ca.key"), "tlsPort": asks["tlsPort"], "httpPort": asks["httpPort"],
				"profiles": map[string]any{"default": map[string]any{"description": "-", "validityPeriod": 7776000}},
			}})
			if err != nil {
				t.Fatal(err)
			}
			for name, content := range map[string][]byte{"server.yaml": []byte(settings), "pebble.json": config} {
				if err := os.WriteFile(file(name), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			start(t, "authority", []string{"PEBBLE_VA_NOSLEEP=1"}, filepath.Join(tools, "pebble"), "-config", file("pebble.json"), "-dnsserver", here(t))
			for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
				conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", authority))
				if err == nil {
					_ = conn.Close()
					break
				}
				if time.Now().After(end) {
					t.Fatal(err)
				}
			}
			trusted := x509.NewCertPool()
			if pem, err := os.ReadFile(file("ca.pem")); err != nil || !trusted.AppendCertsFromPEM(pem) {
				t.Fatal(err)
			}
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}
			answer, err := client.Get(fmt.Sprintf("https://localhost:%d/roots/0", management))
			if err != nil {
				t.Fatal(err)
			}
			root, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			roots := x509.NewCertPool()
			if err != nil || !roots.AppendCertsFromPEM(root) {
				t.Fatalf("%v: %s", err, root)
			}

			env := []string{"SSL_CERT_FILE=" + file("ca.pem")}
			look := func() string {
				conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", public), &tls.Config{ServerName: "parley.test", RootCAs: roots})
				if err != nil {
					return ""
				}
				defer conn.Close()
				return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
			}
			var serials []string
			for range 2 {
				server := start(t, "server", env, binary, "serve", "--config", file("server.yaml"), "--data", data)
				serial := ""
				for end := time.Now().Add(30 * time.Second); serial == "" && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
					serial = look()
				}
				if serial == "" {
					t.Fatal("no certificate")
				}
				serials = append(serials, serial)
				if code := server.stop(); code != 0 {
					t.Errorf("status %d", code)
				}
			}
			if serials[0] != serials[1] {
				t.Error("the certificate was not kept")
			}
		})
	}
}

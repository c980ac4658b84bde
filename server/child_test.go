package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/session/wire"
)

// childEnv has the test program be a server, by a configuration file: one
// process runs one server, and signals are for a process.
const childEnv = "PARLEY_TEST_SERVE"

func runChild(path string) int {
	file, err := LoadFile(path)
	if err == nil {
		cfg := Config{Data: file.Data, Keys: file.Keys, Logger: Log{Level: slog.LevelDebug}.Logger(os.Stderr)}
		file.Apply(&cfg, func(string) bool { return false })
		terminate := make(chan os.Signal, 2)
		signal.Notify(terminate, syscall.SIGTERM)
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		err = Run(ctx, cfg, RunOptions{Machine: true, Output: os.Stdout, Terminate: terminate})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// journal is what a server logs, read while it goes on.
type journal struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (j *journal) Write(data []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.data.Write(data)
}

func (j *journal) log() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.data.String()
}

// child is a server with a process of its own.
type child struct {
	journal

	t     *testing.T
	data  string
	ready Ready
	cmd   *exec.Cmd
	ended chan struct{}
}

// startChild runs a server with free ports, unless the settings, which are
// YAML, say otherwise.
func startChild(t *testing.T, settings string) *child {
	t.Helper()
	c := &child{t: t, data: t.TempDir(), ended: make(chan struct{})}
	path := filepath.Join(t.TempDir(), "server.yaml")
	text := fmt.Sprintf("listen: 127.0.0.1:0\nudp_port: 0\ntcp_port: 0\ndata: %s\n%s", c.data, settings)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c.cmd = exec.Command(os.Args[0])
	c.cmd.Env = append(os.Environ(), childEnv+"="+path)
	c.cmd.Stderr = c
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan []byte, 1)
	go func() {
		defer close(c.ended)
		reader := bufio.NewReader(stdout)
		line, _ := reader.ReadBytes('\n')
		lines <- line
		_, _ = io.Copy(io.Discard, reader)
		_ = c.cmd.Wait()
	}()
	t.Cleanup(func() {
		if c.cmd.Process.Signal(os.Interrupt) != nil {
			_ = c.cmd.Process.Kill() // Windows knows nothing else
		}
		c.wait(10 * time.Second)
		if t.Failed() {
			log := c.log()
			t.Logf("the server said:\n%s", log[max(0, len(log)-8<<10):])
		}
	})
	if line := <-lines; json.Unmarshal(line, &c.ready) != nil {
		<-c.ended
		t.Fatalf("the server did not start: %s", c.log())
	}
	return c
}

// wait waits for the end, and kills what does not end.
func (c *child) wait(within time.Duration) {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(within):
		c.t.Errorf("the server does not end")
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}

// url of a path on the public port.
func (c *child) url(path string) string {
	server, err := wire.ServerURL(c.ready.Address)
	if err != nil {
		c.t.Fatal(err)
	}
	return server.String() + path
}

// addr is where the public port is.
func (c *child) addr() string {
	server, err := wire.ServerURL(c.ready.Address)
	if err != nil {
		c.t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", server.Port())
}

func (c *child) secret() string {
	apps, err := LoadApps(c.data)
	if err != nil {
		c.t.Fatal(err)
	}
	secret, err := apps.Secret(wire.LocalAppID)
	if err != nil {
		c.t.Fatal(err)
	}
	return secret
}

// token lets a user into a room.
func (c *child) token(room, user string) string {
	token, err := SignToken(wire.TokenClaims{AppID: wire.LocalAppID, RoomID: room, UserID: user,
		Privileges: []wire.Privilege{wire.PrivilegeLogin, wire.PrivilegePublish}, Expires: time.Now().Add(time.Hour).Unix()}, c.secret())
	if err != nil {
		c.t.Fatal(err)
	}
	return token
}

// answer is what a request brought.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) code() wire.Code {
	var e wire.ErrorResponse
	_ = json.Unmarshal(a.body, &e)
	return e.Code
}

func fetch(client *http.Client, method, url string, header http.Header, body io.Reader) (answer, error) {
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		return answer{}, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	a, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer a.Body.Close()
	data, err := io.ReadAll(a.Body)
	return answer{a.StatusCode, a.Header, data}, err
}

func (c *child) get(path string) answer {
	c.t.Helper()
	a, err := fetch(http.DefaultClient, http.MethodGet, c.url(path), nil, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// join lets a user in who has what it needs.
func (c *child) join(room, user string) (*wire.JoinResponse, answer) {
	c.t.Helper()
	r, _ := request(c.t, room, user)
	r.Credential.Token = c.token(room, user)
	body, _ := json.Marshal(r)
	a, err := fetch(http.DefaultClient, http.MethodPost, c.url(wire.PathJoin), nil, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if a.status != http.StatusOK {
		return nil, a
	}
	response := new(wire.JoinResponse)
	if err := json.Unmarshal(a.body, response); err != nil {
		c.t.Fatal(err)
	}
	return response, a
}

// from is a client that comes from an address of its own on this machine.
func from(address string) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: 5 * time.Second}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
}

// authority signs certificates that this process, and those that it starts,
// trust as they trust the system's.
var authority *testAuthority // set once, by TestMain

type testAuthority struct {
	folder string
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
}

func newAuthority() (*testAuthority, error) {
	folder, err := os.MkdirTemp("", "parley-ca-*")
	if err != nil {
		return nil, err
	}
	a, err := authorityIn(folder)
	if err != nil {
		return nil, err
	}
	return a, os.Setenv("SSL_CERT_FILE", a.file())
}

// file has its certificate.
func (a *testAuthority) file() string { return filepath.Join(a.folder, "ca.pem") }

// authorityIn makes an authority that nobody trusts yet.
func authorityIn(folder string) (*testAuthority, error) {
	a := &testAuthority{folder: folder}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Parley tests"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	return a, os.WriteFile(a.file(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
}

// issue writes a certificate and its key to two files.
func (a *testAuthority) issue(t *testing.T, cert, key string, serial int64, until time.Time, names ...string) {
	t.Helper()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system says whom programs trust")
	}
	a.issueFor(t, cert, key, serial, until, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, names...)
}

// issueFor writes one for other uses. Names may be addresses.
func (a *testAuthority) issueFor(t *testing.T, cert, key string, serial int64, until time.Time, uses []x509.ExtKeyUsage, names ...string) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: names[0]},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: uses,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &pair.PublicKey, a.key)
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

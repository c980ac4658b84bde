package server

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"parley/session/wire"
)

// serial of the certificate that a server shows.
func (c *child) serial() int64 {
	c.t.Helper()
	conn, err := tls.Dial("tcp", c.addr(), &tls.Config{ServerName: "localhost"})
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestEverythingGoesByTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	authority.issue(t, cert, key, 7, time.Now().Add(time.Hour), "localhost")
	c := startChild(t, fmt.Sprintf("tls: {cert: %s, key: %s}\n", cert, key))
	if !strings.HasPrefix(c.ready.Address, "https://localhost:") {
		t.Errorf("the address is %s", c.ready.Address)
	}
	r, pair := request(t, "r", "ann")
	in, a := c.joinWith(r, c.token("r", "ann"))
	if in == nil {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if !strings.HasPrefix(in.Media.URL, "wss://localhost:") || !strings.HasPrefix(in.Chat.URL, "wss://localhost:") || !strings.HasPrefix(in.Files.URL, "https://localhost:") {
		t.Errorf("%s, %s, %s", in.Media.URL, in.Chat.URL, in.Files.URL)
	}
	lksdk.SetLogger(logger.GetDiscardLogger())
	room := lksdk.NewRoom(&lksdk.RoomCallback{})
	if err := room.JoinWithToken(in.Media.URL, in.Media.Token, lksdk.WithLogger(logger.GetDiscardLogger())); err != nil {
		t.Errorf("media: %v", err)
	} else {
		room.Disconnect()
	}
	conn, err := nats.Connect(in.Chat.URL, nats.ProxyPath(in.Chat.Path), nats.CustomInboxPrefix(in.Chat.InboxPrefix),
		nats.UserJWT(func() (string, error) { return in.Chat.JWT, nil }, pair.Sign))
	if err != nil {
		t.Errorf("chat: %v", err)
	} else {
		if err := conn.FlushTimeout(5 * time.Second); err != nil {
			t.Errorf("chat: %v", err)
		}
		conn.Close()
	}
	name := strings.Repeat("0", 64)
	a, err = fetch(http.DefaultClient, http.MethodGet, in.Files.URL+wire.BlobPath("r", name), http.Header{"Authorization": {"Bearer " + in.Files.Token}}, nil)
	if err != nil || a.status != http.StatusNotFound || a.code() != wire.CodeNotFound {
		t.Errorf("attachments: status %d, %v", a.status, err)
	}
	if a, err := fetch(http.DefaultClient, http.MethodGet, "http://"+c.addr()+wire.PathHealth, nil, nil); err != nil || a.status != http.StatusBadRequest {
		t.Errorf("without TLS: status %d, %v", a.status, err)
	}

	// Files that change are read again, but for those that can't be.
	if n := c.serial(); n != 7 {
		t.Errorf("certificate %d", n)
	}
	authority.issue(t, cert, key, 8, time.Now().Add(time.Hour), "localhost")
	time.Sleep(certificatesEvery + 100*time.Millisecond)
	if n := c.serial(); n != 8 {
		t.Errorf("certificate %d", n)
	}
	if err := os.WriteFile(key, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(certificatesEvery + 100*time.Millisecond)
	if n := c.serial(); n != 8 {
		t.Errorf("certificate %d", n)
	}
	for end := time.Now().Add(5 * time.Second); !strings.Contains(c.log(), "the new certificate can't be used"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing is said of the certificate that can't be used")
		}
	}
	authority.issue(t, cert, key, 9, time.Now().Add(time.Hour), "localhost")
	time.Sleep(certificatesEvery + 100*time.Millisecond)
	if n := c.serial(); n != 9 {
		t.Errorf("certificate %d", n)
	}
}

// TestSlowHandshakes has connections that do not shake hands, or say nothing
// after it: they keep nobody waiting, end in time, and leave nothing behind.
func TestSlowHandshakes(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent(), goleak.IgnoreAnyFunction("github.com/gammazero/workerpool.worker"))
	folder := t.TempDir()
	files := TLS{Cert: filepath.Join(folder, "cert"), Key: filepath.Join(folder, "key")}
	authority.issue(t, files.Cert, files.Key, 1, time.Now().Add(time.Hour), "localhost")
	certs, err := newCertificates(t.Context(), files, folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	turned := make(chan string, 1)
	l := newTLSListener(inner, certs.config, func(c *firstByteConn) {
		data := make([]byte, 4)
		_, _ = io.ReadFull(c, data)
		turned <- string(data)
		_ = c.Close()
	})
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	shake := func(first string) *tls.Conn {
		conn := tls.Client(dial(), &tls.Config{ServerName: "localhost", NextProtos: []string{"h2", "http/1.1"}})
		if err := conn.Handshake(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, first)
		return conn
	}
	silent := []net.Conn{dial(), dial(), shake("")}
	defer func() {
		for _, conn := range silent {
			_ = conn.Close()
		}
	}()
	began := time.Now()
	speaks := shake("GET ")
	defer speaks.Close()
	if p := speaks.ConnectionState().NegotiatedProtocol; p != "http/1.1" {
		t.Errorf("negotiated %q", p)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 4)
	if _, err := io.ReadFull(conn, data); err != nil || string(data) != "GET " {
		t.Errorf("%q, %v", data, err)
	}
	_ = conn.Close()
	stun := shake("\x00\x01\x00\x00")
	if got := <-turned; got != "\x00\x01\x00\x00" {
		t.Errorf("%q", got)
	}
	_ = stun.Close()
	if took := time.Since(began); took > time.Second {
		t.Errorf("others waited %v", took)
	}
	for _, conn := range silent[:1] {
		ends(t, conn, headWithin+2*time.Second)
	}
	if took := time.Since(began); took < headWithin-time.Second {
		t.Errorf("cut off after %v", took)
	}
	silent = append(silent, dial())
	_ = l.Close()
	l.wait()
	if _, err := l.Accept(); err == nil {
		t.Error("accepts after the end")
	}
}

package server

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"github.com/pion/turn/v5"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"parley/session/wire"
)

// allocate has a TURN server at an address relay.
func allocate(t *testing.T, address, username, password string) (net.PacketConn, func(), error) {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: "parley.test"})
	if err != nil {
		t.Fatal(err)
	}
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: address, TURNServerAddr: address, Conn: turn.NewSTUNConn(conn), Username: username, Password: password, Realm: "parley",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Listen(); err != nil {
		t.Fatal(err)
	}
	relay, err := client.Allocate()
	return relay, func() { client.Close(); _ = conn.Close() }, err
}

// TestTURNRelaysToTheMediaPort has people know the media port by an address that
// leads nowhere from here, as behind a router. That port is reached and answers, and
// no other port of the same address.
func TestTURNRelaysToTheMediaPort(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent(), goleak.IgnoreAnyFunction("github.com/gammazero/workerpool.worker"))
	folder := t.TempDir()
	files := TLS{Cert: filepath.Join(folder, "cert"), Key: filepath.Join(folder, "key")}
	authority.issue(t, files.Cert, files.Key, 1, time.Now().Add(time.Hour), "parley.test")
	certs, err := newCertificates(t.Context(), files, folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp := func() (*net.UDPConn, netip.AddrPort) {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		return conn, netip.MustParseAddrPort(conn.LocalAddr().String())
	}
	media, local := udp()
	defer media.Close()
	other, unknown := udp()
	defer other.Close()
	known := netip.MustParseAddr("203.0.113.7")
	public := net.UDPAddrFromAddrPort(netip.AddrPortFrom(known, local.Port()))

	relaying := newTURN()
	if err := relaying.start(public.AddrPort(), local); err != nil {
		t.Fatal(err)
	}
	l := newTLSListener(inner, certs.config, relaying.serve)
	defer func() {
		_ = l.Close()
		relaying.close()
		l.wait()
	}()
	login := func(until time.Time) (username, password string) {
		username = fmt.Sprint(until.Unix(), ":ann")
		mac := hmac.New(sha1.New, []byte(relaying.secret))
		_, _ = mac.Write([]byte(username))
		return username, base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	username, password := login(time.Now().Add(-time.Minute))
	if _, end, err := allocate(t, inner.Addr().String(), username, password); err == nil {
		t.Error("a password of before is taken")
	} else {
		end()
	}
	username, password = login(time.Now().Add(time.Minute))
	relay, end, err := allocate(t, inner.Addr().String(), username, password)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	defer relay.Close()
	if at, ok := relay.LocalAddr().(*net.UDPAddr); !ok || !at.IP.Equal(public.IP) {
		t.Errorf("relayed at %v", relay.LocalAddr())
	}
	if _, err := relay.WriteTo([]byte("nobody"), net.UDPAddrFromAddrPort(netip.AddrPortFrom(known, unknown.Port()))); err != nil {
		t.Fatal(err)
	}
	if _, err := relay.WriteTo([]byte("there"), public); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 1500)
	read := func(at net.PacketConn, want string) net.Addr {
		t.Helper()
		_ = at.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, from, err := at.ReadFrom(data)
		if err != nil || string(data[:n]) != want {
			t.Fatalf("%q from %v, %v", data[:n], from, err)
		}
		return from
	}
	back := read(media, "there")
	// What comes from elsewhere is dropped.
	if _, err := other.WriteTo([]byte("stranger"), back); err != nil {
		t.Fatal(err)
	}
	if _, err := media.WriteTo([]byte("and back"), back); err != nil {
		t.Fatal(err)
	}
	if from := read(relay, "and back"); from.String() != public.String() {
		t.Errorf("answered by %v", from)
	}
	_ = other.SetReadDeadline(time.Now())
	if n, _, err := other.ReadFrom(data); err == nil {
		t.Errorf("another port gets %q", data[:n])
	}
}

// iceServers are those that the media engine tells who enters.
func iceServers(t *testing.T, in *wire.JoinResponse) []*livekit.ICEServer {
	t.Helper()
	query := url.Values{"access_token": {in.Media.Token}, "protocol": {"15"}, "sdk": {"go"}, "auto_subscribe": {"1"}}
	socket, answer, err := websocket.DefaultDialer.Dial(in.Media.URL+wire.PathRTC+"?"+query.Encode(), http.Header{})
	if err != nil {
		t.Fatalf("%v, %v", err, answer)
	}
	defer socket.Close()
	_ = socket.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		_, data, err := socket.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		var response livekit.SignalResponse
		if err := proto.Unmarshal(data, &response); err != nil {
			t.Fatal(err)
		}
		if join := response.GetJoin(); join != nil {
			return join.IceServers
		}
	}
}

func TestTURNByThePublicPort(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert"), filepath.Join(folder, "key")
	authority.issue(t, cert, key, 1, time.Now().Add(time.Hour), "localhost", "parley.test")
	c := startChild(t, fmt.Sprintf("tls: {cert: %s, key: %s}\nturn: {domain: parley.test}\n", cert, key))
	in, a := c.join("r", "ann")
	if in == nil {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	var server *livekit.ICEServer
	for _, s := range iceServers(t, in) {
		if len(s.Urls) == 1 && s.Urls[0] == "turns:parley.test:443?transport=tcp" {
			server = s
		}
	}
	if server == nil {
		t.Fatalf("no TURN in %v", iceServers(t, in))
	}
	relayBy := func(password string) (net.PacketConn, func(), error) {
		return allocate(t, c.addr(), server.Username, password)
	}
	if _, end, err := relayBy("wrong"); err == nil {
		t.Error("a wrong password is taken")
	} else {
		end()
	}
	relay, end, err := relayBy(server.Credential)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	defer relay.Close()
	if _, err := relay.WriteTo([]byte("x"), relay.LocalAddr()); err != nil {
		t.Errorf("the address of the media port is not reached: %v", err)
	}
	// Nobody else can be reached: no other address, no service of this machine.
	for _, other := range []string{"127.0.0.1", "8.8.8.8", "10.255.0.1", "169.254.169.254"} {
		_, err := relay.WriteTo([]byte("x"), &net.UDPAddr{IP: net.ParseIP(other), Port: 53})
		if err == nil || !strings.Contains(err.Error(), "403") && !strings.Contains(strings.ToLower(err.Error()), "forbidden") {
			t.Errorf("%s is reached: %v", other, err)
		}
	}
	// HTTP goes on beside it.
	if a := c.get(wire.PathHealth); a.status != http.StatusOK {
		t.Errorf("status %d", a.status)
	}
	// What only begins as TURN ends.
	conn, err := tls.Dial("tcp", c.addr(), &tls.Config{ServerName: "parley.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "\x00\x01\xff\xffnonsense")
}

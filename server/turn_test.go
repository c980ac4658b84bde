package server

import (
	"crypto/tls"
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
	"google.golang.org/protobuf/proto"

	"parley/session/wire"
)

func TestAllButOne(t *testing.T) {
	for _, text := range []string{"192.0.2.7", "0.0.0.0", "255.255.255.255", "2001:db8::7"} {
		ip := netip.MustParseAddr(text)
		networks := allBut(ip)
		in := func(ip netip.Addr) bool {
			for _, n := range networks {
				if netip.MustParsePrefix(n).Contains(ip) {
					return true
				}
			}
			return false
		}
		if len(networks) != ip.BitLen() || in(ip) {
			t.Errorf("%s: %d networks", text, len(networks))
		}
		others := []string{"192.0.2.6", "192.0.2.8", "10.0.0.1", "127.0.0.1", "8.8.8.8"}
		if ip.Is6() {
			others = []string{"2001:db8::6", "::1", "fe80::1", "ffff::"}
		}
		for _, other := range others {
			if !in(netip.MustParseAddr(other)) {
				t.Errorf("%s leaves out %s", text, other)
			}
		}
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
	allocate := func(password string) (net.PacketConn, func(), error) {
		conn, err := tls.Dial("tcp", c.addr(), &tls.Config{ServerName: "parley.test"})
		if err != nil {
			t.Fatal(err)
		}
		client, err := turn.NewClient(&turn.ClientConfig{
			STUNServerAddr: c.addr(), TURNServerAddr: c.addr(), Conn: turn.NewSTUNConn(conn),
			Username: server.Username, Password: password, Realm: "livekit",
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
	if _, end, err := allocate("wrong"); err == nil {
		t.Error("a wrong password is taken")
	} else {
		end()
	}
	relay, end, err := allocate(server.Credential)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	defer relay.Close()
	address, ok := relay.LocalAddr().(*net.UDPAddr)
	if !ok {
		t.Fatalf("relayed at %v", relay.LocalAddr())
	}
	// The address of the media port is reached through the relay, and answers.
	media, err := net.ListenUDP("udp", &net.UDPAddr{IP: address.IP})
	if err != nil {
		t.Fatal(err)
	}
	defer media.Close()
	if _, err := relay.WriteTo([]byte("there"), media.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 1500)
	for _, step := range []struct {
		at   net.PacketConn
		text string
	}{{media, "there"}, {relay, "and back"}} {
		_ = step.at.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, peer, err := step.at.ReadFrom(data)
		if err != nil || string(data[:n]) != step.text {
			t.Fatalf("%q from %v, %v", data[:n], peer, err)
		}
		if step.text == "there" {
			_, _ = media.WriteTo([]byte("and back"), peer)
		}
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

package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // as the media engine signs
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/protocol/logger"
	"github.com/livekit/protocol/logger/pionlogger"
	"github.com/pion/stun/v3"
	"github.com/pion/turn/v5"
)

const (
	// turnIdle is for how long nothing may come from a client of TURN: its
	// connections are checked every few seconds.
	turnIdle = time.Minute
	// turnBegin is for how long a client may begin to relay by its password.
	turnBegin = 5 * time.Minute
	// turnPort is that of HTTPS, which all networks let out.
	turnPort = 443
)

// turnServer relays between people and the media engine, and to nobody else. The
// engine's own one reads the certificate once, listens at every address, tells clients
// port 443 whatever its own is, and sends to itself by the address that people know,
// which behind a router leads nowhere.
type turnServer struct {
	secret   string
	incoming chan net.Conn
	done     chan struct{}
	end      sync.Once
}

func newTURN() *turnServer {
	return &turnServer{secret: rand.Text(), incoming: make(chan net.Conn), done: make(chan struct{})}
}

// configure has the media engine tell clients of us, with a password for each.
func (t *turnServer) configure(conf *config.Config, as TURN) {
	port := as.PublicPort
	if port == 0 {
		port = turnPort
	}
	conf.TURN.TLSPort = port // or it warns that there is no TURN
	conf.RTC.TURNServers = []config.TURNServer{{Host: as.Domain, Port: port, Protocol: "tls", Secret: t.secret, TTL: int(turnBegin.Seconds())}}
}

// start begins to relay to the media engine's port, which people know by one address,
// and this machine by another or the same.
func (t *turnServer) start(public, local netip.AddrPort) error {
	_, err := turn.NewServer(turn.ServerConfig{
		Realm:         "parley",
		AuthHandler:   t.authorize,
		LoggerFactory: pionlogger.NewLoggerFactory(logger.GetLogger()),
		ListenerConfigs: []turn.ListenerConfig{{
			Listener:              turnListener{t},
			RelayAddressGenerator: relays{public: public, local: local},
			PermissionHandler: func(_ net.Addr, peer net.IP) bool {
				ip, ok := netip.AddrFromSlice(peer)
				return ok && ip.Unmap() == public.Addr()
			},
		}},
	})
	if err != nil {
		return fmt.Errorf("start TURN: %w", err)
	}
	return nil
}

// authorize gives the key of a user's name, which tells until when it is good to begin
// with. What has begun may go on.
func (t *turnServer) authorize(ask *turn.RequestAttributes) (user string, key []byte, ok bool) {
	until, _, _ := strings.Cut(ask.Username, ":")
	seconds, err := strconv.ParseInt(until, 10, 64)
	if err != nil || ask.Method == stun.MethodAllocate && time.Now().Unix() > seconds {
		return "", nil, false
	}
	mac := hmac.New(sha1.New, []byte(t.secret))
	_, _ = mac.Write([]byte(ask.Username))
	password := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return ask.Username, turn.GenerateAuthKey(ask.Username, ask.Realm, password), true
}

// serve returns when the connection ends.
func (t *turnServer) serve(client *firstByteConn) {
	c := &turnConn{firstByteConn: client, closed: make(chan struct{})}
	defer c.Close()
	if counted := edgeConnOf(client.Conn); counted != nil {
		counted.busy()
	}
	select {
	case t.incoming <- c:
	case <-t.done:
		return
	}
	select {
	case <-c.closed:
	case <-t.done:
	}
}

// close ends all connections.
func (t *turnServer) close() {
	t.end.Do(func() { close(t.done) })
}

// turnListener has TURN take the connections of serve.
type turnListener struct{ *turnServer }

func (l turnListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l turnListener) Close() error {
	l.close()
	return nil
}

func (l turnListener) Addr() net.Addr { return &net.TCPAddr{} }

// turnConn is a connection that ends when nothing comes for a while.
type turnConn struct {
	*firstByteConn
	closed chan struct{}
	end    sync.Once
}

func (c *turnConn) Read(data []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(turnIdle)); err != nil {
		return 0, err
	}
	return c.firstByteConn.Read(data)
}

func (c *turnConn) Close() error {
	c.end.Do(func() { close(c.closed) })
	return c.firstByteConn.Close()
}

// relays makes a relay for each client.
type relays struct{ public, local netip.AddrPort }

// errRelay is told to clients that ask for a relay of another kind.
var errRelay = errors.New("only UDP is relayed, by the address family of the media port")

// Validate implements turn.RelayAddressGenerator, as the following do.
func (r relays) Validate() error { return nil }

// AllocatePacketConn has the relay at the address of the media port, which is
// this machine's: nobody but the media engine has to reach it.
func (r relays) AllocatePacketConn(ask turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	if (ask.Network == "udp4") != r.public.Addr().Is4() {
		return nil, nil, errRelay
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.local.Addr(), 0)))
	if err != nil {
		return nil, nil, err
	}
	at, ok := conn.LocalAddr().(*net.UDPAddr)
	if !ok {
		_ = conn.Close()
		return nil, nil, errRelay
	}
	return relay{conn, r}, &net.UDPAddr{IP: r.public.Addr().AsSlice(), Port: at.Port}, nil
}

func (r relays) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errRelay
}

func (r relays) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errRelay }

// relay sends to the media port and takes from it, under the name that people know.
type relay struct {
	*net.UDPConn
	relays
}

// WriteTo drops what is for another port.
func (r relay) WriteTo(data []byte, to net.Addr) (int, error) {
	udp, ok := to.(*net.UDPAddr)
	if !ok || unmapped(udp.AddrPort()) != r.public {
		return len(data), nil
	}
	return r.WriteToUDPAddrPort(data, r.local)
}

func (r relay) ReadFrom(data []byte) (int, net.Addr, error) {
	for {
		n, from, err := r.ReadFromUDPAddrPort(data)
		if err != nil {
			return n, nil, err
		}
		if unmapped(from) == r.local {
			return n, net.UDPAddrFromAddrPort(r.public), nil
		}
	}
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

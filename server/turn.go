package server

import (
	"io"
	"math/big"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/livekit/livekit-server/pkg/config"
)

// turnIdle is for how long nothing may come from a client of TURN: its
// connections are checked every few seconds.
const turnIdle = time.Minute

// configureTURN has the media engine relay to itself and to nobody else. The
// TLS is the front's, which passes what is no HTTP on: the engine reads the
// certificate once, and tells clients port 443 whatever its own is.
func configureTURN(conf *config.Config, domain string, port int) {
	conf.TURN.Enabled = true
	conf.TURN.Domain = domain
	conf.TURN.TLSPort = port
	conf.TURN.ExternalTLS = true
	conf.TURN.BindAddresses = []string{"0.0.0.0"}
	if conf.RTC.NodeIP.V4 == "" {
		conf.TURN.BindAddresses = []string{"::"}
	}
	for _, text := range conf.RTC.NodeIP.ToStringSlice() {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		conf.TURN.AllowRestrictedPeerCIDRs = append(conf.TURN.AllowRestrictedPeerCIDRs, netip.PrefixFrom(ip, ip.BitLen()).String())
		conf.TURN.DenyPeerCIDRs = append(conf.TURN.DenyPeerCIDRs, allBut(ip)...)
	}
}

// allBut are the networks that cover every address of the family but ip.
func allBut(ip netip.Addr) []string {
	bits := ip.BitLen()
	networks := make([]string, 0, bits)
	number := new(big.Int).SetBytes(ip.AsSlice())
	for length := 1; length <= bits; length++ {
		// The same first bits, but for the last of them.
		sibling := new(big.Int).SetBit(number, bits-length, number.Bit(bits-length)^1)
		other, ok := netip.AddrFromSlice(sibling.FillBytes(make([]byte, bits/8)))
		if ok {
			networks = append(networks, netip.PrefixFrom(other, length).Masked().String())
		}
	}
	return networks
}

// turnRelay passes connections on to the media engine's TURN.
type turnRelay struct {
	target string

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

func newTURNRelay(port int) *turnRelay {
	return &turnRelay{target: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), conns: make(map[net.Conn]bool)}
}

func (t *turnRelay) keep(c net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.conns[c] = true
	}
	return !t.closed
}

func (t *turnRelay) drop(c net.Conn) {
	t.mu.Lock()
	delete(t.conns, c)
	t.mu.Unlock()
	_ = c.Close()
}

func (t *turnRelay) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for c := range t.conns {
		_ = c.Close()
	}
}

// serve returns when the connection ends.
func (t *turnRelay) serve(client *firstByteConn) {
	if !t.keep(client) {
		_ = client.Close()
		return
	}
	defer t.drop(client)
	if c := edgeConnOf(client.Conn); c != nil {
		c.busy()
	}
	engine, err := net.DialTimeout("tcp", t.target, headWithin)
	if err != nil {
		return
	}
	defer t.drop(engine)
	if !t.keep(engine) {
		return
	}
	var copying sync.WaitGroup
	copying.Go(func() {
		_, _ = io.Copy(client, engine)
		_ = client.Close()
	})
	_, _ = io.Copy(engine, lively{client})
	_ = engine.Close()
	_ = client.Close()
	copying.Wait()
}

// lively is a connection that ends when nothing comes for a while.
type lively struct{ net.Conn }

func (l lively) Read(data []byte) (int, error) {
	if err := l.SetReadDeadline(time.Now().Add(turnIdle)); err != nil {
		return 0, err
	}
	return l.Conn.Read(data)
}

package server

import (
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// remoteConn is a connection from anywhere, that nothing comes from.
type remoteConn struct {
	net.Conn
	remote net.Addr
	closed bool
}

func (c *remoteConn) RemoteAddr() net.Addr { return c.remote }
func (c *remoteConn) Close() error         { c.closed = true; return nil }

func newRemote(address string) *remoteConn {
	return &remoteConn{remote: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 1))}
}

func testEdge(t *testing.T, connections, perAddress, waiting, waitingPerAddress int) *edge {
	t.Helper()
	e, err := newEdge(Limits{Connections: connections, ConnectionsPerAddress: perAddress, Waiting: waiting, WaitingPerAddress: waitingPerAddress}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTheOldestThatWaitsGivesWay(t *testing.T) {
	e := testEdge(t, 10, 8, 4, 2)
	first, second, third := newRemote("192.0.2.1"), newRemote("192.0.2.1"), newRemote("192.0.2.1")
	a := e.take(first)
	e.take(second)
	a.busy()
	a.idle() // now the younger of the two
	if e.take(third) == nil || first.closed || !second.closed {
		t.Fatalf("first closed: %v, second: %v", first.closed, second.closed)
	}
	if n := e.count(); n.open != 2 || n.waiting != 2 || n.displaced != 1 || n.refused != 0 {
		t.Errorf("%+v", n)
	}
	// Of all, the one that waits longest.
	for _, address := range []string{"192.0.2.2", "192.0.2.3", "192.0.2.4"} {
		if e.take(newRemote(address)) == nil {
			t.Fatal("no place")
		}
	}
	if !first.closed || third.closed {
		t.Errorf("first closed: %v, third: %v", first.closed, third.closed)
	}
	// An address whose connections are all busy gets no more than its share.
	e = testEdge(t, 10, 2, 10, 10)
	for range 2 {
		e.take(newRemote("192.0.2.1")).busy()
	}
	if e.take(newRemote("192.0.2.1")) != nil {
		t.Error("a third place")
	}
	if e.take(newRemote("192.0.2.2")) == nil {
		t.Error("others are kept out")
	}
	// All places are taken by those who are busy.
	e = testEdge(t, 2, 2, 10, 10)
	e.take(newRemote("192.0.2.1")).busy()
	e.take(newRemote("192.0.2.2")).busy()
	if e.take(newRemote("192.0.2.3")) != nil || e.count().refused != 1 || len(e.addresses) != 2 {
		t.Errorf("%+v, %d addresses", e.count(), len(e.addresses))
	}
}

func TestWhatIsOneAddress(t *testing.T) {
	e := testEdge(t, 9, 9, 9, 9)
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8::1", "2001:db8::ffff:1", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
	} {
		if same := e.addressOf(newRemote(test.a).remote) == e.addressOf(newRemote(test.b).remote); same != test.same {
			t.Errorf("%s and %s: %v", test.a, test.b, same)
		}
	}
	if e.addressOf(newRemote("127.0.0.1").remote).IsValid() || !e.addressOf(newRemote("127.0.0.2").remote).IsValid() {
		t.Error("a proxy on this machine is counted, or another address is not")
	}
	if _, err := newEdge(Limits{}, []string{"nonsense"}); err == nil {
		t.Error("nonsense is a proxy")
	}
}

// TestPlacesAreGivenBack does anything in any order, and counts again.
func TestPlacesAreGivenBack(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	e := testEdge(t, 40, 12, 20, 6)
	var conns []*edgeConn
	for range 20_000 {
		if len(conns) == 0 || random.IntN(3) == 0 {
			address := netip.AddrFrom4([4]byte{192, 0, 2, byte(random.IntN(8))}).String()
			if c := e.take(newRemote(address)); c != nil {
				conns = append(conns, c)
			}
			continue
		}
		c := conns[random.IntN(len(conns))]
		switch random.IntN(5) {
		case 0:
			_ = c.Close()
		case 1, 2:
			c.busy()
		case 3:
			c.idle()
		case 4:
			c.upgrade()
		}
		if n := e.count(); n.open > 40 || n.waiting > 20 || n.waiting > n.open || n.upgraded > n.open || n.upgraded < 0 {
			t.Fatalf("seed %d: %+v", seed, n)
		}
	}
	for _, c := range conns {
		_ = c.Close()
		_ = c.Close()
	}
	if n := e.count(); n.open != 0 || n.waiting != 0 || n.upgraded != 0 || len(e.addresses) != 0 {
		t.Errorf("seed %d: %+v, %d addresses", seed, n, len(e.addresses))
	}
}

func TestOnlyProxiesSpeakForOthers(t *testing.T) {
	e := testEdge(t, 9, 9, 9, 9)
	for _, test := range []struct{ remote, said, is string }{
		{"127.0.0.1:9", "", "127.0.0.1"},
		{"127.0.0.1:9", "192.0.2.7", "192.0.2.7"},
		{"127.0.0.1:9", "10.0.0.1, 192.0.2.7", "192.0.2.7"},
		{"[::1]:9", "2001:db8::1", "2001:db8::1"},
		{"127.0.0.1:9", "nonsense", "127.0.0.1"},
		{"192.0.2.9:9", "192.0.2.7", "192.0.2.9"},
	} {
		r := &http.Request{RemoteAddr: test.remote, Header: http.Header{"X-Forwarded-For": {test.said}}}
		if got := e.clientAddress(r); got != netip.MustParseAddr(test.is) {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

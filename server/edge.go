package server

import (
	"container/list"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// edge bounds the connections of the public port: in all, of one address, and
// those that wait, which have not said what they want or say nothing more. Of
// these the oldest gives way to the next, so that somebody who opens many and
// says nothing keeps nobody else out.
type edge struct {
	limits  Limits
	trusted []netip.Prefix // whose connections are not counted by address

	mu        sync.Mutex
	open      int
	sockets   map[*edgeConn]bool // upgraded to WebSockets
	refused   int
	displaced int
	waiting   list.List // of *edgeConn
	addresses map[netip.Prefix]*addressConns
}

type addressConns struct {
	open    int
	waiting list.List // of *edgeConn
}

func newEdge(limits Limits, proxies []string) (*edge, error) {
	trusted, err := parsePrefixes(proxies)
	if err != nil {
		return nil, keyError("trusted_proxies", "%w", err)
	}
	return &edge{limits: limits, trusted: trusted, sockets: make(map[*edgeConn]bool), addresses: make(map[netip.Prefix]*addressConns)}, nil
}

// parsePrefixes reads addresses and networks; nil means this machine.
func parsePrefixes(texts []string) ([]netip.Prefix, error) {
	if texts == nil {
		texts = []string{"127.0.0.1", "::1"}
	}
	prefixes := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		if ip, err := netip.ParseAddr(text); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", text)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// addressOf is what is counted as one address: of IPv6 the network, of which
// one customer has all. It is invalid for what is not counted.
func (e *edge) addressOf(remote net.Addr) netip.Prefix {
	tcp, ok := remote.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	for _, prefix := range e.trusted {
		if prefix.Contains(ip) {
			return netip.Prefix{}
		}
	}
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// edgeListener counts what it accepts.
type edgeListener struct {
	net.Listener
	edge *edge
}

func (l edgeListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.edge.take(conn); c != nil {
			return c, nil
		}
		_ = conn.Close()
	}
}

// take counts a connection, or gives nil where there is no place for it.
func (e *edge) take(conn net.Conn) *edgeConn {
	c := &edgeConn{Conn: conn, edge: e, address: e.addressOf(conn.RemoteAddr())}
	e.mu.Lock()
	one := e.addresses[c.address]
	if one == nil {
		one = &addressConns{}
		e.addresses[c.address] = one
	}
	c.one = one
	counted := c.address.IsValid()
	// An address that has its share makes room within it.
	var loser *edgeConn
	switch {
	case counted && (one.open >= e.limits.ConnectionsPerAddress || one.waiting.Len() >= e.limits.WaitingPerAddress):
		loser = e.oldest(&one.waiting)
	case e.open >= e.limits.Connections || e.waiting.Len() >= e.limits.Waiting:
		loser = e.oldest(&e.waiting)
	}
	if loser == nil && (e.open >= e.limits.Connections || counted && one.open >= e.limits.ConnectionsPerAddress) {
		e.refused++
		e.forget(c)
		e.mu.Unlock()
		return nil
	}
	e.open++
	one.open++
	e.push(c)
	e.displace(loser)
	e.mu.Unlock()
	loser.cut()
	return c
}

// displace takes the place of a connection, if there is one, which is then cut.
func (e *edge) displace(loser *edgeConn) {
	if loser != nil {
		e.displaced++
		e.release(loser)
	}
}

// cut ends what was displaced; whoever reads from it does the rest.
func (c *edgeConn) cut() {
	if c != nil {
		_ = c.Conn.Close()
	}
}

func (e *edge) oldest(waiting *list.List) *edgeConn {
	if front := waiting.Front(); front != nil {
		if c, ok := front.Value.(*edgeConn); ok {
			return c
		}
	}
	return nil
}

func (e *edge) push(c *edgeConn) {
	if c.released || c.inAll != nil {
		return
	}
	c.inAll, c.inOne = e.waiting.PushBack(c), c.one.waiting.PushBack(c)
}

func (e *edge) pull(c *edgeConn) {
	if c.inAll != nil {
		e.waiting.Remove(c.inAll)
		c.one.waiting.Remove(c.inOne)
		c.inAll, c.inOne = nil, nil
	}
}

func (e *edge) release(c *edgeConn) {
	if c.released {
		return
	}
	e.pull(c)
	c.released = true
	e.open--
	c.one.open--
	delete(e.sockets, c)
	e.forget(c)
}

func (e *edge) forget(c *edgeConn) {
	if c.one.open == 0 {
		delete(e.addresses, c.address)
	}
}

// edgeCount is what the metrics tell.
type edgeCount struct{ open, waiting, upgraded, refused, displaced int }

func (e *edge) count() edgeCount {
	e.mu.Lock()
	defer e.mu.Unlock()
	return edgeCount{e.open, e.waiting.Len(), len(e.sockets), e.refused, e.displaced}
}

// edgeConn is a connection that is counted. What is below the net.Conn is the
// edge's, under its lock.
type edgeConn struct {
	net.Conn
	edge    *edge
	address netip.Prefix
	one     *addressConns

	inAll, inOne *list.Element // while it waits
	released     bool
}

// busy says that the connection has said what it wants.
func (c *edgeConn) busy() {
	c.edge.mu.Lock()
	c.edge.pull(c)
	c.edge.mu.Unlock()
}

// idle says that it waits again.
func (c *edgeConn) idle() {
	e := c.edge
	e.mu.Lock()
	e.push(c)
	var loser *edgeConn
	switch {
	case c.address.IsValid() && c.one.waiting.Len() > e.limits.WaitingPerAddress:
		loser = e.oldest(&c.one.waiting)
	case e.waiting.Len() > e.limits.Waiting:
		loser = e.oldest(&e.waiting)
	}
	e.displace(loser)
	e.mu.Unlock()
	loser.cut()
}

func (c *edgeConn) upgrade() {
	c.edge.mu.Lock()
	c.edge.pull(c)
	if !c.released {
		c.edge.sockets[c] = true
	}
	c.edge.mu.Unlock()
}

// Close closes the connection and gives its place back.
func (c *edgeConn) Close() error {
	c.edge.mu.Lock()
	c.edge.release(c)
	c.edge.mu.Unlock()
	return c.Conn.Close()
}

// edgeConnOf finds what is counted below TLS.
func edgeConnOf(conn net.Conn) *edgeConn {
	for {
		switch c := conn.(type) {
		case *edgeConn:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}

type edgeKey struct{}

// watch has the HTTP server tell of its connections.
func (e *edge) watch(s *http.Server) {
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, edgeKey{}, edgeConnOf(conn))
	}
	s.ConnState = func(conn net.Conn, state http.ConnState) {
		c := edgeConnOf(conn)
		if c == nil {
			return
		}
		switch state {
		case http.StateIdle:
			c.idle()
		case http.StateHijacked:
			c.upgrade()
		}
	}
}

// fromProxy reports whether a request comes from a proxy that may speak for
// others.
func (e *edge) fromProxy(r *http.Request) bool {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, prefix := range e.trusted {
		if prefix.Contains(remote.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// clientAddress is whom a request is from: the last address that no proxy of
// ours put before it.
func (e *edge) clientAddress(r *http.Request) netip.Addr {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := remote.Addr().Unmap()
	if !e.fromProxy(r) {
		return address
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if last, err := netip.ParseAddr(strings.TrimSpace(said[len(said)-1])); err == nil {
		return last.Unmap()
	}
	return address
}

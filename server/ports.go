package server

import (
	"fmt"
	"net"
	"strconv"
)

// loopback reports whether a listen address can be reached from this machine
// only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// PortError says which port is taken, what it is for, and what to do.
type PortError struct {
	Port    int
	Network string // "tcp" or "udp"
	Use     string
	Option  string // the flag that chooses another
	Err     error
}

func (e *PortError) Error() string {
	return fmt.Sprintf("%s port %d, needed for %s, is taken by another program: end that program, or choose another port with %s (0 picks a free one)",
		e.Network, e.Port, e.Use, e.Option)
}

// Unwrap makes the error ErrPortTaken.
func (e *PortError) Unwrap() []error { return []error{ErrPortTaken, e.Err} }

func listenTCP(address, use, option string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	if addressInUse(err) {
		_, port, _ := net.SplitHostPort(address)
		n, _ := strconv.Atoi(port)
		return nil, &PortError{Port: n, Network: "tcp", Use: use, Option: option, Err: err}
	}
	return nil, fmt.Errorf("listen on %s: %w", address, err)
}

// freeTCP and freeUDP find a port for an engine that opens it itself: the one
// asked for when it is free, or any for 0.
func freeTCP(host string, port int, use, option string) (int, error) {
	l, err := listenTCP(net.JoinHostPort(host, strconv.Itoa(port)), use, option)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("listen on port %d: not a TCP address", port)
	}
	return addr.Port, nil
}

func freeUDP(port int, use, option string) (int, error) {
	c, err := net.ListenPacket("udp", net.JoinHostPort("", strconv.Itoa(port)))
	if err != nil {
		if addressInUse(err) {
			return 0, &PortError{Port: port, Network: "udp", Use: use, Option: option, Err: err}
		}
		return 0, fmt.Errorf("listen on UDP port %d: %w", port, err)
	}
	defer c.Close()
	addr, ok := c.LocalAddr().(*net.UDPAddr)
	if !ok {
		return 0, fmt.Errorf("listen on UDP port %d: not a UDP address", port)
	}
	return addr.Port, nil
}

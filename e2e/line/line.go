// Package line is a TCP line that tests can cut.
package line

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Line passes connections to an address until it is cut.
type Line struct {
	listener net.Listener
	to       string
	work     sync.WaitGroup
	rate     atomic.Int64 // bytes a second each way; 0 for no limit
	held     atomic.Bool  // what goes to the address waits

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// New makes a line to an address.
func New(to string) (*Line, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &Line{listener: l, to: to, conns: make(map[net.Conn]bool)}
	c.work.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			c.work.Go(func() { c.pass(near) })
		}
	})
	return c, nil
}

// Address is where the line begins.
func (c *Line) Address() string { return c.listener.Addr().String() }

// Close ends the line and what goes over it.
func (c *Line) Close() {
	c.listener.Close()
	c.Cut(true)
	c.work.Wait()
}

// Cut cuts the line, or mends it.
func (c *Line) Cut(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut = cut; cut {
		for conn := range c.conns {
			conn.Close()
		}
	}
}

// Slow lets so many bytes a second through each way of each connection; 0 for
// no limit.
func (c *Line) Slow(rate int64) { c.rate.Store(rate) }

// Hold has what goes to the address wait, or go on. What comes from there passes.
func (c *Line) Hold(hold bool) { c.held.Store(hold) }

func (c *Line) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// carry copies until the line ends.
func (c *Line) carry(to io.Writer, from io.Reader, out bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		for out && c.held.Load() && !c.isCut() {
			time.Sleep(5 * time.Millisecond)
		}
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
		if rate := c.rate.Load(); rate > 0 {
			time.Sleep(time.Duration(int64(n) * int64(time.Second) / rate))
		}
	}
}

func (c *Line) pass(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer far.Close()
	c.mu.Lock()
	if c.cut {
		c.mu.Unlock()
		return
	}
	c.conns[near], c.conns[far] = true, true
	c.mu.Unlock()
	var both sync.WaitGroup
	for i, way := range [][2]net.Conn{{far, near}, {near, far}} {
		both.Go(func() {
			c.carry(way[0], way[1], i == 0)
			way[0].Close()
		})
	}
	both.Wait()
	c.mu.Lock()
	delete(c.conns, near)
	delete(c.conns, far)
	c.mu.Unlock()
}

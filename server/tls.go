package server

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// tlsListener shakes hands with every connection by itself, so that one that is
// slow keeps none waiting, and tells by the first byte who is to serve it:
// HTTP begins with a letter, TURN with a zero or a one.
type tlsListener struct {
	inner  net.Listener
	config *tls.Config
	turn   func(*firstByteConn) // nil where there is no TURN

	ready  chan net.Conn
	done   chan struct{}
	ctx    context.Context //nolint:containedctx // of the handshakes, until Close
	cancel context.CancelFunc
	work   sync.WaitGroup
	closed sync.Once
	err    error // why accepting ended; read it after ended
	ended  chan struct{}
}

func newTLSListener(inner net.Listener, config *tls.Config, turn func(*firstByteConn)) *tlsListener {
	l := &tlsListener{inner: inner, config: config, turn: turn,
		ready: make(chan net.Conn), done: make(chan struct{}), ended: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.work.Go(l.accept)
	return l
}

func (l *tlsListener) accept() {
	defer close(l.ended)
	for {
		conn, err := l.inner.Accept()
		if temporary := (interface{ Temporary() bool })(nil); errors.As(err, &temporary) && temporary.Temporary() {
			select { // as when there are no more file descriptors
			case <-time.After(50 * time.Millisecond):
				continue
			case <-l.done:
			}
		}
		if err != nil {
			l.err = err
			return
		}
		l.work.Go(func() { l.greet(conn) })
	}
}

func (l *tlsListener) greet(conn net.Conn) {
	c := tls.Server(conn, l.config)
	_ = c.SetDeadline(time.Now().Add(headWithin))
	// Close ends a handshake by the context, and the reading of the first byte
	// with it.
	stop := context.AfterFunc(l.ctx, func() { _ = conn.Close() })
	defer stop()
	if err := c.HandshakeContext(l.ctx); err != nil {
		if plain := (tls.RecordHeaderError{}); errors.As(err, &plain) && plain.Conn != nil && plain.RecordHeader[0] >= 'A' {
			_, _ = io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nThis server speaks HTTPS: its address begins with https://.\n")
		}
		_ = conn.Close()
		return
	}
	first := &firstByteConn{Conn: c}
	if _, err := c.Read(first.byte[:]); err != nil {
		_ = c.Close()
		return
	}
	_ = c.SetDeadline(time.Time{})
	if !stop() {
		_ = c.Close()
		return
	}
	if first.byte[0] <= 1 {
		if l.turn == nil {
			_ = c.Close()
			return
		}
		l.turn(first)
		return
	}
	select {
	case l.ready <- first:
	case <-l.done:
		_ = c.Close()
	}
}

func (l *tlsListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.ended:
		return nil, l.err
	}
}

func (l *tlsListener) Addr() net.Addr { return l.inner.Addr() }

// Close ends accepting and the handshakes; what serves TURN has to end them by
// itself before wait.
func (l *tlsListener) Close() error {
	var err error
	l.closed.Do(func() {
		close(l.done)
		l.cancel()
		err = l.inner.Close()
	})
	return err
}

func (l *tlsListener) wait() { l.work.Wait() }

// firstByteConn gives back the byte that was read from it.
type firstByteConn struct {
	*tls.Conn
	byte [1]byte
	read bool
}

func (c *firstByteConn) Read(data []byte) (int, error) {
	if c.read || len(data) == 0 {
		return c.Conn.Read(data)
	}
	c.read = true
	data[0] = c.byte[0]
	return 1, nil
}

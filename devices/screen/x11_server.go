//go:build linux

package screen

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/composite"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"parley/devices"
)

// server is a connection to the X server. It is used on one goroutine.
type server struct {
	conn *xgb.Conn
	root xproto.Window
	// Extensions that the server has, new enough.
	monitors, cursor, redirect, shared bool
	depths                             [33]bool // those with pixels that picture can hold
}

func connect() (*server, error) {
	// What it would write to standard error comes back as errors as well.
	xgb.Logger.SetOutput(io.Discard)
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("the X server at DISPLAY=%q can't be reached, so no screen can be shared: %w: %w", os.Getenv("DISPLAY"), devices.ErrNotFound, err)
	}
	s := &server{conn: conn}
	if err := s.setUp(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *server) setUp() error {
	setup := xproto.Setup(s.conn)
	if s.conn.DefaultScreen >= len(setup.Roots) {
		return fmt.Errorf("the X server has no screen %d: %w", s.conn.DefaultScreen, devices.ErrNotFound)
	}
	screen := setup.Roots[s.conn.DefaultScreen]
	s.root = screen.Root
	if setup.ImageByteOrder == xproto.ImageOrderLSBFirst && hasPlainColours(screen) {
		for _, f := range setup.PixmapFormats {
			if (f.Depth == 24 || f.Depth == 32) && f.BitsPerPixel == 8*pixelBytes {
				s.depths[f.Depth] = true
			}
		}
	}
	if !s.depths[screen.RootDepth] {
		return fmt.Errorf("the X server's colours have %d bits, and only 24 can be shared: %w", screen.RootDepth, devices.ErrFormat)
	}
	if s.extension("RANDR") {
		v, err := randr.QueryVersion(s.conn, 1, 5).Reply()
		s.monitors = err == nil && (v.MajorVersion > 1 || v.MinorVersion >= 5)
	}
	if s.extension("XFIXES") {
		_, err := xfixes.QueryVersion(s.conn, 4, 0).Reply()
		s.cursor = err == nil
	}
	if s.extension("Composite") {
		v, err := composite.QueryVersion(s.conn, 0, 4).Reply()
		s.redirect = err == nil && (v.MajorVersion > 0 || v.MinorVersion >= 2)
	}
	if isLocal(os.Getenv("DISPLAY")) && s.extension("MIT-SHM") {
		_, err := shm.QueryVersion(s.conn).Reply()
		s.shared = err == nil
	}
	return nil
}

// hasPlainColours reports whether a pixel's lowest byte is blue, as almost
// everywhere.
func hasPlainColours(screen xproto.ScreenInfo) bool {
	for _, depth := range screen.AllowedDepths {
		for _, visual := range depth.Visuals {
			if visual.VisualId == screen.RootVisual {
				return visual.RedMask == 0xff0000 && visual.GreenMask == 0xff00 && visual.BlueMask == 0xff
			}
		}
	}
	return false
}

// isLocal reports whether a display is on this machine, so that memory can be
// shared with it. Behind "localhost:10" is another one's, through SSH.
func isLocal(display string) bool {
	return len(display) > 0 && (display[0] == ':' || display[0] == '/') || len(display) > 5 && display[:5] == "unix:"
}

// extension makes an extension usable. The packages' Init is not used: it
// writes to maps that other connections read meanwhile, and what it writes
// there, the extensions' own events and errors, does not come up here.
func (s *server) extension(name string) bool {
	reply, err := xproto.QueryExtension(s.conn, uint16(len(name)), name).Reply()
	if err != nil || !reply.Present {
		return false
	}
	s.conn.ExtLock.Lock()
	defer s.conn.ExtLock.Unlock()
	s.conn.Extensions[name] = reply.MajorOpcode
	return true
}

// discardEvents empties the queue, at whose end the connection would stop:
// some events come without being asked for.
func (s *server) discardEvents() {
	for {
		if event, err := s.conn.PollForEvent(); event == nil && err == nil {
			return
		}
	}
}

// close waits until the connection's goroutines end.
func (s *server) close() {
	s.conn.Close()
	for {
		if event, err := s.conn.WaitForEvent(); event == nil && err == nil {
			return
		}
	}
}

// gone makes a sentence of the end of the connection, and leaves other errors
// as they are.
func gone(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the X server ended: %w", devices.ErrNotFound)
	}
	return err
}

// is reports whether an X request failed with an error of that type.
func is[E error](err error) bool {
	var x E
	return errors.As(err, &x)
}

package app

import (
	"encoding/binary"
	"io"

	"fyne.io/fyne/v2/driver"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// x11State asks the X server. A minimised window is not mapped (ICCCM, section
// 4.1.4), or is marked as hidden by a window manager that keeps it mapped for
// its thumbnail (EWMH, _NET_WM_STATE).
type x11State struct {
	conn          *xgb.Conn
	window        xproto.Window
	state, hidden xproto.Atom
}

// stateOf knows windows of X11: Wayland tells no program whether it is seen.
func stateOf(native any) windowState {
	x, ok := native.(driver.X11WindowContext)
	if !ok {
		return nil
	}
	xgb.Logger.SetOutput(io.Discard) // it comes back as errors as well
	conn, err := xgb.NewConn()
	if err != nil {
		return nil
	}
	s := &x11State{conn: conn, window: xproto.Window(x.WindowHandle)}
	s.state, s.hidden = s.atom("_NET_WM_STATE"), s.atom("_NET_WM_STATE_HIDDEN")
	return s
}

func (s *x11State) atom(name string) xproto.Atom {
	reply, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return xproto.AtomNone
	}
	return reply.Atom
}

func (s *x11State) minimised() (bool, error) {
	attributes, err := xproto.GetWindowAttributes(s.conn, s.window).Reply()
	if err != nil {
		return false, err
	}
	if attributes.MapState == xproto.MapStateUnmapped {
		return true, nil
	}
	return s.has(s.hidden)
}

// has reports whether a state of EWMH is set on the window.
func (s *x11State) has(state xproto.Atom) (bool, error) {
	const most = 64 // there are some dozen states
	property, err := xproto.GetProperty(s.conn, false, s.window, s.state, xproto.AtomAtom, 0, most).Reply()
	if err != nil {
		return false, err
	}
	for data := property.Value; property.Format == 32 && len(data) >= 4; data = data[4:] {
		if xproto.Atom(binary.NativeEndian.Uint32(data)) == state {
			return true, nil
		}
	}
	return false, nil
}

func (s *x11State) front() (bool, error) {
	focus, err := xproto.GetInputFocus(s.conn).Reply()
	if err != nil {
		return false, err
	}
	return focus.Focus == s.window, nil
}

func (s *x11State) position() (x, y int, err error) {
	root := xproto.Setup(s.conn).DefaultScreen(s.conn).Root
	reply, err := xproto.TranslateCoordinates(s.conn, s.window, root, 0, 0).Reply()
	if err != nil {
		return 0, 0, err
	}
	return int(reply.DstX), int(reply.DstY), nil
}

func (s *x11State) close() { s.conn.Close() }

//go:build linux

package screen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jezek/xgb/composite"
	"github.com/jezek/xgb/xproto"

	"parley/devices"
)

// windowGrabber takes pictures of a window. The server is asked to keep the
// window's picture apart from the screen's, so that it is whole where other
// windows cover it.
type windowGrabber struct {
	s        *server
	copier   copier
	window   xproto.Window
	pixmap   xproto.Pixmap // an ID that is used anew for each picture
	redirect bool
}

func windowID(w xproto.Window) string { return fmt.Sprintf("%s0x%x", windowPrefix, uint32(w)) }

func newWindowGrabber(s *server, id string) (*windowGrabber, error) {
	number, err := strconv.ParseUint(strings.TrimPrefix(id, windowPrefix), 0, 32)
	if err != nil {
		return nil, fmt.Errorf("not the ID of a window: %w", devices.ErrNotFound)
	}
	g := &windowGrabber{s: s, copier: copier{s: s}, window: xproto.Window(number)}
	if _, err := xproto.GetWindowAttributes(s.conn, g.window).Reply(); err != nil {
		return nil, windowError(err)
	}
	if s.redirect {
		if g.pixmap, err = xproto.NewPixmapId(s.conn); err != nil {
			return nil, gone(err)
		}
		err := composite.RedirectWindowChecked(s.conn, g.window, composite.RedirectAutomatic).Check()
		g.redirect = err == nil
	}
	return g, nil
}

// windowError makes a sentence of an error about a window.
func windowError(err error) error {
	if is[xproto.WindowError](err) || is[xproto.DrawableError](err) {
		return fmt.Errorf("the shared window was closed: %w", devices.ErrNotFound)
	}
	return fmt.Errorf("the shared window gives no picture: %w", gone(err))
}

func (g *windowGrabber) grab() (*picture, error) {
	g.s.discardEvents()
	geometry, err := xproto.GetGeometry(g.s.conn, xproto.Drawable(g.window)).Reply()
	if err != nil {
		return nil, windowError(err)
	}
	// Where the window's contents lie, without a border.
	place, err := xproto.TranslateCoordinates(g.s.conn, g.window, g.s.root, 0, 0).Reply()
	if err != nil {
		return nil, windowError(err)
	}
	x, y := int(place.DstX), int(place.DstY)
	p, err := g.take(geometry, &x, &y)
	if is[xproto.MatchError](err) {
		return nil, nil //nolint:nilnil // it is not shown, or its size just changed
	}
	if err != nil {
		return nil, windowError(err)
	}
	if p != nil {
		g.s.drawCursor(p, x, y)
	}
	return p, nil
}

// take takes a picture, and moves x and y to its upper left corner.
func (g *windowGrabber) take(geometry *xproto.GetGeometryReply, x, y *int) (*picture, error) {
	width, height := int(geometry.Width), int(geometry.Height)
	if !g.redirect {
		return g.takeFromScreen(geometry.Depth, width, height, x, y)
	}
	// The pixmap is named each time: the window gets a new one with every size
	// and whenever it is shown again.
	if err := composite.NameWindowPixmapChecked(g.s.conn, g.window, g.pixmap).Check(); err != nil {
		return nil, err
	}
	defer xproto.FreePixmap(g.s.conn, g.pixmap)
	border := int(geometry.BorderWidth)
	return g.copier.take(xproto.Drawable(g.pixmap), geometry.Depth, border, border, width, height)
}

// takeFromScreen takes what is visible of a window, and of what covers it.
func (g *windowGrabber) takeFromScreen(depth byte, width, height int, x, y *int) (*picture, error) {
	root, err := xproto.GetGeometry(g.s.conn, xproto.Drawable(g.s.root)).Reply()
	if err != nil {
		return nil, err
	}
	left, top := max(-*x, 0), max(-*y, 0)
	right, bottom := min(int(root.Width)-*x, width), min(int(root.Height)-*y, height)
	if left >= right || top >= bottom {
		return nil, nil //nolint:nilnil // all of it is off the screen
	}
	*x, *y = *x+left, *y+top
	return g.copier.take(xproto.Drawable(g.window), depth, left, top, right-left, bottom-top)
}

func (g *windowGrabber) close() {
	g.copier.close()
	g.s.close()
}

//go:build linux

package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"parley/devices"
)

// monitor is a part of the root window.
type monitor struct {
	name                string
	x, y, width, height int
}

// screenName is the name of the whole, where the server knows no monitors.
const screenName = "screen"

// findMonitors tells which monitors are there, the primary one first.
func (s *server) findMonitors() ([]monitor, error) {
	var list []monitor
	if s.monitors {
		reply, err := randr.GetMonitors(s.conn, s.root, true).Reply()
		if err != nil {
			return nil, gone(err)
		}
		for i, m := range reply.Monitors {
			name := fmt.Sprint(i + 1)
			if atom, err := xproto.GetAtomName(s.conn, m.Name).Reply(); err == nil && atom.Name != "" {
				name = atom.Name
			}
			found := monitor{name, int(m.X), int(m.Y), int(m.Width), int(m.Height)}
			if m.Primary {
				list = append([]monitor{found}, list...)
			} else {
				list = append(list, found)
			}
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	g, err := xproto.GetGeometry(s.conn, xproto.Drawable(s.root)).Reply()
	if err != nil {
		return nil, gone(err)
	}
	return []monitor{{screenName, 0, 0, int(g.Width), int(g.Height)}}, nil
}

// lookAgain is how often a monitor's place is looked up. Only a change of the
// root window's size is noticed sooner.
const lookAgain = time.Second

// screenGrabber takes pictures of a monitor, which is followed by its name:
// its number changes when another one is plugged in or out.
type screenGrabber struct {
	s      *server
	copier copier
	depth  byte
	m      monitor
	looked time.Time
}

func newScreenGrabber(s *server, id string) (*screenGrabber, error) {
	g := &screenGrabber{s: s, copier: copier{s: s}, m: monitor{name: strings.TrimPrefix(id, screenPrefix)}}
	root, err := xproto.GetGeometry(s.conn, xproto.Drawable(s.root)).Reply()
	if err != nil {
		return nil, gone(err)
	}
	g.depth = root.Depth
	return g, g.look()
}

func (g *screenGrabber) look() error {
	all, err := g.s.findMonitors()
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.name == g.m.name {
			g.m, g.looked = m, time.Now()
			return nil
		}
	}
	return fmt.Errorf("the shared screen %q is not connected: %w", g.m.name, devices.ErrNotFound)
}

func (g *screenGrabber) take() (*picture, error) {
	return g.copier.take(xproto.Drawable(g.s.root), g.depth, g.m.x, g.m.y, g.m.width, g.m.height)
}

func (g *screenGrabber) grab() (*picture, error) {
	g.s.discardEvents()
	if time.Since(g.looked) > lookAgain {
		if err := g.look(); err != nil {
			return nil, err
		}
	}
	p, err := g.take()
	if is[xproto.MatchError](err) {
		// The root window became smaller than the monitor was.
		if err := g.look(); err != nil {
			return nil, err
		}
		if p, err = g.take(); is[xproto.MatchError](err) {
			return nil, nil //nolint:nilnil // it still changes; the next picture tells
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the shared screen %q gives no picture: %w", g.m.name, gone(err))
	}
	g.s.drawCursor(p, g.m.x, g.m.y)
	return p, nil
}

func (g *screenGrabber) close() {
	g.copier.close()
	g.s.close()
}

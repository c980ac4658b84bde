//go:build linux

package screen

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/jezek/xgb/xproto"

	"parley/devices"
)

// propertyMax bounds what is read of a property, in words of four bytes.
const propertyMax = 1024

func open(ctx context.Context, id string, format devices.ScreenFormat) (grabber, error) {
	switch {
	case isWayland() && id == portalID:
		return openPortal(ctx, format)
	case isWayland():
		return nil, devices.ErrNotFound
	}
	s, err := connect()
	if err != nil {
		return nil, err
	}
	var g grabber
	switch {
	case strings.HasPrefix(id, screenPrefix):
		g, err = newScreenGrabber(s, id)
	case strings.HasPrefix(id, windowPrefix):
		g, err = newWindowGrabber(s, id)
	default:
		err = devices.ErrNotFound
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return g, nil
}

func list(ctx context.Context) ([]devices.ScreenSource, error) {
	if isWayland() {
		return listPortal(ctx)
	}
	s, err := connect()
	if err != nil {
		return nil, err
	}
	defer s.close()
	monitors, err := s.findMonitors()
	if err != nil {
		return nil, err
	}
	var sources []devices.ScreenSource
	for _, m := range monitors {
		sources = append(sources, devices.ScreenSource{ID: screenPrefix + m.name, Name: m.name, Width: m.width, Height: m.height})
	}
	windows, err := s.findWindows(ctx)
	if err != nil {
		return nil, err
	}
	sources = append(sources, windows...)
	for i := range sources {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.photograph(&sources[i])
	}
	return sources, nil
}

// photograph gives a source its thumbnail, where it has a picture.
func (s *server) photograph(source *devices.ScreenSource) {
	var p *picture
	var err error
	if source.Window {
		g, failed := newWindowGrabber(s, source.ID)
		if failed != nil {
			return
		}
		defer g.copier.close()
		p, err = g.grab()
	} else {
		g, failed := newScreenGrabber(s, source.ID)
		if failed != nil {
			return
		}
		defer g.copier.close()
		p, err = g.grab()
	}
	if err == nil && p != nil {
		source.Thumbnail = thumbnail(p)
	}
}

// findWindows tells which windows people see, topmost first.
func (s *server) findWindows(ctx context.Context) ([]devices.ScreenSource, error) {
	windows := s.windowProperty(s.root, "_NET_CLIENT_LIST_STACKING")
	if windows == nil {
		// No window manager: the root's children are programs' own windows.
		tree, err := xproto.QueryTree(s.conn, s.root).Reply()
		if err != nil {
			return nil, gone(err)
		}
		windows = tree.Children
	}
	var sources []devices.ScreenSource
	for _, w := range slices.Backward(windows) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if source, ok := s.describe(w); ok && len(sources) < windowsMax {
			sources = append(sources, source)
		}
	}
	return sources, nil
}

// describe tells of a window, unless it is none to share.
func (s *server) describe(w xproto.Window) (devices.ScreenSource, bool) {
	a, err := xproto.GetWindowAttributes(s.conn, w).Reply()
	if err != nil || a.MapState != xproto.MapStateViewable || a.Class != xproto.WindowClassInputOutput || a.OverrideRedirect {
		return devices.ScreenSource{}, false
	}
	g, err := xproto.GetGeometry(s.conn, xproto.Drawable(w)).Reply()
	if err != nil || g.Width < smallest || g.Height < smallest || s.isFurniture(w) {
		return devices.ScreenSource{}, false
	}
	return devices.ScreenSource{ID: windowID(w), Name: s.title(w), Window: true, Width: int(g.Width), Height: int(g.Height)}, true
}

// isFurniture reports whether a window is the desktop or a panel.
func (s *server) isFurniture(w xproto.Window) bool {
	for _, kind := range s.windowProperty(w, "_NET_WM_WINDOW_TYPE") {
		for _, name := range []string{"_NET_WM_WINDOW_TYPE_DESKTOP", "_NET_WM_WINDOW_TYPE_DOCK"} {
			if atom := s.atom(name); atom != 0 && xproto.Atom(kind) == atom {
				return true
			}
		}
	}
	return false
}

// title is what stands in a window's title bar, or the name of its program.
func (s *server) title(w xproto.Window) string {
	for _, name := range []string{"_NET_WM_NAME", "WM_NAME", "WM_CLASS"} {
		value, kind := s.property(w, name, 8)
		text, _, _ := strings.Cut(string(value), "\x00")
		if kind == xproto.AtomString {
			text = fromLatin1(text)
		}
		if text = tidy(text); text != "" {
			return text
		}
	}
	return windowID(w)
}

func fromLatin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// atom is the number of a name, 0 where no program has used it yet.
func (s *server) atom(name string) xproto.Atom {
	reply, err := xproto.InternAtom(s.conn, true, uint16(len(name)), name).Reply()
	if err != nil {
		return 0
	}
	return reply.Atom
}

// property reads a property of that many bits a value, and its type. One that
// is not there is empty.
func (s *server) property(w xproto.Window, name string, bits byte) ([]byte, xproto.Atom) {
	atom := s.atom(name)
	if atom == 0 {
		return nil, 0
	}
	reply, err := xproto.GetProperty(s.conn, false, w, atom, xproto.GetPropertyTypeAny, 0, propertyMax).Reply()
	if err != nil || reply.Format != bits {
		return nil, 0
	}
	return reply.Value, reply.Type
}

// windowProperty reads a property that is a list of windows, or of atoms.
func (s *server) windowProperty(w xproto.Window, name string) []xproto.Window {
	value, _ := s.property(w, name, 32)
	var list []xproto.Window
	for ; len(value) >= 4; value = value[4:] {
		list = append(list, xproto.Window(binary.LittleEndian.Uint32(value)))
	}
	return list
}

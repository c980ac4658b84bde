//go:build linux

package screen

import (
	"context"
	"errors"
	"fmt"
	"os"

	"parley/devices"
	"parley/devices/screen/pipewire"
	"parley/devices/screen/portal"
)

// portalID is the one source on Wayland: the desktop asks what it shall be.
const portalID = "portal"

// isWayland reports whether the program runs in a Wayland session. An X server for
// old programs may run in it as well: its screen is black.
func isWayland() bool {
	return os.Getenv("WAYLAND_DISPLAY") != "" && os.Getenv("XDG_SESSION_TYPE") == "wayland"
}

func listPortal(ctx context.Context) ([]devices.ScreenSource, error) {
	if err := hasPipeWire(); err != nil {
		return nil, err
	}
	if err := portal.Check(ctx); err != nil {
		return nil, err
	}
	return []devices.ScreenSource{{ID: portalID, Asks: true}}, nil
}

func hasPipeWire() error {
	switch err := pipewire.Available(); {
	case errors.Is(err, pipewire.ErrNotBuilt):
		return devices.ErrNotBuilt
	case err != nil:
		return fmt.Errorf("%w: %w", devices.ErrNoPipeWire, err)
	}
	return nil
}

// castGrabber takes the pictures that the desktop granted. They come with the
// pointer in them.
type castGrabber struct {
	session *portal.Session
	stream  *pipewire.Stream
}

// openPortal asks for a screen or window, until ctx ends, and then opens it.
func openPortal(ctx context.Context, format devices.ScreenFormat) (grabber, error) {
	if err := hasPipeWire(); err != nil {
		return nil, err
	}
	session, err := portal.Choose(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := openStream(ctx, session, format)
	if err != nil {
		session.Close()
		return nil, err
	}
	return &castGrabber{session, stream}, nil
}

func openStream(ctx context.Context, session *portal.Session, format devices.ScreenFormat) (*pipewire.Stream, error) {
	remote, err := session.Remote(ctx)
	if err != nil {
		return nil, err
	}
	return pipewire.Open(remote, session.Node, format.Rate())
}

func (g *castGrabber) grab() (*picture, error) {
	select {
	case <-g.session.Ended():
		return nil, fmt.Errorf("the desktop ended the sharing: %w", devices.ErrNotFound)
	default:
	}
	pix, width, height, err := g.stream.Take()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", devices.ErrNotFound, err)
	}
	if pix == nil {
		return nil, nil //nolint:nilnil // nothing changed
	}
	return &picture{pix: pix, stride: width * pixelBytes, width: width, height: height}, nil
}

func (g *castGrabber) close() {
	g.stream.Close()
	g.session.Close()
}

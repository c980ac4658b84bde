// Package screen shares whole screens and single windows.
//
// Both are there on X11, Windows and macOS, with the mouse pointer. On Wayland there is
// one source, which lets the desktop ask what it shall be.
package screen

import (
	"context"
	"fmt"
	"strings"

	"parley/devices"
	"parley/devices/synthetic"
)

// What an ID begins with.
const (
	screenPrefix = "screen:"
	windowPrefix = "window:"
)

// Finder knows what can be shared. The zero Finder is ready.
type Finder struct{}

// List tells which screens and windows are there, with thumbnails.
func (Finder) List(ctx context.Context) ([]devices.ScreenSource, error) {
	type listed struct {
		sources []devices.ScreenSource
		err     error
	}
	// A display server that hangs keeps this goroutine, not the caller.
	result := make(chan listed, 1)
	go func() {
		sources, err := list(ctx)
		result <- listed{sources, err}
	}()
	select {
	case l := <-result:
		return l.sources, l.err
	case <-ctx.Done():
		return nil, fmt.Errorf("the screens were not listed in time: %w", ctx.Err())
	}
}

// Open opens a screen or window by the ID that List gave it, or a made-up one
// by devices.Synthetic, with a colon and a title where wanted.
func (Finder) Open(ctx context.Context, id string, format devices.ScreenFormat) (devices.VideoSource, error) {
	if id == devices.Synthetic {
		return synthetic.NewScreen("", format)
	}
	if title, ok := strings.CutPrefix(id, devices.Synthetic+":"); ok {
		return synthetic.NewScreen(title, format)
	}
	s, err := start(ctx, func() (grabber, error) { return open(ctx, id, format) }, format)
	if err != nil {
		return nil, fmt.Errorf("screen or window %q: %w", id, err)
	}
	return s, nil
}

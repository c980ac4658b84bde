package screen

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/devices"
	"parley/devices/internal/screencapture"
)

// lookAgain is how often it is looked whether what is shared is still there: the system
// does not tell of every end.
const lookAgain = time.Second

// The room for pictures where none is asked for.
const (
	roomWidth  = 3840
	roomHeight = 2160
)

// captureGrabber takes the pictures of a screen or window, with the pointer in them.
type captureGrabber struct {
	pictures screencapture.Pictures
	id       uint32
	window   bool
	looked   time.Time
}

func sourceID(c screencapture.Content) string {
	prefix := screenPrefix
	if c.Window {
		prefix = windowPrefix
	}
	return prefix + strconv.FormatUint(uint64(c.ID), 10)
}

func open(_ context.Context, id string, format devices.ScreenFormat) (grabber, error) {
	text, screen := strings.CutPrefix(id, screenPrefix)
	text, window := strings.CutPrefix(text, windowPrefix)
	number, err := strconv.ParseUint(text, 10, 32)
	if err != nil || screen == window {
		return nil, devices.ErrNotFound
	}
	g := &captureGrabber{id: uint32(number), window: window, looked: time.Now()}
	width, height := format.MaxWidth, format.MaxHeight
	if width <= 0 || height <= 0 {
		width, height = roomWidth, roomHeight
	}
	if g.pictures, err = screencapture.Open(g.id, window, width, height, format.Rate()); err != nil {
		return nil, err
	}
	return g, nil
}

func list(ctx context.Context) ([]devices.ScreenSource, error) {
	desktop, err := screencapture.Look()
	if err != nil {
		return nil, err
	}
	defer desktop.Close()
	var sources []devices.ScreenSource
	for i, c := range desktop.List(smallest) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		source := devices.ScreenSource{ID: sourceID(c), Name: tidy(c.Name), Window: c.Window, Width: c.Width, Height: c.Height}
		if !c.Window {
			source.Name = strconv.Itoa(i + 1)
		}
		if pix, width, height := desktop.Photograph(c, devices.ThumbnailWidth, devices.ThumbnailHeight); pix != nil {
			source.Thumbnail = thumbnail(&picture{pix: pix, stride: width * pixelBytes, width: width, height: height})
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func (g *captureGrabber) grab() (*picture, error) {
	if time.Since(g.looked) > lookAgain {
		g.looked = time.Now()
		if !screencapture.There(g.id, g.window) {
			return nil, fmt.Errorf("what is shared was closed or disconnected: %w", devices.ErrNotFound)
		}
	}
	pix, width, height, stride, err := g.pictures.Take()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", devices.ErrNotFound, err)
	}
	if pix == nil {
		return nil, nil //nolint:nilnil // nothing changed
	}
	return &picture{pix: pix, stride: stride, width: width, height: height}, nil
}

func (g *captureGrabber) close() { g.pictures.Close() }

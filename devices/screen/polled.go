//go:build windows || darwin

package screen

import (
	"context"
	"fmt"
	"image"
	"runtime"
	"strconv"
	"strings"

	"github.com/kbinani/screenshot"

	"parley/devices"
)

// polledGrabber takes pictures of a whole screen, without the mouse pointer.
type polledGrabber struct {
	number int
	worked bool
}

func open(_ context.Context, id string, _ devices.ScreenFormat) (grabber, error) {
	text, ok := strings.CutPrefix(id, screenPrefix)
	number, err := strconv.Atoi(text)
	if !ok || err != nil || number < 0 || number >= screenshot.NumActiveDisplays() {
		return nil, devices.ErrNotFound
	}
	return &polledGrabber{number: number}, nil
}

func list(ctx context.Context) ([]devices.ScreenSource, error) {
	var sources []devices.ScreenSource
	for i := range screenshot.NumActiveDisplays() {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		bounds := screenshot.GetDisplayBounds(i)
		source := devices.ScreenSource{ID: screenPrefix + strconv.Itoa(i), Name: strconv.Itoa(i + 1), Width: bounds.Dx(), Height: bounds.Dy()}
		if p, err := (&polledGrabber{number: i}).grab(); err == nil {
			source.Thumbnail = thumbnail(p)
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func (g *polledGrabber) grab() (*picture, error) {
	// What Windows hands out for drawing is given back on the same thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if g.number >= screenshot.NumActiveDisplays() {
		return nil, fmt.Errorf("the shared screen was disconnected: %w", devices.ErrNotFound)
	}
	img, err := screenshot.CaptureDisplay(g.number)
	if err != nil && g.worked {
		return nil, nil //nolint:nilnil,nilerr // the screen is locked, or asks for a password
	}
	if err != nil {
		return nil, fmt.Errorf("the shared screen gives no picture; see whether the system lets Parley record it: %w: %w", devices.ErrDenied, err)
	}
	g.worked = true
	return fromRGBA(img), nil
}

func (*polledGrabber) close() {}

// fromRGBA swaps the colours of an image in place.
func fromRGBA(img *image.RGBA) *picture {
	for i := 0; i+pixelBytes <= len(img.Pix); i += pixelBytes {
		img.Pix[i], img.Pix[i+2] = img.Pix[i+2], img.Pix[i]
	}
	return &picture{pix: img.Pix, stride: img.Stride, width: img.Rect.Dx(), height: img.Rect.Dy()}
}

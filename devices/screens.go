package devices

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"
)

// On Wayland the desktop asks its user what to share, and hands out the pictures.
// Where a part of that is missing the error wraps ErrWayland and says which.
var (
	ErrWayland = errors.New("screens can't be shared in this Wayland session")
	// ErrNoPortal means that no desktop portal answers that can share screens.
	ErrNoPortal = fmt.Errorf("%w: the desktop portal for it is missing", ErrWayland)
	// ErrNoPipeWire means that PipeWire is not installed, or does not run.
	ErrNoPipeWire = fmt.Errorf("%w: PipeWire is missing", ErrWayland)
	// ErrNotBuilt means that this program was built without PipeWire.
	ErrNotBuilt = fmt.Errorf("%w: this program was built without PipeWire", ErrWayland)
	// ErrNotChosen means that the user closed the desktop's question.
	ErrNotChosen = errors.New("nothing was chosen")
)

// ScreenSource is a screen or a window that could be shared.
type ScreenSource struct {
	// ID opens the source; it stays the same while the screen is connected or
	// the window is open.
	ID string
	// Name is the screen's name or the window's title.
	Name string
	// Window is set on windows.
	Window bool
	// Asks is set where opening the source makes the desktop ask which screen or
	// window it shall be. Then there is no other source, and no size.
	Asks bool
	// Width and Height are in pixels, as the source is, before any scaling.
	Width, Height int
	// Thumbnail is at most ThumbnailWidth by ThumbnailHeight, with the
	// source's aspect; nil where there was no picture to be had.
	Thumbnail *image.RGBA
}

// The most pixels of a ScreenSource's thumbnail.
const (
	ThumbnailWidth  = 320
	ThumbnailHeight = 180
)

// ScreenFormat is what is asked of a screen or window.
type ScreenFormat struct {
	// MaxWidth and MaxHeight bound the pictures: larger ones are scaled down.
	// Zero is as large as a frame can be.
	MaxWidth, MaxHeight int
	// FrameRate is the most pictures a second, within MinScreenRate and
	// MaxScreenRate.
	FrameRate int
}

// The frame rates that a screen is shared at. What is out of them counts as
// the nearer one.
const (
	MinScreenRate = 5
	MaxScreenRate = 30
)

// Rate is the frame rate within the limits.
func (f ScreenFormat) Rate() int { return min(max(f.FrameRate, MinScreenRate), MaxScreenRate) }

// Interval is the least time between two pictures.
func (f ScreenFormat) Interval() time.Duration { return time.Second / time.Duration(f.Rate()) }

// Fit is the size that a picture of width by height is delivered in: even, as
// large as allowed, never larger than the picture by more than what makes it
// even.
func (f ScreenFormat) Fit(width, height int) (int, int) {
	limit := func(limit int) int {
		if limit <= 0 || limit > MaxFrameSide {
			return MaxFrameSide
		}
		return limit
	}
	width, height = FitInto(width, height, limit(f.MaxWidth), limit(f.MaxHeight))
	return max(width&^1, 2), max(height&^1, 2)
}

// FitInto is the size with the aspect of width by height, and at most as
// large, that lies within the limits.
func FitInto(width, height, maxWidth, maxHeight int) (int, int) {
	if width > maxWidth {
		width, height = maxWidth, max((height*maxWidth+width/2)/width, 1)
	}
	if height > maxHeight {
		width, height = max((width*maxHeight+height/2)/height, 1), maxHeight
	}
	return width, height
}

// ScreenOpener lists and opens screens and windows.
type ScreenOpener interface {
	// ListScreens tells what could be shared, screens first, then windows from
	// the top of the stack. It may take a while.
	ListScreens(ctx context.Context) ([]ScreenSource, error)
	// OpenScreen opens the source of an ID, or the made-up one of Synthetic.
	// It delivers a picture when there is a new one, and the last one again
	// once a second. When a window is closed or a screen disconnected, reading
	// fails with ErrNotFound. Of a source that asks, ctx takes the question back,
	// and ErrNotChosen is the answer of a user who wants nothing shared.
	OpenScreen(ctx context.Context, id string, format ScreenFormat) (VideoSource, error)
}

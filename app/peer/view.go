package peer

import (
	"fmt"
	"sync/atomic"

	"parley/devices"
)

// viewer looks at pictures in a size, without showing them to anybody.
type viewer struct{ size *atomic.Int64 }

// Show is part of media.VideoSink.
func (viewer) Show(*devices.Frame) {}

// sizedViewer is a viewer that takes only what is worth its size.
type sizedViewer struct{ viewer }

// Wanted is part of session.Sized.
func (v sizedViewer) Wanted() (width, height int) {
	size := v.size.Load()
	return int(size >> 32), int(size & 0xffffffff)
}

// parseView reads WIDTHxHEIGHT.
func parseView(text string) (int64, error) {
	var width, height uint16
	if n, err := fmt.Sscanf(text, "%dx%d", &width, &height); n != 2 || err != nil {
		return 0, fmt.Errorf("%q is no size: WIDTHxHEIGHT", text)
	}
	return int64(width)<<32 | int64(height), nil
}

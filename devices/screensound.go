package devices

import (
	"context"
	"io"
)

// Programs takes what the programs of this computer play. Each has a clock of its
// own. Its methods are called one at a time.
type Programs interface {
	// Play takes what a program plays next: stereo at SampleRate, left and right
	// in turn. It copies.
	Play(program uint32, samples []float32)
	// Ended says that a program plays no more; its number does not come again.
	Ended(program uint32)
}

// ScreenSoundOpener is a ScreenOpener that can also hear what the computer
// plays.
type ScreenSoundOpener interface {
	// CheckScreenSound tells whether that can be heard here; the error wraps
	// ErrNotFound where it can't. It may take a while.
	CheckScreenSound(ctx context.Context) error
	// OpenScreenSound gives to programs what the computer plays, what this process
	// plays left out, beside the screen or window of an ID. The made-up screen has
	// a made-up sound. lost is called once at most, when it ends by itself; after
	// Close nothing is called any more.
	OpenScreenSound(ctx context.Context, id string, programs Programs, lost func(error)) (io.Closer, error)
}

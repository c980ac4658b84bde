package app

import (
	"context"
	"runtime/debug"
	"time"
)

// startTakes is until what the start alone needed is given back: fonts,
// translations and pictures are read from more than is kept of them.
const startTakes = 10 * time.Second

// returnMemory gives the system back what the start needed and nothing does any
// more. By itself Go does so at the next collection, which comes when the program
// has grown by half.
func returnMemory(ctx context.Context) {
	select {
	case <-time.After(startTakes):
		debug.FreeOSMemory()
	case <-ctx.Done():
	}
}

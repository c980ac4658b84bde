package app

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"parley/app/pages"
)

// settled is until what a start, the begin or end of a call, or people who came or went
// needed for itself is given back: fonts, translations and pictures are read from more than
// is kept of them, decoders end, and code runs that is not needed again for long.
const settled = 10 * time.Second

// tidyEvery is how often that is done at least: a moment in which pictures wait for a busy
// machine takes more buffers than are needed for long.
const tidyEvery = 5 * time.Minute

// tidier gives the system back what something large needed and nothing does any more. By
// itself Go does so at the next collection, which comes when the program has grown by
// half, and the system when it has no other memory.
type tidier struct {
	again chan struct{}
	tidy  func()
}

func newTidier(log *slog.Logger) *tidier {
	return &tidier{again: make(chan struct{}, 1), tidy: func() {
		debug.FreeOSMemory()
		log.Debug("memory was given back", "file_bytes", pages.Return())
	}}
}

// soon says that something large just began or ended.
func (t *tidier) soon() {
	select {
	case t.again <- struct{}{}:
	default:
	}
}

// run tidies up when things have settled, and once more for what came meanwhile, until
// ctx is done. Where people come and go all the time it still does so, and now and then
// without a reason.
func (t *tidier) run(ctx context.Context) {
	wait := time.NewTimer(settled)
	defer wait.Stop()
	waiting, more := true, false
	for {
		select {
		case <-t.again:
			if waiting {
				more = true
			} else {
				wait.Reset(settled)
				waiting = true
			}
		case <-wait.C:
			t.tidy()
			if waiting = more; more {
				wait.Reset(settled)
			} else {
				wait.Reset(tidyEvery)
			}
			more = false
		case <-ctx.Done():
			return
		}
	}
}

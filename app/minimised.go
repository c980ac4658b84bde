package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

const (
	// minimisedEvery is how often it is looked whether the window is minimised: the
	// toolkit does not tell. Pictures cost that much longer than they are seen.
	minimisedEvery = time.Second
	// restoredEvery is how often it is looked whether it is back: who brings it back
	// sees pictures that much later.
	restoredEvery = 250 * time.Millisecond
)

// windowState tells of a window of the system. It is used on one goroutine.
type windowState interface {
	// minimised reports whether the window is nowhere to be seen.
	minimised() (bool, error)
	// front reports whether the window has the keyboard.
	front() (bool, error)
	// position is the upper left corner of the window's content.
	position() (x, y int, err error)
	close()
}

// watchMinimised tells hide, on the UI thread, when the window is minimised and
// when it is back, until the context ends. Where the system can't say, it is
// never minimised. moved is told, on this goroutine, where the window is while it is
// not minimised.
func watchMinimised(ctx context.Context, window fyne.Window, dispatch func(func()), hide func(hidden bool), moved func(windowPlace)) {
	native, ok := window.(driver.NativeWindow)
	if !ok {
		return
	}
	handles := make(chan any, 1)
	dispatch(func() {
		native.RunNative(func(context any) { handles <- context })
	})
	var state windowState
	select {
	case handle := <-handles:
		if state = stateOf(handle); state == nil {
			return
		}
	case <-ctx.Done():
		return
	}
	defer state.close()
	tick := time.NewTicker(minimisedEvery)
	defer tick.Stop()
	hidden := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now, err := state.minimised()
		if err != nil {
			now = false // the window is gone, or its server
		}
		if now != hidden {
			hidden = now
			dispatch(func() { hide(now) })
			if now {
				tick.Reset(restoredEvery)
			} else {
				tick.Reset(minimisedEvery)
			}
		}
		if err != nil {
			return
		}
		if x, y, err := state.position(); err == nil && !now {
			moved(windowPlace{X: x, Y: y})
		}
	}
}

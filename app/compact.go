package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"

	"parley/views/call"
)

// compactWindow is the small window of a call.
type compactWindow struct {
	window fyne.Window
	view   *call.Compact
	shown  bool
	main   windowState // of the window of the call; nil where the system tells nothing
}

// behindFor is for how long another window has to be in front: the keyboard goes
// from window to window by way of none.
const behindFor = 250 * time.Millisecond

// wentBehind is called when no window of this program is in front any more.
func (c *controller) wentBehind() {
	c.inFront = false
	if c.room == nil {
		return
	}
	c.work.Go(func() {
		select {
		case <-time.After(behindFor):
			c.dispatch(c.showCompact)
		case <-c.ctx.Done():
		}
	})
}

// showCompact shows the small window, where the call is still behind another.
func (c *controller) showCompact() {
	if c.room == nil || c.room.view == nil || c.preferences.CompactOff || c.quits || c.inFront {
		return
	}
	if c.compact == nil {
		c.openCompact()
	}
	if c.compact.shown {
		return
	}
	c.compact.shown = true
	c.room.paint()
	c.compact.view.Show()
	shown := func(context.Context, any) {}
	runNative(c.window, func(native any) { shown = keepFocus(native) }) // who writes elsewhere writes on
	c.compact.window.Show()
	runNative(c.compact.window, func(native any) {
		c.work.Go(func() { shown(c.ctx, native) })
		c.work.Go(func() { keepAbove(c.ctx, native) })
	})
}

// cameInFront is called when a window of this program is in front.
func (c *controller) cameInFront() {
	if c.compact != nil && c.compact.shown && !c.callInFront() {
		return // it is the small one
	}
	c.inFront = true
	c.hideCompact()
	c.looked()
}

// callInFront reports whether it is the window of the call. Where the system does not
// tell, the small one counts as in front while the mouse is on it.
func (c *controller) callInFront() bool {
	if c.compact.main != nil {
		if front, err := c.compact.main.front(); err == nil {
			return front
		}
	}
	return !c.compact.view.Over()
}

// runNative gives the system's window to f, where the toolkit has it.
func runNative(w fyne.Window, f func(native any)) {
	if native, ok := w.(driver.NativeWindow); ok {
		native.RunNative(f)
	}
}

func (c *controller) openCompact() {
	w := c.app.NewWindow(c.room.id)
	view := call.NewCompact(w.Canvas(), c.loc, call.CompactActions{
		ToggleMicrophone: func() { c.setMicrophone(!c.microphoneOn) },
		ToggleCamera:     func() { c.setCamera(!c.cameraOn) },
		Leave: func() {
			c.back() // there may be a question
			c.leaveRoom(func() {})
		},
		Back: c.back,
	})
	w.SetPadded(false)
	w.SetContent(view.CanvasObject())
	size := view.MinSize()
	w.Resize(size)
	if above, is := w.(desktop.Window); is {
		withoutFocus() // who writes elsewhere writes on
		above.RequestAlwaysOnTop()
		if x, y, ok := compactPlace(size); ok && !putBack(w, c.preferences.SmallPlace, size) {
			above.RequestPosition(x, y)
		}
	}
	w.SetCloseIntercept(c.hideCompact)
	c.compact = &compactWindow{window: w, view: view}
	runNative(c.window, func(native any) { c.compact.main = stateOf(native) })
}

// back brings the window of the call to the front.
func (c *controller) back() {
	c.inFront = true
	c.hideCompact()
	c.looked()
	if c.outOfSight {
		restore(c.window)
	}
	c.window.RequestFocus()
}

// hideCompact hides it until a window is in front again.
func (c *controller) hideCompact() {
	if c.compact == nil || !c.compact.shown {
		return
	}
	c.compact.shown = false
	c.preferences.SmallPlace = placeOf(c.compact.window)
	c.compact.view.Hide()
	c.compact.window.Hide()
}

// closeCompact is for the end of the call.
func (c *controller) closeCompact() {
	if c.compact == nil {
		return
	}
	c.hideCompact()
	if c.compact.main != nil {
		c.compact.main.close()
	}
	c.compact.view.Close()
	c.compact.window.SetCloseIntercept(nil)
	c.compact.window.Close()
	c.compact = nil
}

func (c *controller) updateCompact(s call.State) {
	if c.compact != nil && c.compact.shown {
		c.compact.view.Update(s)
	}
}

// hidden is told whether the window is minimised.
func (c *controller) hidden(minimised bool) {
	c.outOfSight = minimised
	c.presenter.Hide(c.window.Canvas(), minimised)
}

package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"parley/views/keys"
)

// holdToTalk listens for the key, which the window tells only to the desktop.
func (c *controller) holdToTalk() {
	canvas, ok := c.window.Canvas().(desktop.Canvas)
	if !ok {
		return
	}
	canvas.SetOnKeyDown(func(e *fyne.KeyEvent) {
		if e.Name == keys.Hold {
			c.hold(true)
		}
	})
	canvas.SetOnKeyUp(func(e *fyne.KeyEvent) {
		if e.Name == keys.Hold {
			c.hold(false)
		}
	})
	// The end of a press is told to the window in front.
	c.app.Lifecycle().SetOnExitedForeground(func() {
		c.dispatch(func() {
			c.hold(false)
			c.wentBehind()
		})
	})
	c.app.Lifecycle().SetOnEnteredForeground(func() { c.dispatch(c.cameInFront) })
}

// hold turns the microphone the other way round for as long as the key is down.
// What has the focus gets the key for itself.
func (c *controller) hold(down bool) {
	switch {
	case down == c.held:
	case !down:
		c.held = false
		if c.room != nil {
			c.setMicrophone(c.heldFrom)
		}
	case c.room != nil && c.page == nil && c.window.Canvas().Focused() == nil:
		was := c.microphoneOn
		c.setMicrophone(!was)
		c.held, c.heldFrom = true, was
	}
}

package app

// toggleFullScreen has the call take all of the screen, or its window again.
func (c *controller) toggleFullScreen() {
	if c.room == nil {
		return
	}
	c.window.SetFullScreen(!c.window.FullScreen())
	c.room.show()
}

// leaveFullScreen is for what is no call.
func (c *controller) leaveFullScreen() {
	if !c.window.FullScreen() {
		return
	}
	c.window.SetFullScreen(false)
	if c.room != nil {
		c.room.show()
	}
}

package app

import "parley/views/call"

// layout is how the stage shows people, as it was chosen last.
func (c *controller) layout() call.Layout {
	if c.preferences.SpeakerLayout {
		return call.LayoutSpeaker
	}
	return call.LayoutGrid
}

// setLayout changes it, now and at the next start.
func (c *controller) setLayout(l call.Layout) {
	c.preferences.SpeakerLayout = l == call.LayoutSpeaker
	c.save()
	if c.room != nil {
		c.room.show()
	}
}

package app

import "strconv"

// messageCame counts a message of somebody else that is not looked at.
func (c *controller) messageCame() {
	if c.looking() {
		return
	}
	c.unseen++
	c.showUnseen()
}

// looking reports whether all messages there are can be seen.
func (c *controller) looking() bool { return c.room == nil || c.room.chatOpen && c.inFront }

// looked is called when the chat may have come into view: what waited is seen.
func (c *controller) looked() {
	if c.unseen == 0 || !c.looking() {
		return
	}
	c.unseen = 0
	c.showUnseen()
}

func (c *controller) showUnseen() {
	c.showTitle()
	c.updateTray()
}

// counted puts the count of unread messages before a title.
func (c *controller) counted(title string) string {
	if c.unseen == 0 {
		return title
	}
	return "(" + strconv.Itoa(c.unseen) + ") " + title
}

//go:build !windows

package app

import "fyne.io/fyne/v2"

// systemNotifications are shown by the toolkit.
func systemNotifications(c *controller) func(*fyne.Notification) { return c.app.SendNotification }

//go:build !windows

package app

import "fyne.io/fyne/v2"

// restore brings back a minimised window.
func restore(window fyne.Window) { window.Show() }

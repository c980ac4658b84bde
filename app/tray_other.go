//go:build !linux

package app

// hasTray reports whether the desktop has a place for tray icons.
func hasTray() bool { return true }

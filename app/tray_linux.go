package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

// hasTray reports whether the desktop has a place for tray icons: somebody watches
// for them (StatusNotifierItem). Where nobody does, the toolkit would make a window
// and a connection for nothing.
func hasTray() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		// Without either, the library would start a bus of its own.
		if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil || os.Getenv("XDG_RUNTIME_DIR") == "" {
			return false
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond) // the window waits for it
	defer cancel()
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer conn.Close()
	var there bool
	err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, "org.kde.StatusNotifierWatcher").Store(&there)
	return err == nil && there
}

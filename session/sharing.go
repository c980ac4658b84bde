package session

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"parley/devices"
	"parley/session/media"
)

// screenFormat is what is asked of a screen: text has to be sharp, and need not
// move fast.
func screenFormat() devices.ScreenFormat {
	return devices.ScreenFormat{MaxWidth: 1920, MaxHeight: 1080, FrameRate: 15}
}

// screenPart is what the screen takes of the line for pictures, beside a camera.
const screenPart = 0.7

// SharingEnded fires when a shared screen or window is gone.
type SharingEnded struct{ Err error }

func (SharingEnded) event() {}

// ListScreens tells which screens and windows could be shared. It may take a
// while. Where there is no way to share any, the error wraps
// devices.ErrNotFound or devices.ErrWayland.
func (e *Engine) ListScreens(ctx context.Context) ([]devices.ScreenSource, error) {
	opener, ok := e.profile.Devices.(devices.ScreenOpener)
	if !ok {
		return nil, fmt.Errorf("list screens: %w", devices.ErrNotFound)
	}
	return opener.ListScreens(ctx)
}

// StartSharing publishes a screen or a window, by its ID, as a stream of its own
// beside the other. Where the desktop asks what it shall be, this waits for the
// answer, and devices.ErrNotChosen says that it was none. Sharing before a login, or
// while something is shared, is ErrState. How it goes on comes as
// PublisherStateChanged of ScreenStreamID.
func (e *Engine) StartSharing(ctx context.Context, id string) error {
	opener, ok := e.profile.Devices.(devices.ScreenOpener)
	if !ok {
		return fmt.Errorf("share %s: %w", id, devices.ErrNotFound)
	}
	source, err := opener.OpenScreen(ctx, id, screenFormat())
	if err != nil {
		return fmt.Errorf("share %s: %w", id, err)
	}
	err = e.call(func() error {
		l := e.login
		if l == nil || l.sharing == nil {
			return fmt.Errorf("share %s: not logged in: %w", id, ErrState)
		}
		if err := l.sharing.start(ScreenStreamID(l.user.ID), Sources{Screen: true}); err != nil {
			return err
		}
		e.screen.begin(source, func(err error) { e.post(func() { e.sharingLost(l, err) }) }, e.spawn)
		return nil
	})
	if err != nil {
		_ = source.Close()
	}
	return err
}

// ScreenStreamID is the stream of a user's shared screen.
func ScreenStreamID(userID string) string { return userID + screenSuffix }

// StopSharing ends what StartSharing began. Without that it is ErrState.
func (e *Engine) StopSharing() error {
	return e.call(func() error {
		if e.login == nil || e.login.sharing == nil {
			return fmt.Errorf("stop sharing: not logged in: %w", ErrState)
		}
		err := e.login.sharing.end()
		e.screen.end(e.spawn)
		return err
	})
}

// sharingLost is told, on the loop, that what is shared is gone.
func (e *Engine) sharingLost(l *login, err error) {
	if e.login != l || !e.screen.active() {
		return
	}
	if stopped := l.sharing.end(); stopped != nil && !errors.Is(stopped, ErrState) {
		e.log.Warn("sharing was not ended", "error", stopped)
	}
	e.screen.end(e.spawn)
	e.events.post(SharingEnded{Err: err})
}

// screenDesk holds the screen that is shared. It is a pictureSource.
type screenDesk struct {
	mu     sync.Mutex
	camera *media.Camera // nil while nothing is shared
	layers []media.Layer
	demand *media.Demand
	sound  soundDesk // beside it
}

// begin encodes a screen, which it owns from now on.
func (d *screenDesk) begin(source devices.VideoSource, lost func(error), spawn func(func())) {
	d.end(spawn)
	d.mu.Lock()
	defer d.mu.Unlock()
	// On the camera's own goroutine, which Close waits for.
	d.camera = media.NewCamera(source, true, func(err error) { spawn(func() { lost(err) }) })
	d.camera.SendTo(d.layers, d.demand)
}

// end frees the screen, and its sound; that is done on a goroutine of its own, for it may wait.
func (d *screenDesk) end(spawn func(func())) {
	d.sound.end(spawn)
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.camera; c != nil {
		d.camera = nil
		spawn(func() { _ = c.Close() })
	}
}

func (d *screenDesk) sendTo(layers []media.Layer, demand *media.Demand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.layers, d.demand = layers, demand
	if d.camera != nil {
		d.camera.SendTo(layers, demand)
	}
}

func (d *screenDesk) active() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.camera != nil
}

func (d *screenDesk) stats() media.CameraStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.camera == nil {
		return media.CameraStats{}
	}
	return d.camera.Stats()
}

package sound

import (
	"fmt"

	"github.com/gen2brain/malgo"

	"parley/devices"
)

// connection is one to the system's sound. It is freed when nothing uses it any
// more; Sound.mu guards it.
type connection struct {
	ctx  *malgo.AllocatedContext
	used int  // devices that are open, those included that could not be closed
	left bool // nothing is opened in it any more
}

// device is one of a connection.
type device struct {
	*malgo.Device
	of *connection
}

func connect() (*connection, error) {
	ctx, err := malgo.InitContext(backends(), malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("connect to the system's sound: %w: %w", devices.ErrNotFound, err)
	}
	return &connection{ctx: ctx}, nil
}

// leave frees the connection when its last device is closed.
func (c *connection) leave() error {
	c.left = true
	return c.free()
}

// closed is told that a device was closed.
func (c *connection) closed() error {
	c.used--
	return c.free()
}

func (c *connection) free() error {
	if !c.left || c.used > 0 || c.ctx == nil {
		return nil
	}
	err := c.ctx.Uninit()
	c.ctx.Free()
	c.ctx = nil
	return err
}

package sound

import (
	"errors"
	"fmt"

	"github.com/gen2brain/malgo"

	"parley/devices"
)

// connection is one to the system's sound. It is freed when nothing uses it any
// more; Sound.mu guards it.
type connection struct {
	ctx     *malgo.AllocatedContext
	backend malgo.Backend
	used    int  // devices that are open, those included that could not be closed
	left    bool // nothing is opened in it any more
}

// device is one of a connection.
type device struct {
	*malgo.Device
	of *connection
}

func connect() (*connection, error) {
	var failures error
	for _, backend := range backends() { // one by one, since the library does not tell which it took
		ctx, err := malgo.InitContext([]malgo.Backend{backend}, malgo.ContextConfig{}, nil)
		if err == nil {
			return &connection{ctx: ctx, backend: backend}, nil
		}
		failures = errors.Join(failures, err)
	}
	return nil, fmt.Errorf("connect to the system's sound: %w: %w", devices.ErrNotFound, failures)
}

// buffer says how much waits in a speaker, and is heard later for it.
func (c *connection) buffer(config *malgo.DeviceConfig) {
	config.Periods = 2
	// What is asked for is rendered, and not a whole period of which the rest waits: that
	// would be late, and yet not be there when the program is.
	config.NoFixedSizedCallback = 1
	if c.backend == malgo.BackendPulseaudio {
		// The library has the server keep one period filled, whatever the number of periods.
		config.PeriodSizeInFrames *= 2
	}
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

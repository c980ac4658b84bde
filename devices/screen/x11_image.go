//go:build linux

package screen

import (
	"fmt"

	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"

	"parley/devices"
)

// copier copies pictures out of the X server: through shared memory where
// that works, else over the connection.
type copier struct {
	s       *server
	segment shm.Seg
	memory  []byte // nil until a segment is shared
}

const allPlanes = 0xffffffff

// take copies a rectangle of a window or pixmap. What it returns is
// overwritten by the next call.
func (c *copier) take(from xproto.Drawable, depth byte, x, y, width, height int) (*picture, error) {
	if int(depth) >= len(c.s.depths) || !c.s.depths[depth] {
		return nil, fmt.Errorf("its colours have %d bits, and only 24 can be shared: %w", depth, devices.ErrFormat)
	}
	if width <= 0 || height <= 0 || width > sideMax || height > sideMax {
		return nil, fmt.Errorf("it has %dx%d pixels, and at most %d a side can be shared: %w", width, height, sideMax, devices.ErrFormat)
	}
	p := &picture{stride: width * pixelBytes, width: width, height: height}
	size := width * height * pixelBytes
	if c.share(size) {
		_, err := shm.GetImage(c.s.conn, from, int16(x), int16(y), uint16(width), uint16(height), allPlanes, xproto.ImageFormatZPixmap, c.segment, 0).Reply()
		if err != nil {
			return nil, err
		}
		p.pix = c.memory[:size]
		return p, nil
	}
	reply, err := xproto.GetImage(c.s.conn, xproto.ImageFormatZPixmap, from, int16(x), int16(y), uint16(width), uint16(height), allPlanes).Reply()
	if err != nil {
		return nil, err
	}
	if len(reply.Data) < size {
		return nil, fmt.Errorf("the X server sent %d of %d bytes: %w", len(reply.Data), size, devices.ErrFormat)
	}
	p.pix = reply.Data
	return p, nil
}

// share makes a segment of at least size bytes. Where that fails it is not
// tried again.
func (c *copier) share(size int) bool {
	if !c.s.shared || len(c.memory) >= size {
		return c.s.shared
	}
	c.close()
	c.s.shared = c.attach(size) == nil
	return c.s.shared
}

func (c *copier) attach(size int) error {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, size, unix.IPC_CREAT|0o600)
	if err != nil {
		return err
	}
	// Marked for removal once both sides have it, it does not outlive them,
	// whatever way they end.
	defer func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) }()
	memory, err := unix.SysvShmAttach(id, 0, 0)
	if err != nil {
		return err
	}
	if c.segment == 0 {
		if c.segment, err = shm.NewSegId(c.s.conn); err != nil {
			_ = unix.SysvShmDetach(memory)
			return err
		}
	}
	if err := shm.AttachChecked(c.s.conn, c.segment, uint32(id), false).Check(); err != nil {
		_ = unix.SysvShmDetach(memory)
		return err
	}
	c.memory = memory
	return nil
}

// close gives the memory back; pictures that were taken are gone with it.
func (c *copier) close() {
	if c.memory == nil {
		return
	}
	_ = shm.DetachChecked(c.s.conn, c.segment).Check() // fails only with the connection
	_ = unix.SysvShmDetach(c.memory)
	c.memory = nil
}

//go:build !(linux && pipewire && cgo)

package pipewire

// Stream is never there.
type Stream struct{}

// Available fails with ErrNotBuilt.
func Available() error { return ErrNotBuilt }

// Open fails with ErrNotBuilt.
func Open(int, uint32, int) (*Stream, error) { return nil, ErrNotBuilt }

// Take is not called.
func (*Stream) Take() (pix []byte, width, height int, err error) { return nil, 0, 0, ErrNotBuilt }

// Close does nothing.
func (*Stream) Close() {}

// Package pipewire takes the pictures of a screen that the desktop portal grants.
//
// Building it takes the headers of libpipewire-0.3, which the tag pipewire says are
// there. The library itself is loaded when it is first needed: a system without it
// runs everything else.
package pipewire

import "errors"

var (
	// ErrMissing means that there is no PipeWire library on this system.
	ErrMissing = errors.New("the library libpipewire-0.3.so.0 can't be loaded")
	// ErrNotBuilt means that Parley was built where there were no headers of it.
	ErrNotBuilt = errors.New("this Parley was built without PipeWire")
	// ErrEnded means that a stream gives no more pictures.
	ErrEnded = errors.New("the stream of pictures ended")
)

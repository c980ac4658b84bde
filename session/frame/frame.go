// Package frame lends the picture type of devices to those who may not import
// devices: the views draw frames and know nothing of cameras.
package frame

import "parley/devices"

// Frame is one I420 picture; see devices.Frame for who holds it and how long.
type Frame = devices.Frame

// Pool recycles frames; see devices.FramePool.
type Pool = devices.FramePool

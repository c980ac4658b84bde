package session

import (
	"context"
	"sync/atomic"

	"parley/devices"
	"parley/session/media"
)

// captureFormat is what is asked of a camera.
func captureFormat() devices.VideoFormat {
	return devices.VideoFormat{Width: 1280, Height: 720, FrameRate: 30}
}

// cameraDesk holds the camera.
type cameraDesk struct {
	desk[media.Camera]
	enabled atomic.Bool

	// Owned by the desk's lock.
	sink   media.VideoSink
	looked bool // open for the preview, also while nothing is sent
	layers []media.Layer
	demand *media.Demand
}

func newCameraDesk(opener devices.Opener, care deviceCare, post func(Event), spawn func(func())) *cameraDesk {
	d := &cameraDesk{}
	d.desk = desk[media.Camera]{
		kind: devices.Camera, opener: opener, post: post, care: care,
		open: func(ctx context.Context, name string) (*media.Camera, error) {
			source, err := opener.OpenCamera(ctx, name, captureFormat())
			if err != nil {
				return nil, err
			}
			var camera *media.Camera
			ready := make(chan struct{})
			camera = media.NewCamera(source, false, func(err error) {
				// On the camera's own goroutine, which Close waits for.
				spawn(func() {
					<-ready
					d.lost(camera, err)
				})
			})
			close(ready)
			return camera, nil
		},
		opened: func(c *media.Camera) {
			c.Preview(d.sink)
			d.send(c)
		},
		shutDown: func(c *media.Camera) { _ = c.Close() },
		progress: func(c *media.Camera) int64 { return c.Captured() },
		wanted: func() bool {
			return d.enabled.Load() && (d.sink != nil || d.layers != nil) || d.looked && d.sink != nil
		},
		gaveUp: func() { d.enabled.Store(false) },
	}
	return d
}

// send gives an open camera what it is to send: nothing while it is off, though
// it may be looked at.
func (d *cameraDesk) send(c *media.Camera) {
	if d.enabled.Load() {
		c.SendTo(d.layers, d.demand)
	} else {
		c.SendTo(nil, nil)
	}
}

func (d *cameraDesk) enable(on bool) {
	d.change(func() {
		was := d.enabled.Swap(on)
		d.failed = false
		if c := d.current.Load(); c != nil && was != on {
			d.send(c) // it was open for the preview, or stays so
			if on {
				d.tell(nil)
			}
		}
	})
}

// lookAt keeps the camera open for the preview.
func (d *cameraDesk) lookAt(on bool) {
	d.change(func() { d.looked, d.failed = on, false })
}

func (d *cameraDesk) preview(sink media.VideoSink) {
	d.change(func() {
		d.sink = sink
		if c := d.current.Load(); c != nil {
			c.Preview(sink)
		}
	})
}

// sendTo sends the picture in layers, or ends that with none.
func (d *cameraDesk) sendTo(layers []media.Layer, demand *media.Demand) {
	d.change(func() {
		d.layers, d.demand = layers, demand
		if c := d.current.Load(); c != nil {
			d.send(c)
		}
	})
}

// active reports whether pictures are captured.
func (d *cameraDesk) active() bool { return d.enabled.Load() && d.current.Load() != nil }

func (d *cameraDesk) stats() media.CameraStats {
	if c := d.current.Load(); c != nil {
		return c.Stats()
	}
	return media.CameraStats{}
}

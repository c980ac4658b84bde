package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices"
	"parley/session/media"
)

// A desk holds one kind of device: which is chosen, whether it is wanted, and
// the open one. Calls to it are serialized by its lock and may take as long as
// a device does to open.

const (
	openTimeout   = 10 * time.Second
	cameraBitrate = 800_000 // bits a second, for 640x360 at 30
)

// captureFormat is what is asked of a camera.
func captureFormat() devices.VideoFormat {
	return devices.VideoFormat{Width: 640, Height: 360, FrameRate: 30}
}

type cameraDesk struct {
	opener devices.Opener
	post   func(Event)
	spawn  func(func())

	enabled atomic.Bool
	device  atomic.Pointer[media.Camera] // changed under mu only

	mu     sync.Mutex
	name   string
	sink   media.VideoSink
	writer media.SampleWriter
	closed bool
}

func newCameraDesk(opener devices.Opener, post func(Event), spawn func(func())) *cameraDesk {
	return &cameraDesk{opener: opener, post: post, spawn: spawn}
}

func (d *cameraDesk) use(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.name != name {
		d.name = name
		d.shut()
		d.settle()
	}
}

func (d *cameraDesk) enable(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enabled.Store(on)
	d.settle()
}

func (d *cameraDesk) preview(sink media.VideoSink) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sink = sink
	if c := d.device.Load(); c != nil {
		c.Preview(sink)
	}
	d.settle()
}

// sendTo directs the encoded picture to w, or ends that with nil.
func (d *cameraDesk) sendTo(w media.SampleWriter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writer = w
	if c := d.device.Load(); c != nil {
		c.SendTo(w)
	}
	d.settle()
}

// active reports whether pictures are captured.
func (d *cameraDesk) active() bool { return d.enabled.Load() && d.device.Load() != nil }

func (d *cameraDesk) requestKeyFrame() {
	if c := d.device.Load(); c != nil {
		c.RequestKeyFrame()
	}
}

func (d *cameraDesk) stats() media.CameraStats {
	if c := d.device.Load(); c != nil {
		return c.Stats()
	}
	return media.CameraStats{}
}

// settle opens or closes the camera, whichever the wishes ask for.
func (d *cameraDesk) settle() {
	wanted := d.enabled.Load() && (d.sink != nil || d.writer != nil) && !d.closed
	switch {
	case wanted && d.device.Load() == nil:
		ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
		defer cancel()
		source, err := d.opener.OpenCamera(ctx, d.name, captureFormat())
		if err != nil {
			d.enabled.Store(false)
			d.post(DeviceChanged{Kind: devices.Camera, Name: d.name, Err: err})
			return
		}
		var camera *media.Camera
		ready := make(chan struct{})
		camera = media.NewCamera(source, cameraBitrate, func(err error) {
			// On the camera's own goroutine, which Close waits for.
			d.spawn(func() {
				<-ready
				d.lost(camera, err)
			})
		})
		close(ready)
		camera.Preview(d.sink)
		camera.SendTo(d.writer)
		d.device.Store(camera)
		d.post(DeviceChanged{Kind: devices.Camera, Name: d.name, Open: true})
	case !wanted && d.device.Load() != nil:
		d.shut()
		d.post(DeviceChanged{Kind: devices.Camera, Name: d.name})
	}
}

func (d *cameraDesk) shut() {
	if c := d.device.Swap(nil); c != nil {
		_ = c.Close()
	}
}

// lost is told of a camera that ended by itself.
func (d *cameraDesk) lost(camera *media.Camera, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.device.Load() != camera {
		return
	}
	d.shut()
	d.enabled.Store(false)
	d.post(DeviceChanged{Kind: devices.Camera, Name: d.name, Err: err})
}

func (d *cameraDesk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.shut()
}

type microphoneDesk struct {
	opener devices.Opener
	post   func(Event)
	spawn  func(func())

	muted  atomic.Bool
	device atomic.Pointer[media.Microphone] // changed under mu only

	mu        sync.Mutex
	name      string
	monitored bool
	writer    media.SampleWriter
	listener  func([]float32)
	failed    bool // until the choice or the wish changes
	closed    bool
}

func newMicrophoneDesk(opener devices.Opener, post func(Event), spawn func(func())) *microphoneDesk {
	return &microphoneDesk{opener: opener, post: post, spawn: spawn}
}

func (d *microphoneDesk) use(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.name != name {
		d.name, d.failed = name, false
		d.shut()
		d.settle()
	}
}

// mute does not wait for a device that is just being opened: the gate has to
// shut now.
func (d *microphoneDesk) mute(on bool) {
	d.muted.Store(on)
	if m := d.device.Load(); m != nil {
		m.SetMuted(on)
		return
	}
	if on {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = false
	d.settle()
}

func (d *microphoneDesk) monitor(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.monitored, d.failed = on, false
	d.settle()
}

func (d *microphoneDesk) sendTo(w media.SampleWriter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writer = w
	if m := d.device.Load(); m != nil {
		m.SendTo(w)
	}
	d.settle()
}

// listen gives what is captured to f, and keeps the device open for it.
func (d *microphoneDesk) listen(f func([]float32)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listener = f
	if f != nil {
		d.failed = false
	}
	if m := d.device.Load(); m != nil {
		m.Listen(f)
	}
	d.settle()
}

// sounding reports whether sound leaves: a microphone is open and not muted.
func (d *microphoneDesk) sounding() bool { return !d.muted.Load() && d.device.Load() != nil }

func (d *microphoneDesk) open() bool { return d.device.Load() != nil }

func (d *microphoneDesk) level() int {
	if m := d.device.Load(); m != nil {
		return m.Level()
	}
	return 0
}

// bytes counts what was encoded.
func (d *microphoneDesk) bytes() int64 {
	if m := d.device.Load(); m != nil {
		return m.Bytes()
	}
	return 0
}

func (d *microphoneDesk) settle() {
	wanted := (d.monitored || d.writer != nil || d.listener != nil) && !d.closed && !d.failed
	switch {
	case wanted && d.device.Load() == nil:
		ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
		defer cancel()
		source, err := d.opener.OpenMicrophone(ctx, d.name)
		if err != nil {
			d.failed = true
			d.post(DeviceChanged{Kind: devices.Microphone, Name: d.name, Err: err})
			return
		}
		var m *media.Microphone
		ready := make(chan struct{})
		m, err = media.NewMicrophone(source, d.muted.Load(), func(err error) {
			d.spawn(func() {
				<-ready
				d.lost(m, err)
			})
		})
		close(ready)
		if err != nil {
			_ = source.Close()
			d.failed = true
			d.post(DeviceChanged{Kind: devices.Microphone, Name: d.name, Err: err})
			return
		}
		d.device.Store(m)
		m.SetMuted(d.muted.Load()) // mute may have come while it opened
		m.SendTo(d.writer)
		m.Listen(d.listener)
		d.post(DeviceChanged{Kind: devices.Microphone, Name: d.name, Open: true})
	case !wanted && d.device.Load() != nil:
		d.shut()
		d.post(DeviceChanged{Kind: devices.Microphone, Name: d.name})
	}
}

func (d *microphoneDesk) shut() {
	if m := d.device.Swap(nil); m != nil {
		_ = m.Close()
	}
}

func (d *microphoneDesk) lost(m *media.Microphone, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.device.Load() != m {
		return
	}
	d.shut()
	d.failed = true
	d.post(DeviceChanged{Kind: devices.Microphone, Name: d.name, Err: err})
}

func (d *microphoneDesk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.shut()
}

type speakerDesk struct {
	opener devices.Opener
	render devices.Render
	post   func(Event)

	mu     sync.Mutex
	name   string
	wanted bool
	output devices.AudioOutput
}

func newSpeakerDesk(opener devices.Opener, render devices.Render, post func(Event)) *speakerDesk {
	return &speakerDesk{opener: opener, render: render, post: post}
}

func (d *speakerDesk) use(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.name != name {
		d.name = name
		d.shut()
		d.settle()
	}
}

// want opens the speaker for a call, or closes it after one.
func (d *speakerDesk) want(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = on
	d.settle()
}

func (d *speakerDesk) settle() {
	switch {
	case d.wanted && d.output == nil:
		ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
		defer cancel()
		output, err := d.opener.OpenSpeaker(ctx, d.name, d.render)
		if err != nil {
			d.post(DeviceChanged{Kind: devices.Speaker, Name: d.name, Err: err})
			return
		}
		d.output = output
		d.post(DeviceChanged{Kind: devices.Speaker, Name: d.name, Open: true})
	case !d.wanted && d.output != nil:
		d.shut()
		d.post(DeviceChanged{Kind: devices.Speaker, Name: d.name})
	}
}

func (d *speakerDesk) shut() {
	if d.output != nil {
		_ = d.output.Close()
		d.output = nil
	}
}

func (d *speakerDesk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = false
	d.shut()
}

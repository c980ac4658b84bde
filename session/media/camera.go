package media

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices"
	"parley/session/media/vpx"
)

// ErrNoPicture is what a camera reports when its source ended.
var ErrNoPicture = errors.New("the camera delivers no picture")

// Camera captures from one source, shows a preview, and encodes for one
// writer. What nobody takes is not encoded.
type Camera struct {
	source  devices.VideoSource
	cancel  context.CancelFunc
	done    chan struct{}
	onError func(error)

	keyFrame atomic.Bool
	bitrate  atomic.Int64
	frames   atomic.Int64 // encoded
	bytes    atomic.Int64
	size     atomic.Int64 // width<<32 | height of the last frame
	captured atomic.Int64 // frames

	mu      sync.Mutex
	preview VideoSink
	writer  SampleWriter
}

// NewCamera starts capturing; it owns the source from now on. bitrate is in
// bits a second. onError is called at most once, when the source ends by
// itself or its pictures can't be encoded.
func NewCamera(source devices.VideoSource, bitrate int, onError func(error)) *Camera {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Camera{source: source, cancel: cancel, done: make(chan struct{}), onError: onError}
	c.bitrate.Store(int64(bitrate))
	go c.run(ctx)
	return c
}

// Preview shows every captured frame, marked as mirrored, to sink; nil stops it.
func (c *Camera) Preview(sink VideoSink) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.preview = sink
}

// SendTo directs the encoded picture, beginning with a key frame; nil stops
// it. When it returns, the former writer is not called any more.
func (c *Camera) SendTo(w SampleWriter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writer = w
	c.keyFrame.Store(true)
}

// RequestKeyFrame makes the next encoded frame a key frame.
func (c *Camera) RequestKeyFrame() { c.keyFrame.Store(true) }

// SetBitrate changes the target, in bits a second.
func (c *Camera) SetBitrate(bitrate int) { c.bitrate.Store(int64(bitrate)) }

// Captured counts the frames that the source gave.
func (c *Camera) Captured() int64 { return c.captured.Load() }

// CameraStats is what a camera sent so far.
type CameraStats struct {
	Width, Height int
	Frames, Bytes int64
}

// Stats may be called on any goroutine.
func (c *Camera) Stats() CameraStats {
	size := c.size.Load()
	return CameraStats{Width: int(size >> 32), Height: int(size & 0xffffffff), Frames: c.frames.Load(), Bytes: c.bytes.Load()}
}

// Close ends the capture and waits for it.
func (c *Camera) Close() error {
	c.cancel()
	err := c.source.Close()
	<-c.done
	return err
}

func (c *Camera) run(ctx context.Context) {
	defer close(c.done)
	var e cameraEncoder
	defer e.close()
	var clock sourceClock
	for {
		f, err := c.source.ReadFrame(ctx)
		if err != nil {
			if ctx.Err() == nil {
				c.onError(err)
			}
			return
		}
		c.size.Store(int64(f.Width)<<32 | int64(f.Height))
		c.captured.Add(1)
		err = c.deliver(&e, f, clock.at(f.Timestamp))
		f.Release()
		if err != nil {
			c.onError(err)
			return
		}
	}
}

func (c *Camera) deliver(e *cameraEncoder, f *devices.Frame, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.Mirrored = c.preview != nil
	if c.preview != nil {
		c.preview.Show(f)
	}
	if c.writer == nil {
		return nil
	}
	if err := e.fit(f, int(c.bitrate.Load())); err != nil {
		return err
	}
	data, isKey, err := e.encoder.Encode(f, c.keyFrame.Swap(false))
	if err != nil || len(data) == 0 {
		return err
	}
	c.frames.Add(1)
	c.bytes.Add(int64(len(data)))
	// A failed write means that the track is just ending; the session knows.
	_ = c.writer(Sample{Data: data, Timestamp: at, Duration: time.Second / 30, KeyFrame: isKey})
	return nil
}

// cameraEncoder is an encoder that follows the size of the pictures.
type cameraEncoder struct {
	encoder       *vpx.Encoder
	width, height int
	bitrate       int
}

func (e *cameraEncoder) fit(f *devices.Frame, bitrate int) error {
	if e.encoder == nil || e.width != f.Width || e.height != f.Height {
		e.close()
		encoder, err := vpx.NewEncoder(vpx.EncoderConfig{Width: f.Width, Height: f.Height, FrameRate: 30, Bitrate: bitrate})
		if err != nil {
			return err
		}
		e.encoder, e.width, e.height, e.bitrate = encoder, f.Width, f.Height, bitrate
	}
	if e.bitrate != bitrate {
		e.bitrate = bitrate
		return e.encoder.SetBitrate(bitrate)
	}
	return nil
}

func (e *cameraEncoder) close() {
	if e.encoder != nil {
		_ = e.encoder.Close()
		e.encoder = nil
	}
}

// sourceClock maps a source's own clock to the wall's.
type sourceClock struct{ zero time.Time }

func (c *sourceClock) at(timestamp time.Duration) time.Time {
	now := time.Now()
	if at := c.zero.Add(timestamp); !c.zero.IsZero() && at.Sub(now).Abs() < time.Second {
		return at
	}
	c.zero = now.Add(-timestamp) // the first frame, or the source's clock jumped
	return now
}

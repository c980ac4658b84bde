package media

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices"
)

// ErrNoPicture is what a camera reports when its source ended.
var ErrNoPicture = errors.New("the camera delivers no picture")

// Camera captures from one source, shows a preview, and encodes in layers. What
// nobody takes is not encoded.
type Camera struct {
	source  devices.VideoSource
	screen  bool
	cancel  context.CancelFunc
	done    chan struct{}
	onError func(error)

	size     atomic.Int64 // width<<32 | height of the last frame
	captured atomic.Int64 // frames

	frames, bytes atomic.Int64 // of what SendTo ended

	mu      sync.Mutex // held while a picture is encoded
	preview VideoSink
	sending atomic.Pointer[simulcast] // nil while nothing is sent; changed under mu
}

// NewCamera starts capturing; it owns the source from now on. screen is set for
// pictures of text. onError is called at most once, when the source ends by itself
// or its pictures can't be encoded.
func NewCamera(source devices.VideoSource, screen bool, onError func(error)) *Camera {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Camera{source: source, screen: screen, cancel: cancel, done: make(chan struct{}), onError: onError}
	go c.run(ctx)
	return c
}

// Preview shows every captured frame, marked as mirrored unless it is of a screen,
// to sink; nil stops it.
func (c *Camera) Preview(sink VideoSink) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.preview = sink
}

// SendTo encodes in layers, from the smallest, as far as demand asks for them, each
// beginning with a key frame; none stops it. When it returns, the former writers
// are not called any more.
func (c *Camera) SendTo(layers []Layer, demand *Demand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var next *simulcast
	if len(layers) > 0 {
		next = newSimulcast(layers, demand, c.screen)
	}
	if s := c.sending.Swap(next); s != nil {
		c.frames.Add(s.frames.Load())
		c.bytes.Add(s.bytes.Load())
		s.close()
	}
}

// Captured counts the frames that the source gave.
func (c *Camera) Captured() int64 { return c.captured.Load() }

// CameraStats is what a camera sent so far.
type CameraStats struct {
	Width, Height int // of what is captured
	Frames, Bytes int64
	Layers        int // that are sent now
	// Each is what is sent in each layer, from the smallest; nil while nothing is.
	Each []LayerStats
}

// LayerStats is what a layer sent since the sending began.
type LayerStats struct {
	Width, Height int // of the last picture; 0 before the first
	Frames, Bytes int64
	Bits          int // a second, that it may take; 0 while it is not sent
}

// Stats may be called on any goroutine.
func (c *Camera) Stats() CameraStats {
	size := c.size.Load()
	stats := CameraStats{Width: int(size >> 32), Height: int(size & 0xffffffff), Frames: c.frames.Load(), Bytes: c.bytes.Load()}
	if s := c.sending.Load(); s != nil {
		stats.Frames += s.frames.Load()
		stats.Bytes += s.bytes.Load()
		stats.Layers = int(s.active.Load())
		for i := range s.layers {
			l := &s.sent[i]
			size := l.size.Load()
			stats.Each = append(stats.Each, LayerStats{Width: int(size >> 32), Height: int(size & 0xffffffff), Frames: l.frames.Load(), Bytes: l.bytes.Load(), Bits: int(l.bits.Load())})
		}
	}
	return stats
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
	defer c.SendTo(nil, nil)
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
		err = c.deliver(f, clock.at(f.Timestamp))
		f.Release()
		if err != nil {
			c.onError(err)
			return
		}
	}
}

func (c *Camera) deliver(f *devices.Frame, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.Mirrored = c.preview != nil && !c.screen
	if c.preview != nil {
		c.preview.Show(f)
	}
	if s := c.sending.Load(); s != nil {
		return s.encode(f, at)
	}
	return nil
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

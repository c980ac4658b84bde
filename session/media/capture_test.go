package media

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/session/media/vpx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeMicrophone delivers a tone as fast as it is read, until it is closed or
// told to fail.
type fakeMicrophone struct {
	closed chan struct{}
	once   sync.Once
	fail   atomic.Bool
	n      int
}

func (f *fakeMicrophone) ReadPeriod(ctx context.Context, dst []float32) error {
	select {
	case <-f.closed:
		return devices.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Millisecond):
	}
	if f.fail.Load() {
		return errors.New("unplugged")
	}
	for i := range dst {
		dst[i] = float32(0.5 * math.Sin(float64(f.n)/20))
		f.n++
	}
	return nil
}

func (f *fakeMicrophone) Close() error {
	f.once.Do(func() { close(f.closed) })
	return nil
}

func TestMutedMicrophoneSendsNothing(t *testing.T) {
	m, err := NewMicrophone(&fakeMicrophone{closed: make(chan struct{})}, false, nil, nil, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int32
	var last, gap time.Time
	m.SendTo(func(s Sample) error {
		sent.Add(1)
		if !last.IsZero() && s.Timestamp.Sub(last) > 20*time.Millisecond {
			gap = s.Timestamp
		}
		last = s.Timestamp
		return nil
	})
	wait(t, func() bool { return sent.Load() >= 5 })
	m.SetMuted(true)
	before := sent.Load()
	time.Sleep(50 * time.Millisecond)
	if after := sent.Load(); after != before {
		t.Errorf("%d packets left while muted", after-before)
	}
	if m.Level() == 0 {
		t.Error("the meter stands still while muted")
	}
	m.SetMuted(false)
	wait(t, func() bool { return sent.Load() >= before+3 })
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if gap.IsZero() {
		t.Error("the timestamps do not show the pause")
	}
}

func TestLostMicrophoneIsTold(t *testing.T) {
	source := &fakeMicrophone{closed: make(chan struct{})}
	lost := make(chan error, 1)
	m, err := NewMicrophone(source, false, nil, nil, func(err error) { lost <- err })
	if err != nil {
		t.Fatal(err)
	}
	source.fail.Store(true)
	select {
	case <-lost:
	case <-time.After(5 * time.Second):
		t.Error("nobody was told")
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

// fakeCamera delivers numbered frames.
type fakeCamera struct {
	pool   devices.FramePool
	closed chan struct{}
	once   sync.Once
	n      int
}

func (f *fakeCamera) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	select {
	case <-f.closed:
		return nil, devices.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(5 * time.Millisecond):
	}
	frame, err := f.pool.Get(64, 48)
	if err != nil {
		return nil, err
	}
	frame.Timestamp = time.Duration(f.n) * 33 * time.Millisecond
	f.n++
	for i := range frame.Y {
		frame.Y[i] = byte(f.n)
	}
	return frame, nil
}

func (f *fakeCamera) Close() error {
	f.once.Do(func() { close(f.closed) })
	return nil
}

func TestCameraShowsAndSends(t *testing.T) {
	c := NewCamera(&fakeCamera{closed: make(chan struct{})}, false, func(err error) { t.Error(err) })
	var shown, sent, keys atomic.Int32
	dec, err := vpx.NewDecoder(vpx.VP8, new(devices.FramePool))
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	c.Preview(VideoSinkFunc(func(f *devices.Frame) {
		if !f.Mirrored {
			t.Error("the preview is not mirrored")
		}
		shown.Add(1)
	}))
	wait(t, func() bool { return shown.Load() > 3 })
	if c.Stats().Frames != 0 {
		t.Error("frames are encoded for nobody")
	}
	write := func(s Sample) error {
		if f, err := dec.Decode(s.Data); err != nil {
			t.Error(err)
		} else if f != nil {
			f.Release()
		}
		if s.KeyFrame {
			keys.Add(1)
		}
		sent.Add(1)
		return nil
	}
	var demand Demand
	c.SendTo([]Layer{{Side: 48, Write: write}}, &demand)
	wait(t, func() bool { return sent.Load() > 5 })
	if keys.Load() != 1 {
		t.Errorf("%d key frames", keys.Load())
	}
	demand.RequestKeyFrame(0)
	wait(t, func() bool { return keys.Load() == 2 })
	c.SendTo(nil, nil)
	before := sent.Load()
	time.Sleep(30 * time.Millisecond)
	if sent.Load() != before {
		t.Error("frames are sent after the end")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func wait(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}

package media

import (
	"testing"
	"time"

	"parley/devices"
	"parley/session/media/vpx"
)

// layered is a simulcast whose layers are decoded.
type layered struct {
	*simulcast
	t      *testing.T
	demand Demand
	pool   devices.FramePool
	count  int
	sizes  [layersMost]size // of the last picture
	got    [layersMost]int
	keys   [layersMost]int
}

func newLayered(t *testing.T) *layered {
	l := &layered{t: t}
	var layers []Layer
	for i, side := range CameraSides() {
		decoder, err := vpx.NewDecoder(vpx.VP8, new(devices.FramePool))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = decoder.Close() })
		layers = append(layers, Layer{Side: side, Write: func(s Sample) error {
			f, err := decoder.Decode(s.Data)
			if err != nil || f == nil {
				t.Errorf("layer %d: %v", i, err)
				return err
			}
			l.sizes[i] = size{f.Width, f.Height}
			f.Release()
			l.got[i]++
			if s.KeyFrame {
				l.keys[i]++
			}
			return nil
		}})
	}
	l.simulcast = newSimulcast(layers, &l.demand, false)
	t.Cleanup(l.simulcast.close)
	return l
}

// run encodes pictures of a size, and forgets what came before.
func (l *layered) run(pictures, width, height int) {
	l.t.Helper()
	l.got, l.keys, l.sizes = [layersMost]int{}, [layersMost]int{}, [layersMost]size{}
	for range pictures {
		f, err := l.pool.Get(width, height)
		if err != nil {
			l.t.Fatal(err)
		}
		l.count++
		for i := range f.Y {
			f.Y[i] = byte(i/97 + l.count)
		}
		// So far apart that this machine is never too slow.
		f.Timestamp = time.Duration(l.count) * 2 * time.Second
		if err := l.encode(f, time.Unix(0, int64(f.Timestamp))); err != nil {
			l.t.Fatal(err)
		}
		f.Release()
	}
}

func TestSimulcast(t *testing.T) {
	l := newLayered(t)
	l.run(3, 640, 360)
	if l.sizes != [layersMost]size{{320, 180}, {640, 360}, {}} || l.got[0] == 0 || l.keys[0] != 1 || l.keys[1] != 1 || l.active.Load() != 2 {
		t.Errorf("%+v", l.sizes)
	}
	l.demand.Want(1, false)
	l.run(3, 640, 360)
	if l.got[0] == 0 || l.got[1] != 0 {
		t.Errorf("%v, where nobody takes the second layer", l.got)
	}
	l.demand.Want(1, true)
	l.demand.SetBudget(200_000)
	l.run(3, 640, 360)
	if l.got[0] == 0 || l.got[1] != 0 {
		t.Errorf("%v over 200 kb/s", l.got)
	}
	l.demand.SetBudget(0)
	l.run(3, 1280, 720)
	if l.sizes != [layersMost]size{{320, 180}, {640, 360}, {1280, 720}} || l.keys[2] != 1 {
		t.Errorf("%+v of a larger camera", l.sizes)
	}
	for range 5 { // as those do who come one after another
		l.demand.RequestKeyFrame(0)
		l.run(1, 1280, 720)
		if l.keys[0] == 1 {
			break
		}
	}
	if l.keys[0] != 1 || l.keys[1] != 0 {
		t.Errorf("key frames: %v", l.keys)
	}
	l.demand.RequestKeyFrame(0)
	l.run(3, 1280, 720)
	if l.keys[0] != 0 {
		t.Error("two key frames within a second")
	}
	for i := range layersMost {
		l.demand.Want(i, false)
	}
	l.demand.Want(17, true)
	l.demand.RequestKeyFrame(-1)
	before := l.frames.Load()
	l.run(3, 1280, 720)
	if l.frames.Load() != before || l.active.Load() != 0 {
		t.Error("something is encoded for nobody")
	}
}

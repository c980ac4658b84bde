package session

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/devices"
	"parley/devices/synthetic"
	"parley/session/media"
)

// lens is an opener of one synthetic camera that counts how often it is opened.
type lens struct {
	bench
	opens atomic.Int64
}

func (l *lens) OpenCamera(_ context.Context, _ string, f devices.VideoFormat) (devices.VideoSource, error) {
	l.opens.Add(1)
	f.Width, f.Height = 320, 180
	return synthetic.NewCamera("", f)
}

// glass counts the pictures of the preview.
type glass struct{ shown atomic.Int64 }

func (g *glass) Show(*devices.Frame) { g.shown.Add(1) }

// TestLookedAtCameraSendsNothing opens the camera for the preview alone, turns
// it on and off beneath that, and opens it once for both.
func TestLookedAtCameraSendsNothing(t *testing.T) {
	opener, seen := &lens{}, &glass{}
	var work sync.WaitGroup
	var told atomic.Int64
	d := newCameraDesk(opener, deviceCare{}.withDefaults(), func(Event) { told.Add(1) }, func(f func()) { work.Go(f) })
	defer work.Wait()
	defer d.close()
	var sent atomic.Int64
	demand := new(media.Demand)
	demand.Want(0, true)
	layers := []media.Layer{{Side: 180, Write: func(media.Sample) error { sent.Add(1); return nil }}}
	until := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("never:", what)
			}
		}
	}
	d.preview(seen)
	d.sendTo(layers, demand)
	if opener.opens.Load() != 0 {
		t.Fatal("it is open, and nobody asked for it")
	}
	d.lookAt(true)
	until("a preview", func() bool { return seen.shown.Load() > 5 })
	if sent.Load() != 0 || d.active() {
		t.Error("what is looked at is sent")
	}
	d.enable(true)
	until("pictures that are sent", func() bool { return sent.Load() > 3 })
	d.enable(false)
	before, shown := sent.Load(), seen.shown.Load()
	until("more of the preview", func() bool { return seen.shown.Load() > shown+5 })
	if sent.Load() != before {
		t.Error("it goes on being sent")
	}
	if n := opener.opens.Load(); n != 1 {
		t.Errorf("it was opened %d times", n)
	}
	d.lookAt(false)
	if d.current.Load() != nil {
		t.Error("it stays open")
	}
}

package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/devices"
	"parley/session/media"
)

// bench is an opener whose microphones can be plugged in and out, held by
// others, stopped and silenced.
type bench struct {
	mu       sync.Mutex
	there    []string // the first is the default
	faults   map[string]error
	stalled  map[string]bool
	silenced map[string]bool
	opens    []string
}

func newBench(there ...string) *bench {
	return &bench{there: there, faults: make(map[string]error), stalled: make(map[string]bool), silenced: make(map[string]bool)}
}

func (b *bench) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

func (b *bench) opened() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.opens)
}

func (b *bench) List(context.Context, devices.Kind) ([]devices.Info, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]devices.Info, 0, len(b.there))
	for i, name := range b.there {
		list = append(list, devices.Info{Name: name, Default: i == 0})
	}
	return list, nil
}

func (b *bench) OpenCamera(context.Context, string, devices.VideoFormat) (devices.VideoSource, error) {
	return nil, devices.ErrNotFound
}

func (b *bench) OpenSpeaker(context.Context, string, devices.Render) (devices.AudioOutput, error) {
	return nil, devices.ErrNotFound
}

func (b *bench) OpenMicrophone(_ context.Context, name string) (devices.AudioSource, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == devices.Default && len(b.there) > 0 {
		name = b.there[0]
	}
	if !slices.Contains(b.there, name) {
		return nil, fmt.Errorf("%q: %w", name, devices.ErrNotFound)
	}
	if err := b.faults[name]; err != nil {
		return nil, err
	}
	b.opens = append(b.opens, name)
	return &benchMicrophone{bench: b, name: name, closed: make(chan struct{})}, nil
}

type benchMicrophone struct {
	bench  *bench
	name   string
	once   sync.Once
	closed chan struct{}
}

func (m *benchMicrophone) ReadPeriod(ctx context.Context, dst []float32) error {
	for {
		select {
		case <-m.closed:
			return devices.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
		m.bench.mu.Lock()
		there, stalled, silenced := slices.Contains(m.bench.there, m.name), m.bench.stalled[m.name], m.bench.silenced[m.name]
		m.bench.mu.Unlock()
		switch {
		case !there:
			return errors.New("pulled out")
		case stalled:
			continue
		}
		for i := range dst {
			dst[i] = 0.5
			if silenced {
				dst[i] = 0
			}
		}
		return nil
	}
}

func (m *benchMicrophone) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

// desked is a microphone desk over a bench, looked after every few
// milliseconds.
type desked struct {
	*microphoneDesk
	t      *testing.T
	mu     sync.Mutex
	events []DeviceChanged
}

func newDesked(t *testing.T, b *bench, name string) *desked {
	t.Helper()
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	d := &desked{t: t}
	care := deviceCare{every: 5 * time.Millisecond, stall: 80 * time.Millisecond, silence: 100 * time.Millisecond}
	d.microphoneDesk = newMicrophoneDesk(b, care, nil, nil, func(e Event) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.events = append(d.events, e.(DeviceChanged))
	}, func(f func()) { work.Go(f) })
	work.Go(func() {
		for ctx.Err() == nil {
			d.look(ctx, time.Now())
			time.Sleep(care.every)
		}
	})
	t.Cleanup(func() {
		cancel()
		d.close()
		work.Wait()
		goleak.VerifyNone(t, before)
	})
	d.use(name)
	d.monitor(true)
	return d
}

// told waits for an event after those that were taken before.
func (d *desked) told(what string, match func(DeviceChanged) bool) DeviceChanged {
	d.t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		d.mu.Lock()
		for i, e := range d.events {
			if match(e) {
				d.events = d.events[i+1:]
				d.mu.Unlock()
				return e
			}
		}
		d.mu.Unlock()
	}
	d.t.Fatalf("never told: %s; %+v", what, d.events)
	panic("unreachable")
}

func plain(e DeviceChanged) bool { return e.Open && !e.Fallback && e.Err == nil }

func TestDefaultTakesOverUntilTheChosenIsBack(t *testing.T) {
	b := newBench("built in", "headset")
	d := newDesked(t, b, "headset")
	d.told("that it is open", plain)
	d.mute(true)
	var leaked sync.Once
	d.sendTo(func(media.Sample) error {
		leaked.Do(func() { t.Error("what is muted was sent") })
		return nil
	})
	b.set(func() { b.there = []string{"built in"} })
	began := time.Now()
	e := d.told("the default", func(e DeviceChanged) bool { return e.Fallback && e.Open })
	if e.Name != "headset" || e.Err == nil || time.Since(began) > 2*time.Second {
		t.Errorf("%+v after %v", e, time.Since(began))
	}
	time.Sleep(30 * time.Millisecond)
	b.set(func() { b.there = []string{"built in", "headset"} })
	d.told("the chosen one", plain)
	if want := []string{"headset", "built in", "headset"}; !slices.Equal(b.opened(), want) {
		t.Errorf("%q were opened", b.opened())
	}
	time.Sleep(30 * time.Millisecond)
}

func TestChosenOneThatIsNotThereYet(t *testing.T) {
	b := newBench("built in")
	d := newDesked(t, b, "headset")
	e := d.told("the default", func(e DeviceChanged) bool { return e.Fallback && e.Open })
	if !errors.Is(e.Err, devices.ErrNotFound) {
		t.Errorf("%+v", e)
	}
	b.set(func() { b.there = append(b.there, "headset") })
	d.told("the chosen one", plain)
}

func TestNoneAndThenOne(t *testing.T) {
	b := newBench()
	d := newDesked(t, b, devices.Default)
	d.told("that there is none", func(e DeviceChanged) bool { return !e.Open && errors.Is(e.Err, devices.ErrNotFound) })
	b.set(func() { b.there = []string{"headset"} })
	d.told("the new one", plain)
	b.set(func() { b.there = nil })
	d.told("that it is gone", func(e DeviceChanged) bool { return !e.Open && e.Err != nil })
}

func TestFaultsAreToldApart(t *testing.T) {
	for _, fault := range []error{devices.ErrBusy, devices.ErrDenied, devices.ErrFormat} {
		b := newBench("headset")
		b.faults["headset"] = fmt.Errorf("the system says: %w", fault)
		d := newDesked(t, b, "headset")
		e := d.told("the fault", func(e DeviceChanged) bool { return e.Err != nil })
		if e.Open || e.Fallback || !errors.Is(e.Err, fault) {
			t.Errorf("%v: %+v", fault, e)
		}
		// It is not tried all the time, but when the person wants it anew.
		time.Sleep(50 * time.Millisecond)
		if n := len(b.opened()); n != 0 {
			t.Errorf("%v: opened %d times", fault, n)
		}
		b.set(func() { delete(b.faults, "headset") })
		d.monitor(true)
		d.told("that it works", plain)
	}
}

func TestStalledIsReopenedOnce(t *testing.T) {
	b := newBench("headset")
	d := newDesked(t, b, "headset")
	d.told("that it is open", plain)
	b.set(func() { b.stalled["headset"] = true })
	e := d.told("the report", func(e DeviceChanged) bool { return e.Err != nil })
	if e.Open || !errors.Is(e.Err, devices.ErrStalled) {
		t.Errorf("%+v", e)
	}
	if opened := b.opened(); len(opened) != 2 {
		t.Errorf("it was opened %d times", len(opened))
	}
	b.set(func() { delete(b.stalled, "headset") })
	d.monitor(true)
	d.told("that it works", plain)
}

func TestSilentMicrophoneIsNamed(t *testing.T) {
	b := newBench("headset")
	d := newDesked(t, b, "headset")
	d.told("that it is open", plain)
	d.mute(true)
	b.set(func() { b.silenced["headset"] = true })
	time.Sleep(150 * time.Millisecond) // muted: nobody misses the sound
	d.mu.Lock()
	if len(d.events) != 0 {
		t.Errorf("%+v while muted", d.events)
	}
	d.mu.Unlock()
	d.mute(false)
	e := d.told("the silence", func(e DeviceChanged) bool { return e.Err != nil })
	if !e.Open || !errors.Is(e.Err, devices.ErrSilent) {
		t.Errorf("%+v", e)
	}
	b.set(func() { delete(b.silenced, "headset") })
	d.told("that it sounds", plain)
}

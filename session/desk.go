package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parley/devices"
)

const (
	openTimeout = 10 * time.Second
	listTimeout = 3 * time.Second
	// deviceEvery is how often devices are looked at.
	deviceEvery = time.Second
	// stallPatience is how long an open device may deliver nothing, and
	// silencePatienceMicrophone for how long zeros.
	stallPatience             = 2 * time.Second
	silencePatienceMicrophone = 3 * time.Second
)

// deviceCare is how devices are looked after.
type deviceCare struct {
	every, stall, silence time.Duration
}

func (c deviceCare) withDefaults() deviceCare {
	if c.every == 0 {
		c = deviceCare{deviceEvery, stallPatience, silencePatienceMicrophone}
	}
	return c
}

// desk holds one kind of device: which is chosen, whether it is wanted, and the
// open one. Where the chosen one is not there, the system's default takes its
// place until it is. Calls are serialized by a lock and may take as long as a
// device does to open; current is read without it.
type desk[T any] struct {
	kind   devices.Kind
	opener devices.Opener
	post   func(Event)
	care   deviceCare
	// What differs from kind to kind, called with the lock held. opened
	// connects a device that was opened, progress counts what it delivered.
	open     func(ctx context.Context, name string) (*T, error)
	opened   func(*T)
	shutDown func(*T)
	progress func(*T) int64
	wanted   func() bool
	gaveUp   func() // nothing could be opened

	current atomic.Pointer[T] // changed under mu only

	mu       sync.Mutex
	name     string // the chosen one
	using    string // the one that is open
	fallback bool   // using is the default, since the chosen one is not there
	failed   bool   // until the choice or the wish changes, or a device appears
	present  bool   // the chosen one was in the last list
	closed   bool

	delivered int64     // progress when it was last another
	since     time.Time // when that was
	reopened  bool      // since it last delivered
}

// use chooses a device by name; an open one is replaced.
func (d *desk[T]) use(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.name == name {
		return
	}
	d.name, d.failed, d.fallback, d.present, d.reopened = name, false, false, false, false
	d.shut()
	d.settle()
}

// change changes what is wished, and opens or closes the device after it.
func (d *desk[T]) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	d.settle()
}

// settle opens or closes the device, whichever the wishes ask for.
func (d *desk[T]) settle() {
	wanted := d.wanted() && !d.closed && !d.failed
	switch {
	case wanted && d.current.Load() == nil:
		d.begin()
	case !wanted && d.current.Load() != nil:
		d.shut()
		d.tell(nil)
	}
}

// begin opens the chosen device, or the default in its place.
func (d *desk[T]) begin() {
	err := d.try(d.name)
	d.fallback = false
	if err != nil && errors.Is(err, devices.ErrNotFound) && d.name != devices.Default && devices.Hardware(d.name) {
		if d.try(devices.Default) == nil {
			d.fallback = true
			d.present = false
			d.tell(err)
			return
		}
	}
	if err != nil {
		// One that is there, and busy, is not tried again until it is new.
		d.failed, d.present = true, !errors.Is(err, devices.ErrNotFound)
		d.gaveUp()
	} else {
		d.present = true
	}
	d.tell(err)
}

func (d *desk[T]) try(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	device, err := d.open(ctx, name)
	if err != nil {
		return err
	}
	d.using, d.since, d.delivered = name, time.Now(), 0
	d.current.Store(device)
	d.opened(device)
	return nil
}

func (d *desk[T]) tell(err error) {
	d.post(DeviceChanged{Kind: d.kind, Name: d.name, Open: d.current.Load() != nil, Fallback: d.fallback, Err: err})
}

func (d *desk[T]) shut() {
	if device := d.current.Swap(nil); device != nil {
		d.shutDown(device)
	}
}

// lost is told of a device that ended by itself.
func (d *desk[T]) lost(device *T, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current.Load() == device {
		d.present = true // where it is still listed, it has to go before it is back
		d.replace(err)
	}
}

// replace puts the default in the place of a device that is gone.
func (d *desk[T]) replace(err error) {
	wasDefault := d.using == devices.Default
	d.shut()
	if !d.wanted() || d.closed {
		return
	}
	// The default may be another one by now; what is lost again at once is not.
	again := devices.Hardware(d.name) && (!wasDefault || !d.reopened)
	if again && d.try(devices.Default) == nil {
		d.reopened = wasDefault
		if d.fallback = d.name != devices.Default; d.fallback {
			d.tell(err)
		}
		return
	}
	d.reopened, d.fallback = false, false
	d.failed = true
	d.gaveUp()
	d.tell(err)
}

// look checks whether devices came or went, and whether the open one delivers.
func (d *desk[T]) look(ctx context.Context, now time.Time) {
	d.mu.Lock()
	name, relevant := d.name, devices.Hardware(d.name) && d.wanted() && !d.closed
	d.mu.Unlock()
	if !relevant {
		return
	}
	present, known := d.isThere(ctx, name)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.name != name || d.closed || !d.wanted() {
		return
	}
	if known {
		d.compare(present)
	}
	if device := d.current.Load(); device != nil {
		d.check(device, now)
	}
}

// isThere reports whether the named device, or any for the default, is in the
// system's list.
func (d *desk[T]) isThere(ctx context.Context, name string) (present, known bool) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	list, err := d.opener.List(ctx, d.kind)
	if err != nil {
		return false, false
	}
	for _, info := range list {
		present = present || name == devices.Default || info.Name == name
	}
	return present, true
}

// compare follows the list of devices.
func (d *desk[T]) compare(present bool) {
	appeared := present && !d.present
	gone := !present && d.present
	d.present = present
	switch {
	case d.current.Load() == nil && d.failed && appeared:
		d.failed = false
		d.settle()
	case d.fallback && appeared:
		d.shut()
		d.settle()
	case gone && d.current.Load() != nil && !d.fallback && d.name != devices.Default:
		d.replace(fmt.Errorf("%v %q: %w", d.kind, d.name, devices.ErrNotFound))
	}
}

// check sees whether the device delivers; one that does not is opened again
// once.
func (d *desk[T]) check(device *T, now time.Time) {
	if delivered := d.progress(device); delivered != d.delivered {
		d.delivered, d.since, d.reopened = delivered, now, false
		return
	}
	if now.Sub(d.since) < d.care.stall {
		return
	}
	d.shut()
	if !d.reopened {
		d.reopened = true
		d.settle()
		return
	}
	d.failed = true
	d.gaveUp()
	d.tell(fmt.Errorf("%v %q: %w", d.kind, d.name, devices.ErrStalled))
}

func (d *desk[T]) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.shut()
}

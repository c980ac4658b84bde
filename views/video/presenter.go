// Package video draws I420 pictures in the window. A Feed takes frames from
// any goroutine; a Tile shows a feed; the Presenter brings the newest frame of
// every feed to the UI thread, all of them in one go a display tick.
//
// On the screen the planes go to the GPU untouched and a shader converts them.
// Where there is no GPU (tests, machines whose OpenGL is computed on the CPU) the
// tile converts on the CPU to the same picture, for less than the shader would
// take there.
package video

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// displayTick is the shortest time between two refreshes: one picture of a
// 60 Hz display.
const displayTick = 16 * time.Millisecond

// Params configures a Presenter.
type Params struct {
	// Dispatch runs a function on the UI thread, later or at once: fyne.Do in
	// the app.
	Dispatch func(func())
	// Canvas is the window's whose tiles name none.
	Canvas fyne.Canvas
	// Raster is for painters that know no shaders, as Fyne's test driver's.
	Raster bool
}

// Presenter paces frames to the display. There is one for all windows of a program,
// which hands out the names by which each window's painter knows its shaders.
type Presenter struct {
	dispatch func(func())
	canvas   fyne.Canvas
	raster   bool
	software bool  // UI thread, as all that follows
	slots    slots // of shaders that convert
	blits    slots // of those that copy
	hidden   map[fyne.Canvas]struct{}

	cancel context.CancelFunc
	done   sync.WaitGroup
	wake   chan struct{} // something is waiting
	drawn  chan struct{} // the dispatched flush ran

	mu     sync.Mutex
	closed bool
	feeds  map[*Feed]struct{}
	dirty  []*Feed // waiting for a flush
	spare  []*Feed // the list of the last flush, to be filled again
}

// NewPresenter starts a presenter; Close ends it.
func NewPresenter(params Params) *Presenter {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Presenter{
		dispatch: params.Dispatch,
		canvas:   params.Canvas,
		raster:   params.Raster,
		hidden:   make(map[fyne.Canvas]struct{}),
		slots:    slots{prefix: "parley-i420-"},
		blits:    slots{prefix: "parley-blit-"},
		cancel:   cancel,
		wake:     make(chan struct{}, 1),
		drawn:    make(chan struct{}, 1),
		feeds:    make(map[*Feed]struct{}),
	}
	p.done.Add(1)
	go p.run(ctx)
	return p
}

// run dispatches at most one flush at a time, and at most one a display tick:
// the UI thread's queue has no bound, and a slow machine must not fill it.
func (p *Presenter) run(ctx context.Context) {
	defer p.done.Done()
	flush := p.flush // bound once: a method value allocates
	pace := time.NewTimer(displayTick)
	defer pace.Stop()
	for {
		select {
		case <-p.wake:
		case <-ctx.Done():
			return
		}
		if !p.waiting() {
			continue // the flush before took this one along
		}
		pace.Reset(displayTick)
		p.dispatch(flush)
		select {
		case <-p.drawn:
		case <-ctx.Done():
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *Presenter) waiting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.dirty) > 0
}

// Flush shows what is waiting now, without waiting for the display tick. It
// is called on the UI thread.
func (p *Presenter) Flush() {
	p.mu.Lock()
	list := p.dirty
	p.dirty, p.spare = p.spare[:0], nil
	closed := p.closed
	p.mu.Unlock()
	if !closed {
		for _, f := range list {
			f.present()
		}
	}
	clear(list)
	p.mu.Lock()
	p.spare = list[:0]
	p.mu.Unlock()
}

func (p *Presenter) flush() {
	p.Flush()
	select {
	case p.drawn <- struct{}{}:
	default:
	}
}

// NewFeed returns a feed of this presenter. Close it when its stream is over.
func (p *Presenter) NewFeed() *Feed {
	f := &Feed{presenter: p}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		f.closed = true
		return f
	}
	p.feeds[f] = struct{}{}
	return f
}

// Hide tells that nobody sees a window, or sees it again: its tiles want no pictures
// as long, and draw none that come for tiles of others. It is called on the UI thread.
func (p *Presenter) Hide(c fyne.Canvas, hidden bool) {
	if hidden == p.hides(c) {
		return
	}
	if hidden {
		p.hidden[c] = struct{}{}
	} else {
		delete(p.hidden, c)
	}
	for _, f := range p.all() {
		if !hidden {
			f.catchUp(c)
		}
		f.measure()
	}
}

func (p *Presenter) hides(c fyne.Canvas) bool {
	_, hidden := p.hidden[c]
	return hidden
}

// UseSoftware converts on the CPU from now on, for a window whose OpenGL is
// computed there anyway. It is called on the UI thread.
func (p *Presenter) UseSoftware() {
	if p.software || p.raster {
		return
	}
	p.software = true
	for _, f := range p.all() {
		for _, t := range f.tiles {
			t.setSurface(p.newSurface())
		}
	}
}

func (p *Presenter) all() []*Feed {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.feeds))
}

func (p *Presenter) newSurface() surface {
	switch {
	case p.raster:
		return newRasterSurface()
	case p.software:
		return newBlitSurface(&p.blits)
	default:
		return newShaderSurface(&p.slots)
	}
}

// Do runs f on the UI thread, for what belongs beside the pictures, such as a
// notice that goes away by itself.
func (p *Presenter) Do(f func()) { p.dispatch(f) }

// Close ends the presenter's goroutine and gives every frame back. Frames
// shown later are ignored. It is called on the UI thread.
func (p *Presenter) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	feeds := p.feeds
	p.feeds, p.dirty, p.spare = nil, nil, nil
	p.mu.Unlock()
	p.cancel()
	p.done.Wait()
	for f := range feeds {
		f.Close()
		f.present()
	}
}

// enqueue lists a feed for the next flush.
func (p *Presenter) enqueue(f *Feed) {
	p.mu.Lock()
	if !p.closed {
		p.dirty = append(p.dirty, f)
	}
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *Presenter) forget(f *Feed) {
	p.mu.Lock()
	delete(p.feeds, f)
	p.mu.Unlock()
}

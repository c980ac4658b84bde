package video

import (
	"sync"

	"fyne.io/fyne/v2"

	"parley/session/frame"
)

// Feed carries the pictures of one stream to the tiles that show it. It holds
// at most one frame that is not yet on the screen.
type Feed struct {
	presenter *Presenter

	mu      sync.Mutex
	waiting *frame.Frame
	cleared bool // show nothing, until waiting comes
	queued  bool // listed with the presenter
	closed  bool
	width   int // the largest visible tile, in pixels
	height  int

	// These belong to the UI thread.
	current *frame.Frame
	tiles   []*Tile
}

// Show makes f the feed's newest picture. The feed keeps a reference of its
// own; the caller's stays the caller's. It may be called from any goroutine,
// as often as frames come: what the display cannot follow is dropped.
func (f *Feed) Show(picture *frame.Frame) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return
	}
	old := f.waiting
	f.waiting = picture.Retain()
	f.enqueue()
	f.mu.Unlock()
	if old != nil {
		old.Release()
	}
}

// Clear takes the picture away, until the next Show. It may be called from
// any goroutine.
func (f *Feed) Clear() {
	f.mu.Lock()
	old := f.waiting
	f.waiting, f.cleared = nil, true
	f.enqueue()
	f.mu.Unlock()
	if old != nil {
		old.Release()
	}
}

// Close clears the feed for good. It may be called from any goroutine.
func (f *Feed) Close() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.Clear()
}

// Wanted is the size in pixels of the largest visible tile of this feed: what
// is worth receiving. It is 0x0 while nobody looks. It may be called from any
// goroutine.
func (f *Feed) Wanted() (width, height int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.width, f.height
}

// enqueue is called with f.mu held, which is always taken before the
// presenter's.
func (f *Feed) enqueue() {
	if !f.queued {
		f.queued = true
		f.presenter.enqueue(f)
	}
}

// present brings the newest frame to the tiles, on the UI thread. The frame
// before is let go only now that every tile shows another.
func (f *Feed) present() {
	f.mu.Lock()
	picture, cleared, closed := f.waiting, f.cleared, f.closed
	f.waiting, f.cleared, f.queued = nil, false, false
	f.mu.Unlock()
	if closed {
		f.presenter.forget(f)
	}
	if picture == nil && !cleared {
		return
	}
	old := f.current
	f.current = picture
	for _, t := range f.tiles {
		t.show(picture)
	}
	if old != nil {
		old.Release()
	}
}

func (f *Feed) attach(t *Tile) {
	f.tiles = append(f.tiles, t)
	f.measure()
}

// catchUp draws the newest picture on the tiles of a window that is seen again.
func (f *Feed) catchUp(c fyne.Canvas) {
	for _, t := range f.tiles {
		if t.options.Canvas == c {
			t.show(f.current)
		}
	}
}

func (f *Feed) detach(t *Tile) {
	for i, other := range f.tiles {
		if other == t {
			f.tiles = append(f.tiles[:i], f.tiles[i+1:]...)
			break
		}
	}
	f.measure()
}

// measure notes what the tiles want, on the UI thread.
func (f *Feed) measure() {
	var width, height int
	for _, t := range f.tiles {
		w, h := t.pixels()
		width, height = max(width, w), max(height, h)
	}
	f.mu.Lock()
	f.width, f.height = width, height
	f.mu.Unlock()
}

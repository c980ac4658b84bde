package video

import (
	"image"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/session/frame"
)

// uiThread collects what is dispatched, for the test to run.
type uiThread chan func()

func (u uiThread) dispatch(f func()) { u <- f }

func newTestPresenter(t *testing.T, software bool) (*Presenter, uiThread) {
	t.Helper()
	test.NewTempApp(t)
	ui := make(uiThread, 100)
	p := NewPresenter(Params{Dispatch: ui.dispatch, Canvas: test.NewTempWindow(t, nil).Canvas(), Raster: software})
	t.Cleanup(p.Close)
	return p, ui
}

// observedFrame tells through its pool whether anybody still holds it: a
// released frame is the next that the pool hands out.
func observedFrame(t *testing.T) (f *frame.Frame, released func() bool) {
	t.Helper()
	pool := &frame.Pool{}
	f, err := pool.Get(64, 36)
	if err != nil {
		t.Fatal(err)
	}
	return f, func() bool {
		next, err := pool.Get(64, 36)
		if err != nil {
			t.Fatal(err)
		}
		return next == f
	}
}

func TestFeedHoldsAFrameUntilTheNextIsOnTheScreen(t *testing.T) {
	for _, software := range []bool{false, true} {
		p, _ := newTestPresenter(t, software)
		feed := p.NewFeed()
		tile := NewTile(feed, Options{})
		first, firstFree := observedFrame(t)
		second, _ := observedFrame(t)
		feed.Show(first)
		first.Release()
		p.Flush()
		feed.Show(second)
		second.Release()
		if firstFree() {
			t.Fatal("the frame on the screen was released before another replaced it")
		}
		p.Flush()
		if !firstFree() {
			t.Error("the replaced frame is still held")
		}
		tile.Close()
	}
}

func TestFeedDropsWhatTheDisplayCannotFollow(t *testing.T) {
	p, _ := newTestPresenter(t, false)
	feed := p.NewFeed()
	old, oldFree := observedFrame(t)
	latest, _ := observedFrame(t)
	feed.Show(old)
	old.Release()
	feed.Show(latest)
	latest.Release()
	if !oldFree() {
		t.Error("a frame that was overtaken before a flush is still held")
	}
}

func TestEverythingIsReleasedAtTheEnd(t *testing.T) {
	tests := map[string]func(*Presenter, *Feed, *Tile){
		"feed cleared":       func(p *Presenter, f *Feed, _ *Tile) { f.Clear(); p.Flush() },
		"feed closed":        func(p *Presenter, f *Feed, _ *Tile) { f.Close(); p.Flush() },
		"presenter closed":   func(p *Presenter, _ *Feed, _ *Tile) { p.Close() },
		"tile closed before": func(p *Presenter, f *Feed, tile *Tile) { tile.Close(); f.Close(); p.Flush() },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			p, _ := newTestPresenter(t, false)
			feed := p.NewFeed()
			tile := NewTile(feed, Options{})
			f, free := observedFrame(t)
			feed.Show(f)
			f.Release()
			p.Flush()
			if !tile.HasPicture() {
				t.Fatal("the tile has no picture")
			}
			end(p, feed, tile)
			if !free() {
				t.Error("the frame is still held")
			}
			late, lateFree := observedFrame(t)
			if name != "feed cleared" {
				feed.Show(late)
				late.Release()
				if !lateFree() {
					t.Error("a closed feed holds a frame")
				}
			}
		})
	}
}

func TestOneRefreshIsPendingAtMost(t *testing.T) {
	p, ui := newTestPresenter(t, true)
	feeds := []*Feed{p.NewFeed(), p.NewFeed(), p.NewFeed()}
	var tiles []*Tile
	for _, f := range feeds {
		tiles = append(tiles, NewTile(f, Options{}))
	}
	var all sync.WaitGroup
	for _, feed := range feeds {
		all.Go(func() {
			var pool frame.Pool
			for range 20 {
				f, err := pool.Get(32, 32)
				if err != nil {
					t.Error(err)
					return
				}
				feed.Show(f)
				f.Release()
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	all.Wait()
	time.Sleep(3 * displayTick)
	if n := len(ui); n != 1 {
		t.Fatalf("%d refreshes are pending, want 1", n)
	}
	(<-ui)()
	for i, tile := range tiles {
		if !tile.HasPicture() {
			t.Errorf("tile %d was not refreshed with the others", i)
		}
	}
	// A next one comes only after something new, and not before the tick.
	time.Sleep(3 * displayTick)
	if n := len(ui); n != 0 {
		t.Errorf("%d refreshes are pending with nothing to show", n)
	}
}

func TestRefreshesKeepToTheDisplayTick(t *testing.T) {
	p, ui := newTestPresenter(t, true)
	feed := p.NewFeed()
	var pool frame.Pool
	ran, start := 0, time.Now()
	for time.Since(start) < 20*displayTick {
		f, err := pool.Get(32, 32)
		if err != nil {
			t.Fatal(err)
		}
		feed.Show(f)
		f.Release()
		select {
		case run := <-ui:
			run()
			ran++
		case <-time.After(time.Millisecond):
		}
	}
	if ran > 22 || ran < 5 {
		t.Errorf("%d refreshes in 20 display ticks", ran)
	}
}

func TestHiddenTilesHoldNothing(t *testing.T) {
	p, _ := newTestPresenter(t, false)
	feed := p.NewFeed()
	tile := NewTile(feed, Options{})
	tile.Resize(fyne.NewSize(320, 180))
	if w, h := feed.Wanted(); w != 320 || h != 180 {
		t.Errorf("a visible tile wants %dx%d", w, h)
	}
	surface := tile.surface.(*shaderSurface)
	f, _ := observedFrame(t)
	feed.Show(f)
	f.Release()
	p.Flush()
	if surface.slot == nil {
		t.Fatal("a visible tile has no slot")
	}
	name := surface.slot.name
	tile.Hide()
	if surface.slot != nil || len(surface.shader.Textures) != 0 || tile.picture != nil {
		t.Error("a hidden tile keeps its slot, textures or frame")
	}
	if w, h := feed.Wanted(); w != 0 || h != 0 {
		t.Errorf("a hidden tile wants %dx%d", w, h)
	}
	f, _ = observedFrame(t)
	feed.Show(f)
	f.Release()
	p.Flush()
	if tile.picture != nil {
		t.Error("a hidden tile took a frame")
	}
	tile.Show()
	if tile.picture != f || surface.slot == nil {
		t.Error("shown again, the tile lacks the newest frame")
	}
	if surface.slot.name != name {
		t.Errorf("the slot is %s, want %s used again", surface.slot.name, name)
	}
}

func TestPictureChangedIsTold(t *testing.T) {
	p, _ := newTestPresenter(t, true)
	feed := p.NewFeed()
	var told []bool
	tile := NewTile(feed, Options{PictureChanged: func(shown bool) { told = append(told, shown) }})
	show := func() {
		f, _ := observedFrame(t)
		feed.Show(f)
		f.Release()
		p.Flush()
	}
	show()
	show()
	tile.Hide()
	show()
	tile.Show()
	feed.Clear()
	p.Flush()
	show()
	if want := []bool{true, false, true}; len(told) != len(want) || told[0] != want[0] || told[1] != want[1] || told[2] != want[2] {
		t.Errorf("told %v, want %v", told, want)
	}
}

func TestHeadersNeverRepeatWhileKept(t *testing.T) {
	s := &slot{}
	seen := map[*image.RGBA]bool{}
	for range 3 * headersPerBlock {
		h := s.header()
		if seen[h] {
			t.Fatal("an image header was handed out twice: the painter would not upload it")
		}
		seen[h] = true
	}
}

// BenchmarkShow720p is the whole Go side of a frame on its way to the
// painter: taking it, the flush, the headers and uniforms.
func BenchmarkShow720p(b *testing.B) {
	test.NewTempApp(b)
	p := NewPresenter(Params{Dispatch: func(func()) {}})
	defer p.Close()
	feed := p.NewFeed()
	tile := NewTile(feed, Options{CornerRadius: 8})
	tile.Resize(fyne.NewSize(1280, 720))
	var pool frame.Pool
	b.ReportAllocs()
	for b.Loop() {
		f, err := pool.Get(1280, 720)
		if err != nil {
			b.Fatal(err)
		}
		feed.Show(f)
		f.Release()
		p.Flush()
	}
}

func TestHiddenWindowWantsNoPictures(t *testing.T) {
	p, _ := newTestPresenter(t, true)
	feed := p.NewFeed()
	tile := NewTile(feed, Options{})
	defer tile.Close()
	tile.Resize(fyne.NewSize(320, 180))
	wants := func(width, height int) {
		t.Helper()
		if w, h := feed.Wanted(); w != width || h != height {
			t.Errorf("%dx%d is wanted, not %dx%d", w, h, width, height)
		}
	}
	wants(320, 180)
	p.Hide(p.canvas, true)
	wants(0, 0)
	tile.Resize(fyne.NewSize(640, 360))
	wants(0, 0)
	p.Hide(p.canvas, false)
	wants(640, 360)
}

// TestHiddenWindowBesideAnother hides the window of the large tile, and not that of
// the small one with the same feed.
func TestHiddenWindowBesideAnother(t *testing.T) {
	p, _ := newTestPresenter(t, false)
	small := test.NewTempWindow(t, nil).Canvas()
	feed := p.NewFeed()
	here, there := NewTile(feed, Options{}), NewTile(feed, Options{Canvas: small})
	defer here.Close()
	defer there.Close()
	here.Resize(fyne.NewSize(640, 360))
	there.Resize(fyne.NewSize(320, 180))
	show := func() *frame.Frame {
		t.Helper()
		f, _ := observedFrame(t)
		feed.Show(f)
		f.Release()
		p.Flush()
		return f
	}
	wants := func(width, height int) {
		t.Helper()
		if w, h := feed.Wanted(); w != width || h != height {
			t.Errorf("%dx%d is wanted, not %dx%d", w, h, width, height)
		}
	}
	first := show()
	p.Hide(p.canvas, true)
	wants(320, 180)
	late := NewTile(feed, Options{}) // somebody comes meanwhile
	defer late.Close()
	late.Resize(fyne.NewSize(1280, 720))
	wants(320, 180)
	second := show()
	if here.picture != first || late.picture != nil || there.picture != second {
		t.Error("the tiles of a hidden window draw, or those of another don't")
	}
	p.Hide(p.canvas, false)
	wants(1280, 720)
	if here.picture != second || late.picture != second {
		t.Error("back on the screen, tiles lack the newest picture")
	}
	p.Hide(small, true)
	third := show()
	if here.picture != third || there.picture != second {
		t.Error("the other window is hidden, and not it draws nothing")
	}
	feed.Clear()
	p.Flush()
	if there.picture != nil {
		t.Error("a tile of a hidden window keeps a picture that is gone")
	}
}

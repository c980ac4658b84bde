package video

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"parley/session/frame"
)

// Fit says how a picture lies in a tile of another shape.
type Fit int

// The fits of a picture.
const (
	Cover   Fit = iota // fills the tile, cutting off what lies outside
	Contain            // the whole picture, leaving the rest of the tile free
)

// Options of a tile.
type Options struct {
	Fit          Fit
	CornerRadius float32
	// Mirror swaps left and right even where the frame does not ask for it.
	Mirror bool
	// Canvas is the window's that the tile is in, where it is not the presenter's.
	// Fyne tells it only of what it has drawn, and forgets it while it draws nothing.
	Canvas fyne.Canvas
	// PictureChanged is told, on the UI thread, when a picture appears on a
	// tile that had none, and when it goes.
	PictureChanged func(shown bool)
}

// Tile is a widget that shows the newest picture of a feed, and nothing while
// there is none. Close it when it leaves the window for good.
//
// Fyne does not tell a widget when a container above it is hidden: hide the
// tile itself, and it costs nothing until it is shown again.
type Tile struct {
	widget.BaseWidget
	feed    *Feed
	options Options
	closed  bool
	picture *frame.Frame // what is on the screen, nil for nothing
	told    bool         // what PictureChanged was told last
	surface surface
	objects []fyne.CanvasObject // the surface's
}

var _ fyne.Widget = (*Tile)(nil)

// surface is what a tile draws on.
type surface interface {
	object() fyne.CanvasObject
	// show draws a frame that stays held until the next show, or nothing.
	show(f *frame.Frame, o *Options)
}

// NewTile returns a tile that shows feed.
func NewTile(feed *Feed, options Options) *Tile {
	if options.Canvas == nil {
		options.Canvas = feed.presenter.canvas
	}
	t := &Tile{feed: feed, options: options}
	t.surface = feed.presenter.newSurface()
	t.objects = []fyne.CanvasObject{t.surface.object()}
	t.ExtendBaseWidget(t)
	feed.attach(t)
	t.show(feed.current)
	return t
}

// Close lets the picture go and frees what the tile used.
func (t *Tile) Close() {
	if t.closed {
		return
	}
	t.hold(nil)
	t.closed = true
	t.feed.detach(t)
}

// HasPicture tells whether there is something to see.
func (t *Tile) HasPicture() bool { return t.feed.current != nil }

// SetFit changes how the picture lies in the tile.
func (t *Tile) SetFit(fit Fit) {
	if t.options.Fit != fit {
		t.options.Fit = fit
		t.redraw()
	}
}

// SetCornerRadius changes how round the tile is.
func (t *Tile) SetCornerRadius(radius float32) {
	if t.options.CornerRadius != radius {
		t.options.CornerRadius = radius
		t.redraw()
	}
}

func (t *Tile) redraw() {
	if t.picture != nil {
		t.draw()
	}
}

func (t *Tile) draw() {
	t.surface.show(t.picture, &t.options)
	// Not of the surface's object: Fyne knows no canvas yet for one that was
	// hidden until now, and would not paint.
	canvas.Refresh(t)
}

// offWindow reports whether nobody sees the tile's window.
func (t *Tile) offWindow() bool { return t.feed.presenter.hides(t.options.Canvas) }

// show puts a frame, or nothing, on the tile. Hidden tiles hold no frame, those of
// hidden windows the one that is to be seen first when they are back.
func (t *Tile) show(f *frame.Frame) {
	if t.closed {
		return
	}
	if t.Visible() && (f == nil || !t.offWindow()) {
		t.hold(f)
	}
	if has := f != nil; has != t.told {
		t.told = has
		if t.options.PictureChanged != nil {
			t.options.PictureChanged(has)
		}
	}
}

// hold draws f and keeps it until something else is drawn.
func (t *Tile) hold(f *frame.Frame) {
	old := t.picture
	if f == nil && old == nil {
		return
	}
	if f != nil {
		f.Retain()
	}
	t.picture = f
	t.draw()
	if old != nil {
		old.Release()
	}
}

// Show makes the tile visible, with the feed's newest picture.
func (t *Tile) Show() {
	if t.Visible() {
		return
	}
	t.BaseWidget.Show()
	t.show(t.feed.current)
	t.feed.measure()
}

// Hide takes the tile off the window and frees its picture.
func (t *Tile) Hide() {
	if !t.Visible() {
		return
	}
	t.BaseWidget.Hide()
	t.hold(nil)
	t.feed.measure()
}

// Resize changes the tile's size, and with it what its feed asks for.
func (t *Tile) Resize(size fyne.Size) {
	if size == t.Size() {
		return
	}
	t.BaseWidget.Resize(size)
	t.redraw()
	t.feed.measure()
}

// pixels is the tile's size on the screen, 0x0 where nobody sees it.
func (t *Tile) pixels() (width, height int) {
	if t.closed || !t.Visible() || t.Size().IsZero() || t.offWindow() {
		return 0, 0
	}
	return pixelsOf(t)
}

// setSurface draws on another surface from now on.
func (t *Tile) setSurface(s surface) {
	t.surface.show(nil, &t.options)
	t.surface, t.objects[0] = s, s.object()
	s.object().Resize(t.Size())
	if t.picture != nil {
		s.show(t.picture, &t.options)
	}
	t.Refresh()
}

// CreateRenderer is part of fyne.Widget.
func (t *Tile) CreateRenderer() fyne.WidgetRenderer { return tileRenderer{t} }

// tileRenderer follows the tile to another surface.
type tileRenderer struct{ tile *Tile }

func (r tileRenderer) Destroy()                     {}
func (r tileRenderer) Layout(size fyne.Size)        { r.tile.objects[0].Resize(size) }
func (r tileRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r tileRenderer) Objects() []fyne.CanvasObject { return r.tile.objects }
func (r tileRenderer) Refresh()                     { canvas.Refresh(r.tile) }

// MinSize is nothing: a tile is as large as it is made.
func (t *Tile) MinSize() fyne.Size { return fyne.Size{} }

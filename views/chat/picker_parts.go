package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// choiceStrip is a row of things of which one is chosen: the tabs and the
// tones of the emoji picker.
type choiceStrip struct {
	widget.BaseWidget
	items  []fyne.CanvasObject
	marks  []fyne.CanvasObject
	cell   fyne.Size
	chosen int // or -1
	choose func(i int)
	hover  func(i int) // -1 when nothing is hovered
	paint  func()      // gives items and marks their colours
	layout func(size fyne.Size)
	escape func()
	at     int // where the keyboard is
}

var (
	_ fyne.Tappable      = (*choiceStrip)(nil)
	_ desktop.Hoverable  = (*choiceStrip)(nil)
	_ desktop.Cursorable = (*choiceStrip)(nil)
	_ fyne.Focusable     = (*choiceStrip)(nil)
)

const (
	tabHeight  float32 = 32
	tabFace    float32 = 18
	toneCell   float32 = 22
	toneRadius float32 = 7
)

// newEmojiTabs makes the tabs of the sections, each with an emoji for a face.
func newEmojiTabs(emojis *emojis, faces []string, choose, hover func(i int)) *choiceStrip {
	mark, line := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	mark.CornerRadius = theme.RadiusS
	s := &choiceStrip{marks: []fyne.CanvasObject{line, mark}, cell: fyne.NewSize(toneCell, tabHeight), choose: choose, hover: hover}
	for _, face := range faces {
		picture := newEmojiImage()
		picture.set(emojis, face)
		s.items = append(s.items, picture.image)
	}
	s.layout = func(size fyne.Size) {
		line.Move(fyne.NewPos(0, size.Height-1))
		line.Resize(fyne.NewSize(size.Width, 1))
		width := size.Width / float32(len(s.items))
		for i, item := range s.items {
			item.Move(fyne.NewPos(float32(i)*width, (size.Height-1-tabFace)/2))
			item.Resize(fyne.NewSize(width, tabFace))
		}
		mark.Hidden = s.chosen < 0
		mark.Move(fyne.NewPos(float32(max(s.chosen, 0))*width+1, 1))
		mark.Resize(fyne.NewSize(width-2, size.Height-theme.SpaceXS))
	}
	s.paint = func() {
		line.FillColor, mark.FillColor = theme.Color(theme.ColorLine), theme.Color("button")
	}
	s.ExtendBaseWidget(s)
	return s
}

// newToneDots makes the dots of the skin tones.
func newToneDots(chosen int, choose, hover func(i int)) *choiceStrip {
	ring := canvas.NewCircle(nil)
	s := &choiceStrip{marks: []fyne.CanvasObject{ring}, cell: fyne.NewSquareSize(toneCell), chosen: chosen, choose: choose, hover: hover}
	for tone := range 6 {
		s.items = append(s.items, canvas.NewCircle(theme.ToneColor(tone)))
	}
	s.layout = func(size fyne.Size) {
		around := func(o fyne.CanvasObject, i int, radius float32) {
			o.Move(fyne.NewPos((float32(i)+0.5)*toneCell-radius, size.Height/2-radius))
			o.Resize(fyne.NewSquareSize(2 * radius))
		}
		for i, item := range s.items {
			around(item, i, toneRadius)
		}
		ring.Hidden = s.chosen < 0
		around(ring, max(s.chosen, 0), toneRadius+3)
	}
	s.paint = func() { ring.StrokeColor, ring.StrokeWidth = theme.Color("primary"), 2 }
	s.ExtendBaseWidget(s)
	return s
}

func (s *choiceStrip) setChosen(i int) {
	if s.chosen != i {
		s.chosen = i
		s.Refresh()
	}
}

func (s *choiceStrip) under(p fyne.Position) int {
	size := s.Size()
	if p.X < 0 || p.Y < 0 || p.X >= size.Width || p.Y >= size.Height {
		return -1
	}
	return min(int(p.X/size.Width*float32(len(s.items))), len(s.items)-1)
}

// Tapped implements fyne.Tappable.
func (s *choiceStrip) Tapped(e *fyne.PointEvent) {
	if i := s.under(e.Position); i >= 0 {
		s.choose(i)
	}
}

// FocusGained implements fyne.Focusable.
func (s *choiceStrip) FocusGained() {
	s.at = max(s.chosen, 0)
	s.hover(s.at)
}

// FocusLost implements fyne.Focusable.
func (s *choiceStrip) FocusLost() { s.hover(-1) }

// TypedRune implements fyne.Focusable.
func (s *choiceStrip) TypedRune(rune) {}

// TypedKey implements fyne.Focusable: the arrows walk, Enter and Space choose.
func (s *choiceStrip) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		s.at = max(s.at-1, 0)
	case fyne.KeyRight:
		s.at = min(s.at+1, len(s.items)-1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		s.choose(s.at)
		return
	case fyne.KeyEscape:
		if s.escape != nil {
			s.escape()
		}
		return
	default:
		return
	}
	s.hover(s.at)
}

// MouseIn implements desktop.Hoverable.
func (s *choiceStrip) MouseIn(e *desktop.MouseEvent) { s.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (s *choiceStrip) MouseMoved(e *desktop.MouseEvent) { s.hover(s.under(e.Position)) }

// MouseOut implements desktop.Hoverable.
func (s *choiceStrip) MouseOut() { s.hover(-1) }

// Cursor implements desktop.Cursorable.
func (s *choiceStrip) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (s *choiceStrip) CreateRenderer() fyne.WidgetRenderer {
	s.paint()
	return &choiceStripRenderer{s}
}

type choiceStripRenderer struct{ s *choiceStrip }

func (r *choiceStripRenderer) Destroy()              {}
func (r *choiceStripRenderer) Layout(size fyne.Size) { r.s.layout(size) }

func (r *choiceStripRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.s.cell.Width*float32(len(r.s.items)), r.s.cell.Height)
}

func (r *choiceStripRenderer) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject{}, r.s.marks...), r.s.items...)
}

func (r *choiceStripRenderer) Refresh() {
	r.s.paint()
	r.s.layout(r.s.Size())
	for _, mark := range r.s.marks {
		mark.Refresh()
	}
}

// pickerSearch is the entry of a picker: Enter chooses, Escape ends, and the
// arrows move in the grid.
type pickerSearch struct {
	widget.Entry
	enter, escape func()
	move          func(columns, rows int)
	steering      func() bool // the arrows to the sides move in the grid as well
}

func newPickerSearch() *pickerSearch {
	e := &pickerSearch{}
	e.ExtendBaseWidget(e)
	return e
}

// TypedKey implements fyne.Focusable.
func (e *pickerSearch) TypedKey(key *fyne.KeyEvent) {
	switch {
	case key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter:
		e.enter()
	case key.Name == fyne.KeyEscape:
		e.escape()
	case key.Name == fyne.KeyUp:
		e.move(0, -1)
	case key.Name == fyne.KeyDown:
		e.move(0, 1)
	case key.Name == fyne.KeyLeft && e.steering():
		e.move(-1, 0)
	case key.Name == fyne.KeyRight && e.steering():
		e.move(1, 0)
	default:
		e.Entry.TypedKey(key)
	}
}

// TypedShortcut leaves to the window what an entry has no use for, so that one
// can mute oneself meanwhile.
func (e *pickerSearch) TypedShortcut(shortcut fyne.Shortcut) {
	if custom, is := shortcut.(*desktop.CustomShortcut); is {
		if c, ok := fyne.CurrentApp().Driver().CanvasForObject(e).(fyne.Shortcutable); ok {
			c.TypedShortcut(custom)
			return
		}
	}
	e.Entry.TypedShortcut(shortcut)
}

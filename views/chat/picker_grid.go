package chat

import (
	"math"
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/emoji"
	"parley/views/theme"
)

const (
	emojiCellSize   float32 = 40 // at least; cells share what is left over
	emojiTitleSpace float32 = 24
	emojiSide       float32 = 28
)

// emojiCell is one place of the grid.
type emojiCell struct {
	text  string // in its tone
	emoji emoji.Emoji
}

// emojiSection is a part of the grid, with a title when it has one.
type emojiSection struct {
	title string
	cells []emojiCell
}

// emojiRow is a row of cells, or the title above some.
type emojiRow struct {
	y            float32
	title        string
	first, count int // cells; none in a title
}

func (r emojiRow) height() float32 {
	if r.count == 0 {
		return emojiTitleSpace
	}
	return emojiCellSize
}

// emojiGrid shows any number of emoji under each other. It has objects for the
// rows in view only, and draws those anew that come into view.
type emojiGrid struct {
	widget.BaseWidget
	emojis   *emojis
	scroll   *container.Scroll
	sections []emojiSection
	cells    []emojiCell // of all sections
	rows     []emojiRow
	rowOf    []int // the row of each cell
	starts   []int // the first row of each section
	columns  int
	width    float32
	current  int // the cell that is marked, or -1
	rest     int // what current is when the pointer leaves
	slots    []*emojiSlot
	mark     *canvas.Rectangle

	chosen   func(emojiCell)
	marked   func()            // current is another one
	scrolled func(section int) // it is at the top now
}

// emojiSlot holds the objects of a row in view.
type emojiSlot struct {
	row   int // that it shows, or -1
	title *canvas.Text
	faces []*emojiImage
}

var (
	_ fyne.Tappable      = (*emojiGrid)(nil)
	_ desktop.Hoverable  = (*emojiGrid)(nil)
	_ desktop.Cursorable = (*emojiGrid)(nil)
)

func newEmojiGrid(emojis *emojis, chosen func(emojiCell), marked func(), scrolled func(section int)) *emojiGrid {
	g := &emojiGrid{emojis: emojis, current: -1, rest: -1, mark: canvas.NewRectangle(nil), chosen: chosen, marked: marked, scrolled: scrolled}
	g.mark.CornerRadius = theme.RadiusS
	g.scroll = container.NewVScroll(g)
	g.scroll.OnScrolled = func(fyne.Position) { g.hasScrolled() }
	g.ExtendBaseWidget(g)
	return g
}

// show replaces what the grid shows, and marks the first cell when wanted.
func (g *emojiGrid) show(sections []emojiSection, markFirst bool) {
	g.sections, g.scroll.Offset = sections, fyne.Position{}
	g.setCurrent(-1)
	g.arrange()
	g.rest = -1
	if markFirst && len(g.cells) > 0 {
		g.rest = 0
	}
	g.setCurrent(g.rest)
}

// restyle replaces the texts by those of another tone, and stays where it is.
func (g *emojiGrid) restyle(sections []emojiSection) {
	g.sections = sections
	g.arrange()
}

// place lays the grid out in a part of the picker.
func (g *emojiGrid) place(pos fyne.Position, size fyne.Size) {
	if size.Width != g.width {
		g.width = size.Width
		g.arrange()
	}
	g.scroll.Move(pos)
	g.scroll.Resize(size)
	g.makeSlots(size.Height)
	g.update()
}

// arrange puts the cells into rows.
func (g *emojiGrid) arrange() {
	g.columns = max(1, int(g.width/emojiCellSize))
	g.rows, g.rowOf, g.starts, g.cells = nil, nil, nil, nil
	y := float32(0)
	add := func(r emojiRow) {
		r.y = y
		for range r.count {
			g.rowOf = append(g.rowOf, len(g.rows))
		}
		g.rows = append(g.rows, r)
		y += r.height()
	}
	for _, s := range g.sections {
		g.starts = append(g.starts, len(g.rows))
		if s.title != "" {
			add(emojiRow{title: s.title})
		}
		for i := 0; i < len(s.cells); i += g.columns {
			add(emojiRow{first: len(g.cells) + i, count: min(g.columns, len(s.cells)-i)})
		}
		g.cells = append(g.cells, s.cells...)
	}
	for _, s := range g.slots {
		s.row = -1
	}
	g.scroll.Refresh()
	g.update()
}

// makeSlots makes as many slots as rows can be in view.
func (g *emojiGrid) makeSlots(height float32) {
	count := int(math.Ceil(float64(height/emojiTitleSpace))) + 1
	if len(g.slots) == count && len(g.slots[0].faces) == g.columns {
		return
	}
	g.slots = make([]*emojiSlot, count)
	for i := range g.slots {
		s := &emojiSlot{row: -1, title: canvas.NewText("", nil), faces: make([]*emojiImage, g.columns)}
		s.title.TextSize, s.title.TextStyle.Bold = theme.Scaled(theme.TextCaption), true
		s.title.Hide()
		for j := range s.faces {
			s.faces[j] = newEmojiImage()
			s.faces[j].image.Hide()
		}
		g.slots[i] = s
	}
	g.Refresh()
}

// update fills the slots of the rows that came into view.
func (g *emojiGrid) update() {
	if len(g.slots) == 0 {
		return
	}
	top, bottom := g.scroll.Offset.Y, g.scroll.Offset.Y+g.scroll.Size().Height
	first := g.rowAt(top)
	taken := make([]bool, len(g.slots))
	for i := first; i < len(g.rows) && i < first+len(g.slots) && g.rows[i].y < bottom; i++ {
		// Rows that stay in view keep their slots, so nothing of them is drawn anew.
		slot := i % len(g.slots)
		taken[slot] = true
		if g.slots[slot].row != i {
			g.fill(g.slots[slot], i)
		}
	}
	for i, s := range g.slots {
		if !taken[i] {
			s.row = -1
			s.title.Hide()
			for _, f := range s.faces {
				f.image.Hide()
			}
		}
	}
	g.placeMark()
}

func (g *emojiGrid) fill(s *emojiSlot, row int) {
	s.row = row
	r := g.rows[row]
	if r.title == "" {
		s.title.Hide()
	} else {
		s.title.Text, s.title.Color = r.title, theme.Color(theme.ColorMuted)
		s.title.Move(fyne.NewPos(theme.SpaceXS, r.y))
		s.title.Resize(fyne.NewSize(g.width, emojiTitleSpace))
		s.title.Show()
		s.title.Refresh()
	}
	for column, f := range s.faces {
		if column >= r.count {
			f.image.Hide()
			continue
		}
		f.set(g.emojis, g.cells[r.first+column].text)
		f.image.Move(fyne.NewPos(float32(column)*g.cellWidth()+(g.cellWidth()-emojiSide)/2, r.y+(emojiCellSize-emojiSide)/2))
		f.image.Resize(fyne.NewSquareSize(emojiSide))
		f.image.Show()
	}
}

func (g *emojiGrid) cellWidth() float32 { return g.width / float32(g.columns) }

// rowAt is the row at a height, or the last one above it.
func (g *emojiGrid) rowAt(y float32) int {
	return max(0, sort.Search(len(g.rows), func(i int) bool { return g.rows[i].y > y })-1)
}

// cellAt is the cell under a position, or -1.
func (g *emojiGrid) cellAt(p fyne.Position) int {
	if len(g.rows) == 0 || p.X < 0 || p.Y < 0 {
		return -1
	}
	r := g.rows[g.rowAt(p.Y)]
	column := int(p.X / g.cellWidth())
	if column >= r.count || p.Y >= r.y+r.height() {
		return -1
	}
	return r.first + column
}

// section is the one at the top of the view.
func (g *emojiGrid) section() int {
	row := g.rowAt(g.scroll.Offset.Y + emojiTitleSpace/2)
	return max(0, sort.Search(len(g.starts), func(i int) bool { return g.starts[i] > row })-1)
}

// scrollTo shows a section from its beginning.
func (g *emojiGrid) scrollTo(section int) {
	if section < len(g.starts) && g.starts[section] < len(g.rows) {
		g.scrollToOffset(g.rows[g.starts[section]].y)
	}
}

// scrollToOffset scrolls; Fyne tells OnScrolled of the person's scrolling only.
func (g *emojiGrid) scrollToOffset(y float32) {
	g.scroll.ScrollToOffset(fyne.NewPos(0, y))
	g.hasScrolled()
}

func (g *emojiGrid) hasScrolled() {
	g.update()
	g.scrolled(g.section())
}

func (g *emojiGrid) setCurrent(cell int) {
	if g.current != cell {
		g.current = cell
		g.placeMark()
		g.marked()
	}
}

func (g *emojiGrid) placeMark() {
	if g.current < 0 || g.current >= len(g.cells) {
		g.mark.Hide()
		return
	}
	r := g.rows[g.rowOf[g.current]]
	g.mark.FillColor = theme.Color(fynetheme.ColorNameSelection)
	g.mark.Resize(fyne.NewSize(g.cellWidth()-2, emojiCellSize-2))
	g.mark.Move(fyne.NewPos(float32(g.current-r.first)*g.cellWidth()+1, r.y+1))
	g.mark.Show()
	g.mark.Refresh()
}

// move marks the cell beside the marked one, and brings it into view.
func (g *emojiGrid) move(columns, rows int) {
	if len(g.cells) == 0 {
		return
	}
	next := 0
	if g.current >= 0 {
		next = min(max(g.current+columns, 0), len(g.cells)-1)
		if rows != 0 {
			next = g.beyond(next, rows)
		}
	}
	g.setCurrent(next)
	r := g.rows[g.rowOf[next]]
	switch offset, height := g.scroll.Offset.Y, g.scroll.Size().Height; {
	case r.y < offset:
		g.scrollToOffset(r.y)
	case r.y+r.height() > offset+height:
		g.scrollToOffset(r.y + r.height() - height)
	}
}

// beyond is the cell above or below another one; titles are stepped over.
func (g *emojiGrid) beyond(cell, step int) int {
	row := g.rowOf[cell]
	column := cell - g.rows[row].first
	for i := row + step; i >= 0 && i < len(g.rows); i += step {
		if r := g.rows[i]; r.count > 0 {
			return r.first + min(column, r.count-1)
		}
	}
	return cell
}

// Tapped implements fyne.Tappable.
func (g *emojiGrid) Tapped(e *fyne.PointEvent) {
	if cell := g.cellAt(e.Position); cell >= 0 {
		g.chosen(g.cells[cell])
	}
}

// MouseIn implements desktop.Hoverable.
func (g *emojiGrid) MouseIn(e *desktop.MouseEvent) { g.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (g *emojiGrid) MouseMoved(e *desktop.MouseEvent) {
	if cell := g.cellAt(e.Position); cell >= 0 {
		g.setCurrent(cell)
	}
}

// MouseOut implements desktop.Hoverable.
func (g *emojiGrid) MouseOut() { g.setCurrent(g.rest) }

// Cursor implements desktop.Cursorable.
func (g *emojiGrid) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (g *emojiGrid) CreateRenderer() fyne.WidgetRenderer { return &emojiGridRenderer{g} }

type emojiGridRenderer struct{ g *emojiGrid }

func (r *emojiGridRenderer) Destroy()         {}
func (r *emojiGridRenderer) Layout(fyne.Size) {}

func (r *emojiGridRenderer) MinSize() fyne.Size {
	if len(r.g.rows) == 0 {
		return fyne.Size{}
	}
	last := r.g.rows[len(r.g.rows)-1]
	return fyne.NewSize(0, last.y+last.height())
}

func (r *emojiGridRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.g.mark}
	for _, s := range r.g.slots {
		objects = append(objects, s.title)
		for _, f := range s.faces {
			objects = append(objects, f.image)
		}
	}
	return objects
}

// Refresh takes other colours over.
func (r *emojiGridRenderer) Refresh() {
	muted := theme.Color(theme.ColorMuted)
	for _, s := range r.g.slots {
		if s.title.Color != muted && s.title.Visible() {
			s.title.Color = muted
			s.title.Refresh()
		}
	}
	r.g.update()
}

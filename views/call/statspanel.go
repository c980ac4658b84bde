package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"parley/views/i18n"
	"parley/views/theme"
)

// statsPanel lies over the stage and tells how all that is sent and received fares.
type statsPanel struct {
	part
	loc     *i18n.Localizer
	stats   Stats
	area    rect
	back    *canvas.Rectangle
	title   *canvas.Text
	summary *canvas.Text
	none    *canvas.Text
	copy    *pill
	close   *smallButton
	table   *statsTable
	scroll  *container.Scroll
}

func newStatsPanel(loc *i18n.Localizer, a Actions) *statsPanel {
	p := &statsPanel{
		loc: loc, back: canvas.NewRectangle(nil), title: newText(theme.TextBody, true), summary: newText(theme.TextSmall, false),
		none: newText(theme.TextSmall, false), table: newStatsTable(loc),
	}
	p.copy = newPill("copy", loc.T("stats.copy"), func() { a.CopyText(p.stats.text(loc)) })
	p.close = newSmallButton("close", func() string { return loc.T("stats.close") }, a.ToggleStats)
	p.close.plain, p.close.flat = true, true
	p.close.Refresh()
	p.scroll = container.NewScroll(p.table)
	p.back.CornerRadius, p.back.StrokeWidth = theme.RadiusM, 1
	p.objects = []fyne.CanvasObject{p.back, p.title, p.summary, p.none, p.copy, p.close, p.scroll}
	p.arrange = p.place
	p.paint = func() {
		p.back.FillColor, p.back.StrokeColor = theme.Color(theme.ColorPage), theme.Color(theme.ColorLine)
		p.title.Color, p.summary.Color, p.none.Color = theme.Color(theme.ColorStageText), theme.Color(theme.ColorMuted), theme.Color(theme.ColorMuted)
	}
	p.extend(p)
	p.Hide()
	return p
}

// set shows what was measured; nothing for nil.
func (p *statsPanel) set(s *Stats) {
	if s == nil {
		p.Hide()
		return
	}
	p.stats = *s
	p.title.Text, p.copy.text.Text, p.none.Text = p.loc.T("stats.title"), p.loc.T("stats.copy"), p.loc.T("stats.none")
	p.summary.Text = s.summary(p.loc)
	show(p.none, len(s.Lines) == 0)
	show(p.scroll, len(s.Lines) > 0)
	p.table.set(s.Lines)
	p.Show()
	p.within(p.area)
	p.Refresh()
}

const statsHead = float32(44)

// within lays the panel into an area of the view, as large as it has to be.
func (p *statsPanel) within(area rect) {
	p.area = area
	size := p.table.MinSize()
	w := min(max(size.Width+2*theme.SpaceM, theme.Scaled(380)), area.w)
	h := min(theme.Scaled(statsHead)+max(size.Height, theme.Scaled(40))+theme.SpaceM, area.h)
	put(p, area.x, area.y, max(w, 0), max(h, 0))
}

func (p *statsPanel) place(size fyne.Size) {
	const button = float32(30)
	head := theme.Scaled(statsHead)
	put(p.back, 0, 0, size.Width, size.Height)
	copies := p.copy.MinSize()
	x := size.Width - theme.SpaceS - button
	put(p.close, x, (head-button)/2, button, button)
	x -= copies.Width + theme.SpaceXS
	put(p.copy, x, (head-copies.Height)/2, copies.Width, copies.Height)
	title := p.title.MinSize()
	put(p.title, theme.SpaceM, (head-title.Height)/2, title.Width, title.Height)
	left := theme.SpaceM + title.Width + theme.SpaceM
	p.summary.Text = ellipsis(p.stats.summary(p.loc), max(x-left-theme.SpaceS, 0), p.summary.TextSize, p.summary.TextStyle)
	h := p.summary.MinSize().Height
	put(p.summary, left, (head-h)/2+1, max(x-left, 0), h)
	put(p.none, theme.SpaceM, head, size.Width-2*theme.SpaceM, p.none.MinSize().Height)
	put(p.scroll, theme.SpaceM, head, max(size.Width-2*theme.SpaceM, 0), max(size.Height-head-theme.SpaceS, 0))
}

// statsTable has a line of cells for each stream, in columns as wide as they need.
type statsTable struct {
	part
	loc   *i18n.Localizer
	lines []StatsLine
	cells [][]*canvas.Text
	wide  []float32
}

func newStatsTable(loc *i18n.Localizer) *statsTable {
	t := &statsTable{loc: loc}
	t.minimum = func() fyne.Size {
		width := float32(0)
		for _, w := range t.wide {
			width += w + theme.SpaceM
		}
		return fyne.NewSize(max(width-theme.SpaceM, 0), float32(len(t.lines)+1)*t.high())
	}
	t.arrange = t.place
	t.paint = func() {
		for row, line := range t.cells {
			for _, cell := range line {
				cell.TextSize = theme.Scaled(theme.TextSmall)
				cell.Color = theme.Color(theme.ColorStageText)
				if row == 0 {
					cell.Color = theme.Color(theme.ColorMuted)
				}
			}
		}
	}
	t.extend(t)
	return t
}

func (t *statsTable) high() float32 { return theme.Scaled(22) }

// firstNumbers is the first column that is aligned to the right.
const firstNumbers = 2

func (t *statsTable) set(lines []StatsLine) {
	t.lines = lines
	texts := [][]string{statsColumns(t.loc)}
	for _, l := range lines {
		texts = append(texts, l.cells(t.loc))
	}
	for len(t.cells) < len(texts) {
		var line []*canvas.Text
		for column := range texts[0] {
			cell := newText(theme.TextSmall, false)
			if column >= firstNumbers {
				cell.Alignment = fyne.TextAlignTrailing
			}
			line = append(line, cell)
		}
		t.cells = append(t.cells, line)
	}
	t.objects = t.objects[:0]
	t.wide = make([]float32, len(texts[0]))
	const most = 160 // of a name
	for row, line := range texts {
		for column, text := range line {
			cell := t.cells[row][column]
			cell.TextSize = theme.Scaled(theme.TextSmall)
			cell.Text = ellipsis(text, theme.Scaled(most), cell.TextSize, cell.TextStyle)
			t.wide[column] = max(t.wide[column], cell.MinSize().Width)
			t.objects = append(t.objects, cell)
		}
	}
	t.Refresh()
}

func (t *statsTable) place(fyne.Size) {
	for row, line := range t.cells[:min(len(t.lines)+1, len(t.cells))] {
		x := float32(0)
		for column, cell := range line {
			h := cell.MinSize().Height
			put(cell, x, float32(row)*t.high()+(t.high()-h)/2, t.wide[column], h)
			cell.Refresh()
			x += t.wide[column] + theme.SpaceM
		}
	}
}

package chat

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/emoji"
	"parley/views/i18n"
	"parley/views/theme"
)

const (
	pickerWidth  float32 = 340
	pickerHeight float32 = 340
	pickerFoot   float32 = 28

	// pickerHits is how many emoji a search shows: nobody looks further down.
	pickerHits = 160
)

// emojiPicker is where an emoji is chosen: by groups, or by a search.
type emojiPicker struct {
	widget.BaseWidget
	loc       *i18n.Localizer
	catalogue *emoji.Catalogue
	recents   []string
	tone      int
	chosen    func(text string)
	toned     func(tone int)
	close     func()

	search   *pickerSearch
	tabs     *choiceStrip
	titles   []string // of the tabs
	grid     *emojiGrid
	tones    *choiceStrip
	name     *widget.Label
	none     *canvas.Text
	steering bool // the arrows have moved since something was typed
}

// newEmojiPicker makes a picker that offers the emoji that there are pictures
// of, those that were used lately first.
func newEmojiPicker(loc *i18n.Localizer, emojis *emojis, chosen func(text string), toned func(tone int)) *emojiPicker {
	p := &emojiPicker{loc: loc, catalogue: emojis.all(), recents: emojis.recents, tone: emojis.tone, chosen: chosen, toned: toned, close: func() {}}
	p.grid = newEmojiGrid(emojis, p.choose, p.showName, func(section int) {
		if !p.searching() {
			p.tabs.setChosen(section)
		}
	})
	sections := p.sections()
	p.tabs = newEmojiTabs(emojis, p.faces(), p.openTab, func(i int) {
		p.hint("")
		if i >= 0 {
			p.hint(p.titles[i])
		}
	})
	for _, s := range sections {
		p.titles = append(p.titles, s.title)
	}
	p.tones = newToneDots(p.tone, p.setTone, func(i int) {
		p.hint("")
		if i >= 0 {
			p.hint(loc.T("emoji.tone"))
		}
	})
	p.search = newPickerSearch()
	p.search.SetPlaceHolder(loc.T("emoji.search"))
	p.search.OnChanged = p.find
	p.search.enter, p.search.escape = p.enter, func() { p.close() }
	p.search.move = func(columns, rows int) {
		p.steering = true
		p.grid.move(columns, rows)
	}
	p.search.steering = func() bool { return p.steering || p.search.Text == "" }
	p.name = widget.NewLabel("")
	p.name.SizeName, p.name.Truncation = fynetheme.SizeNameCaptionText, fyne.TextTruncateEllipsis
	p.none = canvas.NewText(loc.T("emoji.none"), theme.Color(theme.ColorMuted))
	p.none.TextSize, p.none.Alignment = theme.Scaled(theme.TextSmall), fyne.TextAlignCenter
	p.none.Hide()
	p.grid.show(sections, false)
	p.ExtendBaseWidget(p)
	return p
}

// groupLook is the face of a group's tab, and the key of its title.
func groupLook(g emoji.Group) (face, key string) {
	switch g {
	case emoji.Smileys:
		return "😀", "emoji.group.smileys"
	case emoji.People:
		return "👋", "emoji.group.people"
	case emoji.Nature:
		return "🐻", "emoji.group.nature"
	case emoji.Food:
		return "🍔", "emoji.group.food"
	case emoji.Travel:
		return "🚀", "emoji.group.travel"
	case emoji.Activities:
		return "⚽", "emoji.group.activities"
	case emoji.Objects:
		return "📦", "emoji.group.objects"
	case emoji.Symbols:
		return "💟", "emoji.group.symbols"
	default:
		return "🏁", "emoji.group.flags"
	}
}

// faces are those of the tabs: one for each section.
func (p *emojiPicker) faces() []string {
	var faces []string
	if len(p.recentCells()) > 0 {
		faces = append(faces, "🕒")
	}
	for _, g := range p.catalogue.Groups() {
		face, _ := groupLook(g)
		faces = append(faces, face)
	}
	return faces
}

// recentCells are the recent emoji in the tones that they were used with.
func (p *emojiPicker) recentCells() []emojiCell {
	var cells []emojiCell
	for _, text := range p.recents {
		if e, is := p.catalogue.Find(text); is {
			cells = append(cells, emojiCell{text, e})
		}
	}
	return cells
}

func (p *emojiPicker) cells(list []emoji.Emoji) []emojiCell {
	cells := make([]emojiCell, len(list))
	for i, e := range list {
		cells[i] = emojiCell{emoji.Tone(e, p.tone), e}
	}
	return cells
}

// sections are what the grid shows: all there is, or what was found.
func (p *emojiPicker) sections() []emojiSection {
	if p.searching() {
		return []emojiSection{{cells: p.cells(p.catalogue.Search(p.search.Text, p.loc.Language(), pickerHits))}}
	}
	var sections []emojiSection
	if recent := p.recentCells(); len(recent) > 0 {
		sections = append(sections, emojiSection{p.loc.T("emoji.recent"), recent})
	}
	for _, g := range p.catalogue.Groups() {
		_, key := groupLook(g)
		sections = append(sections, emojiSection{p.loc.T(key), p.cells(p.catalogue.InGroup(g))})
	}
	return sections
}

func (p *emojiPicker) searching() bool {
	return p.search != nil && strings.TrimSpace(p.search.Text) != ""
}

func (p *emojiPicker) find(string) {
	p.steering = false
	p.grid.show(p.sections(), p.searching())
	p.none.Hidden = len(p.grid.cells) > 0
	p.none.Refresh()
	if p.searching() {
		p.tabs.setChosen(-1)
	} else {
		p.tabs.setChosen(0)
	}
}

func (p *emojiPicker) openTab(i int) {
	p.focusAgain()
	if p.searching() {
		p.search.SetText("")
	}
	p.grid.scrollTo(i)
	p.tabs.setChosen(i) // also when it is too short to be at the top
}

func (p *emojiPicker) setTone(tone int) {
	p.focusAgain()
	p.tone = tone
	p.tones.setChosen(tone)
	p.grid.restyle(p.sections())
	p.toned(tone)
}

func (p *emojiPicker) enter() {
	if p.grid.current >= 0 {
		p.choose(p.grid.cells[p.grid.current])
	}
}

func (p *emojiPicker) choose(cell emojiCell) {
	p.focusAgain()
	p.chosen(cell.text)
}

func (p *emojiPicker) showName() {
	if p.grid.current < 0 {
		p.hint("")
		return
	}
	p.hint(p.grid.cells[p.grid.current].emoji.Name(p.loc.Language()))
}

func (p *emojiPicker) hint(text string) {
	if p.name != nil && p.name.Text != text {
		p.name.SetText(text)
	}
}

// focus puts the cursor into the search.
func (p *emojiPicker) focus(c fyne.Canvas) { c.Focus(p.search) }

// focusAgain brings the cursor back that a tap beside the search took away.
func (p *emojiPicker) focusAgain() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.search); c != nil && c.Focused() != fyne.Focusable(p.search) {
		p.focus(c)
	}
}

// CreateRenderer implements fyne.Widget.
func (p *emojiPicker) CreateRenderer() fyne.WidgetRenderer {
	content := container.New(pickerLayout{p}, p.search, p.tabs, p.grid.scroll, p.none, p.name, p.tones)
	return &pickerRenderer{WidgetRenderer: widget.NewSimpleRenderer(content), p: p}
}

// pickerRenderer takes other colours over.
type pickerRenderer struct {
	fyne.WidgetRenderer
	p *emojiPicker
}

// Refresh implements fyne.WidgetRenderer.
func (r *pickerRenderer) Refresh() {
	r.p.none.Color = theme.Color(theme.ColorMuted)
	r.WidgetRenderer.Refresh()
}

type pickerLayout struct{ p *emojiPicker }

// MinSize is little, so that a small window can hold the picker as well.
func (l pickerLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return l.p.tones.MinSize().AddWidthHeight(2*theme.SpaceS, 120)
}

func (l pickerLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p, width, y := l.p, size.Width-2*theme.SpaceS, theme.SpaceS
	put := func(o fyne.CanvasObject, height float32) {
		o.Move(fyne.NewPos(theme.SpaceS, y))
		o.Resize(fyne.NewSize(width, height))
		y += height + theme.SpaceXS
	}
	put(p.search, p.search.MinSize().Height)
	put(p.tabs, tabHeight)
	p.grid.place(fyne.NewPos(theme.SpaceS, y), fyne.NewSize(width, size.Height-y-pickerFoot-theme.SpaceS))
	p.none.Move(fyne.NewPos(theme.SpaceS, y))
	p.none.Resize(fyne.NewSize(width, 2*emojiCellSize))
	tones := p.tones.MinSize().Width
	foot := size.Height - pickerFoot - theme.SpaceXS
	p.tones.Move(fyne.NewPos(size.Width-theme.SpaceS-tones, foot))
	p.tones.Resize(fyne.NewSize(tones, pickerFoot))
	name := p.name.MinSize().Height
	p.name.Move(fyne.NewPos(theme.SpaceXS, foot+(pickerFoot-name)/2))
	p.name.Resize(fyne.NewSize(size.Width-tones-2*theme.SpaceS-theme.SpaceXS, name))
}

// showEmojiPicker opens a picker above a position, or below it where there is
// no room, and gives what closes it. It stays open after a choice, so that
// several can be made.
func showEmojiPicker(c fyne.Canvas, at fyne.Position, loc *i18n.Localizer, emojis *emojis, chosen func(text string), toned func(tone int)) (hide func()) {
	p := newEmojiPicker(loc, emojis, chosen, toned)
	popUp := widget.NewPopUp(p, c)
	p.close = popUp.Hide
	pos, size := pickerPlace(c.Size(), at)
	popUp.Resize(size)
	popUp.ShowAtPosition(pos)
	p.focus(c)
	return popUp.Hide
}

// pickerPlace is where a picker goes that is wholly inside of a window.
func pickerPlace(window fyne.Size, at fyne.Position) (fyne.Position, fyne.Size) {
	size := fyne.NewSize(pickerWidth, pickerHeight).Min(window)
	y := at.Y - theme.SpaceS - size.Height
	if y < 0 {
		y = at.Y + theme.SpaceS
	}
	return fyne.NewPos(max(0, min(at.X, window.Width-size.Width)), max(0, min(y, window.Height-size.Height))), size
}

package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"parley/session/wire"
	"parley/views/i18n"
	"parley/views/theme"
)

// searchFrom is from how many people on there is a field to find somebody.
const searchFrom = 11

func entryHeight() float32   { return theme.Scaled(52) }
func headingHeight() float32 { return theme.Scaled(32) }

// peoplePanel lists who is in the room, and, for a host, who waits before it.
type peoplePanel struct {
	part
	loc     *i18n.Localizer
	actions Actions
	state   State
	back    *theme.Panel
	title   *canvas.Text
	close   *smallButton
	search  *widget.Entry
	none    *canvas.Text
	rows    *peopleRows
	scroll  *container.Scroll
}

func newPeoplePanel(loc *i18n.Localizer, a Actions) *peoplePanel {
	p := &peoplePanel{loc: loc, actions: a, back: theme.NewPanel(theme.ColorPage), title: newText(theme.TextBody, true), none: newText(theme.TextSmall, false), search: widget.NewEntry()}
	p.close = newSmallButton("close", func() string { return loc.T("people.close") }, a.TogglePeople)
	p.close.plain, p.close.flat = true, true
	p.close.Refresh()
	p.search.OnChanged = func(string) {
		p.fill()
		p.scroll.ScrollToTop()
	}
	p.none.Alignment = fyne.TextAlignCenter
	p.rows = newPeopleRows(p)
	p.scroll = container.NewVScroll(p.rows)
	p.rows.scroll = p.scroll
	p.scroll.OnScrolled = func(fyne.Position) { p.rows.bind() }
	p.objects = []fyne.CanvasObject{p.back, p.title, p.close, p.search, p.none, p.scroll}
	p.arrange = p.place
	p.paint = func() {
		p.title.Color, p.none.Color = theme.Color(theme.ColorStageText), theme.Color(theme.ColorMuted)
	}
	p.extend(p)
	p.say()
	p.search.Hide()
	p.none.Hide()
	p.Hide()
	return p
}

// say says everything anew, in the language of now.
func (p *peoplePanel) say() {
	p.title.Text, p.none.Text = p.loc.T("people.title"), p.loc.T("people.none")
	p.search.SetPlaceHolder(p.loc.T("people.search"))
	p.rows.again()
}

func (p *peoplePanel) place(size fyne.Size) {
	const button = float32(30)
	put(p.back, 0, 0, size.Width, size.Height)
	h := p.title.MinSize().Height
	put(p.title, theme.SpaceL, (headerHeight()-h)/2, size.Width-button-2*theme.SpaceL, h)
	put(p.close, size.Width-button-theme.SpaceM, (headerHeight()-button)/2, button, button)
	y := headerHeight()
	if p.search.Visible() {
		h := p.search.MinSize().Height
		put(p.search, theme.SpaceM, y, size.Width-2*theme.SpaceM, h)
		y += h + theme.SpaceS
	}
	put(p.none, theme.SpaceM, y+theme.SpaceXL, size.Width-2*theme.SpaceM, p.none.MinSize().Height)
	put(p.scroll, 0, y, size.Width, max(size.Height-y, 0))
	p.rows.bind()
}

// set shows who is there now. Rows of those who stay where they are stay.
func (p *peoplePanel) set(s State) {
	p.state = s
	if many := len(s.People) >= searchFrom; many != p.search.Visible() && (many || p.search.Text == "") {
		show(p.search, many)
		p.rearrange()
	}
	p.fill()
}

func (p *peoplePanel) fill() {
	var list []entry
	people := listed(p.state.People, p.search.Text)
	if h := p.state.Hosting; h != nil && len(h.Waiting) > 0 {
		list = append(list, entry{heading: p.loc.Tf("people.waiting", map[string]any{"Count": len(h.Waiting)})})
		for _, user := range h.Waiting {
			list = append(list, entry{waits: user})
		}
		list = append(list, entry{heading: p.loc.Tf("people.here", map[string]any{"Count": len(p.state.People)})})
	}
	for _, person := range people {
		list = append(list, entry{person: person})
	}
	show(p.none, len(people) == 0 && p.search.Text != "")
	p.rows.set(list)
}

// focusFirst brings the keyboard to the field, or to the first row.
func (p *peoplePanel) focusFirst() {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	switch {
	case c == nil:
	case p.search.Visible():
		c.Focus(p.search)
	default:
		p.rows.focus(0, 1)
	}
}

// peopleRows are as high as all entries, and have widgets for those alone that are
// to be seen.
type peopleRows struct {
	part
	panel  *peoplePanel
	scroll *container.Scroll
	list   []entry
	tops   []float32 // of the entries, and the end of the last
	used   map[string]*peopleRow
	free   []*peopleRow
}

func newPeopleRows(p *peoplePanel) *peopleRows {
	r := &peopleRows{panel: p, used: make(map[string]*peopleRow), tops: []float32{0}}
	r.minimum = func() fyne.Size { return fyne.NewSize(0, r.tops[len(r.tops)-1]+theme.SpaceS) }
	r.arrange = func(fyne.Size) { r.bind() }
	r.extend(r)
	return r
}

func (r *peopleRows) set(list []entry) {
	r.list = list
	r.measure()
	r.bind()
}

// measure places the entries, which grow with the text.
func (r *peopleRows) measure() {
	before := r.tops[len(r.tops)-1]
	r.tops = append(r.tops[:0], 0)
	for i, e := range r.list {
		h := entryHeight()
		if e.heading != "" {
			h = headingHeight()
		}
		r.tops = append(r.tops, r.tops[i]+h)
	}
	if r.scroll != nil && r.tops[len(r.list)] != before {
		r.scroll.Refresh()
	}
}

// again has all rows drawn anew.
func (r *peopleRows) again() {
	for _, row := range r.used {
		row.stale = true
	}
	r.measure()
	r.bind()
}

// renew is called after the text size changed.
func (r *peopleRows) renew() {
	r.again()
	r.part.renew()
}

// bind has a row for each entry that is to be seen: the same as before, for one
// that was.
func (r *peopleRows) bind() {
	if r.scroll == nil || !r.panel.Visible() {
		return
	}
	from, to := r.scroll.Offset.Y, r.scroll.Offset.Y+r.scroll.Size().Height
	seen := make(map[string]bool)
	var first, last int
	for first < len(r.list) && r.tops[first+1] <= from {
		first++
	}
	for last = first; last < len(r.list) && r.tops[last] < to; last++ {
		seen[r.list[last].key()] = true
	}
	listed := false
	for key, row := range r.used {
		if !seen[key] {
			delete(r.used, key)
			row.Hide()
			r.free = append(r.free, row)
			listed = true
		}
	}
	for i := first; i < last; i++ {
		e := r.list[i]
		row := r.used[e.key()]
		if row == nil {
			row = r.take()
			r.used[e.key()] = row
			listed = true
		}
		put(row, 0, r.tops[i], r.scroll.Size().Width, r.tops[i+1]-r.tops[i])
		row.set(e, i)
	}
	if listed {
		r.objects = r.objects[:0]
		for i := first; i < last; i++ { // in the order in which the keyboard goes
			r.objects = append(r.objects, r.used[r.list[i].key()])
		}
		canvas.Refresh(r)
	}
}

func (r *peopleRows) take() *peopleRow {
	if n := len(r.free); n > 0 {
		row := r.free[n-1]
		r.free = r.free[:n-1]
		row.Show()
		return row
	}
	return newPeopleRow(r)
}

// focus brings the keyboard to the next entry of somebody in the room, from an index on.
func (r *peopleRows) focus(at, step int) {
	for ; at >= 0 && at < len(r.list); at += step {
		if r.list[at].person.UserID == "" {
			continue
		}
		view, top, end := r.scroll.Size().Height, r.tops[at], r.tops[at+1]
		if top < r.scroll.Offset.Y {
			r.scroll.ScrollToOffset(fyne.NewPos(0, top))
		} else if end > r.scroll.Offset.Y+view {
			r.scroll.ScrollToOffset(fyne.NewPos(0, end-view))
		}
		r.bind()
		if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil && r.used[r.list[at].key()] != nil {
			c.Focus(r.used[r.list[at].key()])
		}
		return
	}
}

// open shows what can be done with somebody: how loud they are, and what a host does.
func (r *peopleRows) open(row *peopleRow) {
	person := row.entry.person
	c := fyne.CurrentApp().Driver().CanvasForObject(r)
	if c == nil || person.Self || person.UserID == "" {
		return
	}
	a := r.panel.actions
	card := newPersonCard(r.panel.loc, person, r.panel.state.Hosting != nil, func(gain float32) { a.SetGain(person.UserID, gain) },
		func(action wire.Action) { a.Host.Act(action, wire.User{ID: person.UserID, Name: person.Name}) })
	popUp := widget.NewPopUp(card, c)
	card.done = func() {
		popUp.Hide()
		c.Focus(row)
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(row)
	size := popUp.MinSize()
	x := max(min(at.X+row.Size().Width-size.Width-theme.SpaceM, c.Size().Width-size.Width), 0)
	y := at.Y + row.Size().Height - theme.SpaceXS
	if y+size.Height > c.Size().Height {
		y = max(at.Y-size.Height+theme.SpaceXS, 0)
	}
	popUp.ShowAtPosition(fyne.NewPos(x, y))
	card.focus(c)
}

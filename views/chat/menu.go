package chat

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
	"parley/views/theme"
)

// quickReactions are those that a menu offers.
func quickReactions() []string { return []string{"👍", "❤️", "😂", "🎉", "😮", "🙏"} }

// menu shows what can be done with a message.
func (l *list) menu(id string, at fyne.Position) {
	x := l.rows.byID[id]
	if x == nil {
		return
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(l)
	if c == nil {
		return
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", l.menuItems(x.message, at)...), c, at)
}

// menuItems are what can be done; what opens from there opens at the place.
func (l *list) menuItems(m Message, at fyne.Position) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	if m.Deleted || m.Unsupported || m.Kind == frames.Notice {
		return []*fyne.MenuItem{l.item("chat.menu.details", nil, m)}
	}
	if m.Status == Failed && l.actions.Retry != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.retry"), func() { l.actions.Retry(m.ID) }))
	}
	stored := m.Status == Stored || m.Status == Seen
	if stored && l.reply != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.reply"), func() { l.reply(m) }))
	}
	if stored && l.actions.React != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.react"), func() { l.reactions(m, at) }))
	}
	if chosen := l.selected(); chosen != "" && l.selection.id == m.ID && l.actions.Copy != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.copy_selection"), func() { l.actions.Copy(chosen) }))
	}
	if m.Text != "" && l.actions.Copy != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.copy"), func() { l.actions.Copy(m.Text) }))
	}
	if m.Kind != frames.Text && l.actions.Open != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.open"), func() { l.actions.Open(m.ID) }))
	}
	if (m.Kind == frames.File || m.Kind == frames.Picture) && m.Here && l.actions.Save != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.save"), func() { l.actions.Save(m.ID) }))
	}
	if (m.Kind == frames.File || m.Kind == frames.Picture) && m.Here && l.actions.ShowInFolder != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.folder"), func() { l.actions.ShowInFolder(m.ID) }))
	}
	if m.Own && m.Kind != frames.Voice && m.Text != "" && l.edit != nil && stored {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.edit"), func() { l.edit(m) }))
	}
	if m.Own && l.actions.Delete != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.delete"), func() { l.actions.Delete(m.ID) }))
	}
	return append(items, l.item("chat.menu.details", nil, m))
}

// reactions offers emoji at a place of the window.
func (l *list) reactions(m Message, at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(l)
	if c == nil {
		return
	}
	var popUp *widget.PopUp
	strip := newReactions(l, m, func() { popUp.Hide() })
	popUp = widget.NewPopUp(strip, c)
	strip.escape = popUp.Hide
	size := strip.MinSize().AddWidthHeight(2*theme.SpaceXS, 2*theme.SpaceXS)
	popUp.ShowAtPosition(fyne.NewPos(max(0, min(at.X, c.Size().Width-size.Width)), max(0, min(at.Y, c.Size().Height-size.Height))))
	c.Focus(strip)
}

// newReactions makes the row of emoji that a message can be answered with.
func newReactions(l *list, m Message, done func()) *choiceStrip {
	chosen, emoji := -1, quickReactions()
	own := func(text string) bool {
		return slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == text && r.Own })
	}
	s := &choiceStrip{cell: fyne.NewSquareSize(reactionCell), chosen: -1}
	for _, text := range emoji {
		picture := newEmojiImage()
		picture.set(l.emojis, text)
		mark := canvas.NewCircle(nil)
		mark.Hidden = !own(text)
		s.items, s.marks = append(s.items, picture.image), append(s.marks, mark)
	}
	over := canvas.NewCircle(nil)
	s.marks = append(s.marks, over)
	if l.react != nil {
		more := newIcon()
		more.set("more", theme.ColorMuted, frames.Rect{W: 1, H: 1})
		s.items = append(s.items, more.image)
	}
	around := func(o fyne.CanvasObject, i int, side float32) {
		o.Move(fyne.NewPos((float32(i)+0.5)*reactionCell-side/2, (reactionCell-side)/2))
		o.Resize(fyne.NewSquareSize(side))
	}
	s.layout = func(fyne.Size) {
		for i, item := range s.items {
			around(item, i, reactionSide)
			if i < len(emoji) {
				around(s.marks[i], i, reactionCell-2)
			}
		}
		over.Hidden = chosen < 0
		around(over, max(chosen, 0), reactionCell-2)
	}
	s.paint = func() {
		for _, mark := range s.marks {
			mark.(*canvas.Circle).FillColor = theme.Color("selection")
		}
		over.FillColor = theme.Color("hover")
	}
	s.choose = func(i int) {
		done()
		if i < len(emoji) {
			l.actions.React(m.ID, emoji[i], own(emoji[i]))
			return
		}
		l.react(m)
	}
	s.hover = func(i int) {
		if chosen != i {
			chosen = i
			s.Refresh()
		}
	}
	s.ExtendBaseWidget(s)
	return s
}

const (
	reactionCell float32 = 40
	reactionSide float32 = 26
)

// item says when a message was sent.
func (l *list) item(key string, act func(), m Message) *fyne.MenuItem {
	item := fyne.NewMenuItem(l.loc.Tf(key, map[string]any{"Time": l.loc.Day(m.Time, l.now()) + " " + l.loc.Clock(m.Time)}), act)
	item.Disabled = act == nil
	return item
}

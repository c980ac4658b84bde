package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
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
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", l.menuItems(x.message)...), c, at)
}

func (l *list) menuItems(m Message) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	if m.Deleted || m.Unsupported {
		return []*fyne.MenuItem{l.item("chat.menu.details", nil, m)}
	}
	stored := m.Status == Stored || m.Status == Seen
	if stored && l.reply != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.reply"), func() { l.reply(m) }))
	}
	if stored && l.actions.React != nil {
		react := fyne.NewMenuItem(l.loc.T("chat.menu.react"), nil)
		react.ChildMenu = fyne.NewMenu("", l.reactionItems(m)...)
		items = append(items, react)
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

func (l *list) reactionItems(m Message) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, emoji := range quickReactions() {
		own := false
		for _, r := range m.Reactions {
			own = own || r.Emoji == emoji && r.Own
		}
		item := fyne.NewMenuItem(emoji, func() { l.actions.React(m.ID, emoji, own) })
		item.Checked = own
		items = append(items, item)
	}
	if l.react != nil {
		items = append(items, fyne.NewMenuItem(l.loc.T("chat.menu.more_reactions"), func() { l.react(m) }))
	}
	return items
}

// reactions offers emoji at a place of the list.
func (l *list) reactions(m Message, at fyne.Position) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", l.reactionItems(m)...), c, fyne.CurrentApp().Driver().AbsolutePositionForObject(l).Add(at))
	}
}

// item says when a message was sent.
func (l *list) item(key string, act func(), m Message) *fyne.MenuItem {
	item := fyne.NewMenuItem(l.loc.Tf(key, map[string]any{"Time": l.loc.Day(m.Time, l.now()) + " " + l.loc.Clock(m.Time)}), act)
	item.Disabled = act == nil
	return item
}

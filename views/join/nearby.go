package join

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// Entry says how one gets into a room that was found.
type Entry int

// The ways into a room.
const (
	EntryInvite   Entry = iota // by a link
	EntryPasscode              // by a passcode
	EntryAsk                   // its host is asked
	EntryOpen                  // by a click
)

// Nearby is a room that was found on the local network.
type Nearby struct {
	ID         string // tells rooms of the same name apart; not shown
	Room, Host string // Host is a name; strangers say both
	Entry      Entry
}

// SetNearby lists the rooms on the local network; enter is called for the one
// chosen. Where there are none, nothing is said of it.
func (v *View) SetNearby(list []Nearby, enter func(Nearby)) {
	if slices.Equal(list, v.nearbyShown) {
		return // or a row would lose the focus
	}
	v.nearbyShown = slices.Clone(list)
	v.nearby.RemoveAll()
	for _, n := range list {
		v.nearby.Add(newNearbyRow(n, v.nearbyText(n), v.entryText(n.Entry), func() { enter(n) }))
	}
	if len(list) == 0 {
		v.nearbyBox.Hide()
	} else {
		v.nearbyBox.Show()
	}
	v.root.Refresh()
}

func (v *View) nearbyText(n Nearby) string {
	if n.Host == "" {
		return v.loc.T("join.nearby.nameless")
	}
	return v.loc.Tf("join.nearby.host", map[string]any{"Name": n.Host})
}

func (v *View) entryText(e Entry) string {
	switch e {
	case EntryAsk:
		return v.loc.T("join.nearby.ask")
	case EntryOpen:
		return v.loc.T("join.nearby.open")
	case EntryPasscode:
		return v.loc.T("join.nearby.passcode")
	default:
		return v.loc.T("join.nearby.invite")
	}
}

// nearbyRow is a room that was found. A click enters it, and so do Space and
// Enter.
type nearbyRow struct {
	widget.BaseWidget
	tapOn            func()
	label            string // for a reader who can't see
	back             *canvas.Rectangle
	content          *fyne.Container
	hovered, focused bool
}

var (
	_ fyne.Tappable      = (*nearbyRow)(nil)
	_ fyne.Focusable     = (*nearbyRow)(nil)
	_ desktop.Hoverable  = (*nearbyRow)(nil)
	_ desktop.Cursorable = (*nearbyRow)(nil)
)

func newNearbyRow(n Nearby, below, right string, tapOn func()) *nearbyRow {
	row := &nearbyRow{tapOn: tapOn, label: n.Room + ", " + below + ", " + right, back: canvas.NewRectangle(nil)}
	word := theme.Hint(right, fynetheme.SizeNameCaptionText, false)
	word.Truncation = fyne.TextTruncateOff
	if n.Entry == EntryAsk || n.Entry == EntryOpen { // a click does it
		if segment, ok := word.Segments[0].(*widget.TextSegment); ok {
			segment.Style.ColorName, segment.Style.TextStyle.Bold = fynetheme.ColorNamePrimary, true
		}
	}
	row.content = roomRow(row.back, n.Room, below, word)
	row.ExtendBaseWidget(row)
	return row
}

// AccessibilityLabel is the room, who hosts it, and how one gets in.
func (r *nearbyRow) AccessibilityLabel() string { return r.label }

// Cursor implements desktop.Cursorable.
func (r *nearbyRow) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tapped implements fyne.Tappable.
func (r *nearbyRow) Tapped(*fyne.PointEvent) { r.tapOn() }

// FocusGained implements fyne.Focusable.
func (r *nearbyRow) FocusGained() { r.set(r.hovered, true) }

// FocusLost implements fyne.Focusable.
func (r *nearbyRow) FocusLost() { r.set(r.hovered, false) }

// TypedRune implements fyne.Focusable.
func (r *nearbyRow) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (r *nearbyRow) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace || k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter {
		r.tapOn()
	}
}

// MouseIn implements desktop.Hoverable.
func (r *nearbyRow) MouseIn(*desktop.MouseEvent) { r.set(true, r.focused) }

// MouseMoved implements desktop.Hoverable.
func (r *nearbyRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (r *nearbyRow) MouseOut() { r.set(false, r.focused) }

func (r *nearbyRow) set(hovered, focused bool) {
	r.hovered, r.focused = hovered, focused
	r.Refresh()
}

// Refresh takes the colour of a changed theme.
func (r *nearbyRow) Refresh() {
	r.paint()
	r.back.Refresh()
	r.BaseWidget.Refresh()
}

func (r *nearbyRow) paint() {
	r.back.FillColor, r.back.StrokeWidth = theme.Color(theme.ColorSurface), 0
	if r.hovered {
		r.back.FillColor = theme.Color(theme.ColorControlHover)
	}
	if r.focused {
		r.back.StrokeColor, r.back.StrokeWidth = theme.Color(fynetheme.ColorNamePrimary), 2
	}
}

// CreateRenderer implements fyne.Widget.
func (r *nearbyRow) CreateRenderer() fyne.WidgetRenderer {
	r.paint()
	return widget.NewSimpleRenderer(r.content)
}

package join

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
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

// nearbyRow is a room that was found.
type nearbyRow struct {
	row
	lock *canvas.Image // of a room with a passcode; nil of others
}

// dress takes the colour and the text size of the theme.
func (r *nearbyRow) dress() {
	r.lock.SetMinSize(fyne.NewSquareSize(theme.Scaled(16)))
	r.lock.Resource = theme.Icon("lock", fynetheme.ColorNamePrimary)
	r.lock.Refresh()
}

func newNearbyRow(n Nearby, below, right string, enter func()) *nearbyRow {
	row := &nearbyRow{row: row{enter: enter, label: n.Room + ", " + below + ", " + right, back: canvas.NewRectangle(nil)}}
	word := theme.Hint(right, fynetheme.SizeNameCaptionText, false)
	word.Truncation = fyne.TextTruncateOff
	if n.Entry != EntryInvite { // a click does it
		if segment, ok := word.Segments[0].(*widget.TextSegment); ok {
			segment.Style.ColorName, segment.Style.TextStyle.Bold = fynetheme.ColorNamePrimary, true
		}
	}
	var beside fyne.CanvasObject = word
	if n.Entry == EntryPasscode {
		// The words beside it say the same, for who can't see.
		row.lock = canvas.NewImageFromResource(nil)
		row.lock.FillMode = canvas.ImageFillContain
		row.more = row.dress
		row.dress()
		beside = container.New(layout.NewCustomPaddedHBoxLayout(-theme.SpaceXS), container.NewCenter(row.lock), word)
	}
	row.content = roomRow(row.back, n.Room, below, container.NewCenter(beside))
	row.ExtendBaseWidget(row)
	return row
}

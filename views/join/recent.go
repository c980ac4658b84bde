package join

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// recentRow is a room visited before; the button at its end opens it for reading.
type recentRow struct {
	row
	read  *widget.Button
	badge *canvas.Rectangle
	count *canvas.Text
}

// unreadMost is the largest count that is shown as a number.
const unreadMost = 99

func (v *View) newRecentRow(r Recent, enter, read func()) *recentRow {
	row := &recentRow{row: row{enter: enter, back: canvas.NewRectangle(nil)}, badge: canvas.NewRectangle(nil), count: canvas.NewText("", nil)}
	below := r.Last
	if below == "" {
		below = r.Server
	}
	if below == "" {
		below = v.loc.T("join.where.host")
	}
	row.read = widget.NewButtonWithIcon(v.loc.T("join.recent.read"), theme.Icon("chat", fynetheme.ColorNameForeground), read)
	row.read.Importance = widget.LowImportance
	row.count.Text, row.count.Alignment, row.count.TextStyle.Bold = strconv.Itoa(r.Unread), fyne.TextAlignCenter, true
	if r.Unread > unreadMost {
		row.count.Text = strconv.Itoa(unreadMost) + "+"
	}
	row.badge.CornerRadius = theme.RadiusM
	row.dress()
	badge := container.NewCenter(container.NewStack(row.badge, row.count))
	badge.Hidden = r.Unread == 0
	row.label = r.Room + ", " + below
	if r.Unread > 0 {
		row.label += ", " + v.loc.N("join.recent.unread", r.Unread)
	}
	word := theme.Hint(r.Time, fynetheme.SizeNameCaptionText, false)
	word.Truncation = fyne.TextTruncateOff
	row.content = roomRow(row.back, r.Room, below, container.NewHBox(container.NewCenter(word), badge, container.NewCenter(row.read)))
	row.more = row.dress
	row.ExtendBaseWidget(row)
	return row
}

// dress takes the colours and the text size of the theme.
func (r *recentRow) dress() {
	r.count.TextSize = theme.Scaled(theme.TextCaption)
	r.badge.SetMinSize(fyne.NewSize(max(r.count.MinSize().Width+theme.SpaceM, theme.Scaled(22)), theme.Scaled(20)))
	r.badge.FillColor, r.count.Color = theme.Color(fynetheme.ColorNamePrimary), theme.Color(fynetheme.ColorNameForegroundOnPrimary)
	r.read.Icon = theme.Icon("chat", fynetheme.ColorNameForeground)
	r.badge.Refresh()
	r.count.Refresh()
}

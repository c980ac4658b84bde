package chat

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// calendar is a month to choose a day from.
type calendar struct {
	widget.BaseWidget
	loc    *i18n.Localizer
	month  time.Time // its first day
	today  time.Time
	chosen func(day time.Time)
	title  *canvas.Text
	later  *roundButton
	days   []*dayButton
	root   *fyne.Container
}

func newCalendar(loc *i18n.Localizer, shown, today time.Time, chosen func(time.Time)) *calendar {
	c := &calendar{loc: loc, month: firstOfMonth(shown), today: today, chosen: chosen, title: canvas.NewText("", nil)}
	c.title.TextStyle.Bold, c.title.TextSize, c.title.Alignment = true, theme.Scaled(theme.TextBody), fyne.TextAlignCenter
	turn := func(icon, label string, by int) *roundButton {
		b := newRoundButton(icon, loc.T(label), false, func() {
			c.month = c.month.AddDate(0, by, 0)
			c.show()
		})
		b.side, b.flat = headerButton, true
		b.enable(true)
		return b
	}
	earlier := turn("left", "search.month.earlier", -1)
	c.later = turn("right", "search.month.later", 1)
	grid := container.New(layout.NewGridLayoutWithColumns(7))
	for _, name := range loc.Weekdays() {
		text := canvas.NewText(name, theme.Color(theme.ColorMuted))
		text.TextSize, text.Alignment = theme.Scaled(theme.TextCaption), fyne.TextAlignCenter
		grid.Add(text)
	}
	for range 42 {
		d := newDayButton(c.take)
		c.days = append(c.days, d)
		grid.Add(d)
	}
	c.root = container.New(layout.NewCustomPaddedLayout(theme.SpaceS, theme.SpaceS, theme.SpaceS, theme.SpaceS),
		container.NewVBox(container.NewBorder(nil, nil, earlier, c.later, c.title), grid))
	c.show()
	c.ExtendBaseWidget(c)
	return c
}

func firstOfMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
}

// show fills in the month. Weeks begin on Monday, and no day is after today.
func (c *calendar) show() {
	c.title.Text, c.title.Color = c.loc.Month(c.month), theme.Color("foreground")
	c.later.enable(c.month.Before(firstOfMonth(c.today)))
	offset := (int(c.month.Weekday()) + 6) % 7
	for i, d := range c.days {
		day := c.month.AddDate(0, 0, i-offset)
		y, m, t := c.today.Date()
		ty, tm, td := day.Date()
		d.set(day, tm == c.month.Month(), !day.After(c.today), y == ty && m == tm && t == td)
	}
	c.title.Refresh()
}

func (c *calendar) take(day time.Time) { c.chosen(day) }

// CreateRenderer implements fyne.Widget.
func (c *calendar) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.root) }

// dayButton is a day of the calendar.
type dayButton struct {
	widget.BaseWidget
	take    func(time.Time)
	day     time.Time
	enabled bool
	back    *canvas.Circle
	text    *canvas.Text
}

var (
	_ fyne.Tappable      = (*dayButton)(nil)
	_ fyne.Accessible    = (*dayButton)(nil)
	_ desktop.Cursorable = (*dayButton)(nil)
)

func newDayButton(take func(time.Time)) *dayButton {
	d := &dayButton{take: take, back: canvas.NewCircle(nil), text: canvas.NewText("", nil)}
	d.text.Alignment, d.text.TextSize = fyne.TextAlignCenter, theme.Scaled(theme.TextSmall)
	d.ExtendBaseWidget(d)
	return d
}

func (d *dayButton) set(day time.Time, inMonth, enabled, today bool) {
	d.day, d.enabled = day, enabled
	d.text.Text, d.text.Color = strconv.Itoa(day.Day()), theme.Color("foreground")
	d.back.FillColor = theme.Color(theme.ColorSurface)
	switch {
	case today:
		d.back.FillColor, d.text.Color = theme.Color("primary"), theme.Color("foregroundOnPrimary")
	case !enabled:
		d.text.Color = theme.Color("disabled")
	case !inMonth:
		d.text.Color = theme.Color(theme.ColorMuted)
	}
	d.Refresh()
}

// Tapped implements fyne.Tappable.
func (d *dayButton) Tapped(*fyne.PointEvent) {
	if d.enabled {
		d.take(d.day)
	}
}

// Cursor implements desktop.Cursorable.
func (d *dayButton) Cursor() desktop.Cursor {
	if d.enabled {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// AccessibilityLabel implements fyne.Accessible.
func (d *dayButton) AccessibilityLabel() string { return d.day.Format(time.DateOnly) }

// AccessibilityRole implements fyne.Accessible.
func (d *dayButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// MinSize implements fyne.CanvasObject.
func (d *dayButton) MinSize() fyne.Size { return fyne.NewSquareSize(headerButton) }

// CreateRenderer implements fyne.Widget.
func (d *dayButton) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(d.back, d.text))
}

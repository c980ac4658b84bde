package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// tapText is a line that can be tapped.
type tapText struct {
	widget.BaseWidget
	text  *canvas.Text
	tapOn func()
}

var (
	_ fyne.Tappable      = (*tapText)(nil)
	_ desktop.Cursorable = (*tapText)(nil)
)

func newTapText() *tapText {
	t := &tapText{text: canvas.NewText("", nil)}
	t.text.TextSize, t.text.Alignment = theme.Scaled(theme.TextCaption), fyne.TextAlignTrailing
	t.ExtendBaseWidget(t)
	return t
}

func (t *tapText) set(text string, tapOn func()) {
	t.text.Text, t.text.Color, t.tapOn = text, theme.Color(theme.ColorDanger), tapOn
	t.Refresh()
}

// Tapped implements fyne.Tappable.
func (t *tapText) Tapped(*fyne.PointEvent) {
	if t.tapOn != nil {
		t.tapOn()
	}
}

// Cursor implements desktop.Cursorable.
func (t *tapText) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (t *tapText) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.text) }

// downButton is the round button that leads to the newest message.
type downButton struct {
	widget.BaseWidget
	label  string // for screen readers
	tapOn  func()
	circle *canvas.Circle
	icon   *canvas.Image
	badge  *canvas.Rectangle
	number *canvas.Text
}

func newDownButton(label string, tapOn func()) *downButton {
	d := &downButton{label: label, tapOn: tapOn, circle: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil),
		badge: canvas.NewRectangle(nil), number: canvas.NewText("", nil)}
	d.icon.FillMode = canvas.ImageFillContain
	d.badge.CornerRadius = 9
	d.number.TextSize, d.number.Alignment, d.number.TextStyle.Bold = theme.TextCaption, fyne.TextAlignCenter, true
	d.ExtendBaseWidget(d)
	return d
}

// AccessibilityLabel implements fyne.Accessible.
func (d *downButton) AccessibilityLabel() string { return d.label }

// AccessibilityRole implements fyne.Accessible.
func (d *downButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (d *downButton) set(shown bool, unseen int) {
	d.number.Text = badge(unseen)
	d.badge.Hidden, d.number.Hidden = unseen == 0, unseen == 0
	if shown == d.Visible() {
		d.Refresh()
		return
	}
	if shown {
		d.Show()
	} else {
		d.Hide()
	}
}

// Tapped implements fyne.Tappable.
func (d *downButton) Tapped(*fyne.PointEvent) { d.tapOn() }

// CreateRenderer implements fyne.Widget.
func (d *downButton) CreateRenderer() fyne.WidgetRenderer {
	return &downRenderer{d}
}

type downRenderer struct{ d *downButton }

func (r *downRenderer) Destroy()           {}
func (r *downRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(44) }
func (r *downRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.d.circle, r.d.icon, r.d.badge, r.d.number}
}

func (r *downRenderer) Layout(size fyne.Size) {
	d := r.d
	d.circle.Move(fyne.NewPos(2, 6))
	d.circle.Resize(fyne.NewSquareSize(size.Width - 6))
	d.icon.Move(fyne.NewPos(12, 16))
	d.icon.Resize(fyne.NewSquareSize(size.Width - 26))
	w := max(18, fyne.MeasureText(d.number.Text, theme.TextCaption, d.number.TextStyle).Width+10)
	d.badge.Move(fyne.NewPos(size.Width-w, 0))
	d.badge.Resize(fyne.NewSize(w, 18))
	d.number.Move(fyne.NewPos(size.Width-w, 0))
	d.number.Resize(fyne.NewSize(w, 18))
}

func (r *downRenderer) Refresh() {
	d := r.d
	d.circle.FillColor = theme.Color(theme.ColorControl)
	d.circle.StrokeColor, d.circle.StrokeWidth = theme.Color(theme.ColorLine), 1
	d.icon.Resource = theme.Icon("down", theme.ColorControlIcon)
	d.badge.FillColor = theme.Color("primary")
	d.number.Color = theme.Color("foregroundOnPrimary")
	r.Layout(d.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

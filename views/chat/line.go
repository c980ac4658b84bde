package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
	"parley/views/theme"
)

// line is a text of one line that takes the width it gets, and is cut where that
// ends: a long name must not push anything out of the window.
type line struct {
	widget.BaseWidget
	whole  string
	text   *canvas.Text
	colour fyne.ThemeColorName
}

func newLine(colour fyne.ThemeColorName, bold bool) *line {
	l := &line{text: canvas.NewText("", nil), colour: colour}
	l.text.TextStyle.Bold = bold
	l.ExtendBaseWidget(l)
	return l
}

// say changes the words.
func (l *line) say(words string) {
	l.whole = words
	l.Refresh()
}

// fit shows as much of the words as there is room for.
func (l *line) fit(width float32) {
	l.text.TextSize, l.text.Color = theme.Scaled(theme.TextCaption), theme.Color(l.colour)
	l.text.Text = frames.Elide(l.whole, width, func(s string) float32 { return fyne.MeasureText(s, l.text.TextSize, l.text.TextStyle).Width })
}

// CreateRenderer implements fyne.Widget.
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	l.fit(l.Size().Width)
	return lineRenderer{l}
}

type lineRenderer struct{ l *line }

func (r lineRenderer) Destroy()                     {}
func (r lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.l.text} }

func (r lineRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, fyne.MeasureText("M", theme.Scaled(theme.TextCaption), r.l.text.TextStyle).Height)
}

func (r lineRenderer) Layout(size fyne.Size) {
	r.l.fit(size.Width)
	r.l.text.Resize(size)
}

func (r lineRenderer) Refresh() {
	r.Layout(r.l.Size())
	r.l.text.Refresh()
}

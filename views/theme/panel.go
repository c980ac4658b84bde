package theme

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Panel is a rectangle in a colour of the theme, whichever that is.
type Panel struct {
	widget.BaseWidget
	name      fyne.ThemeColorName
	rectangle *canvas.Rectangle
}

// NewPanel makes a panel.
func NewPanel(name fyne.ThemeColorName) *Panel {
	p := &Panel{name: name, rectangle: canvas.NewRectangle(Color(name))}
	p.ExtendBaseWidget(p)
	return p
}

// Round gives it round corners.
func (p *Panel) Round(radius float32) *Panel {
	p.rectangle.CornerRadius = radius
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.rectangle) }

// Refresh takes the colour of a changed theme.
func (p *Panel) Refresh() {
	p.rectangle.FillColor = Color(p.name)
	p.rectangle.Refresh()
	p.BaseWidget.Refresh()
}

// Hint is secondary text: it wraps where wraps is set, and is cut off
// otherwise.
func Hint(text string, size fyne.ThemeSizeName, wraps bool) *widget.RichText {
	r := widget.NewRichText(&widget.TextSegment{Text: text, Style: widget.RichTextStyle{ColorName: ColorMuted, SizeName: size}})
	if wraps {
		r.Wrapping = fyne.TextWrapWord
	} else {
		r.Truncation = fyne.TextTruncateEllipsis
	}
	return r
}

// SetHint changes the text of a Hint.
func SetHint(r *widget.RichText, text string) {
	if segment, ok := r.Segments[0].(*widget.TextSegment); ok {
		segment.Text = text
		r.Refresh()
	}
}

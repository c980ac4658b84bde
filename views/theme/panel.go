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

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.rectangle) }

// Refresh takes the colour of a changed theme.
func (p *Panel) Refresh() {
	p.rectangle.FillColor = Color(p.name)
	p.rectangle.Refresh()
	p.BaseWidget.Refresh()
}

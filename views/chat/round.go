package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// roundButton is a round button beside the entry. The main one stands out
// while it is enabled.
type roundButton struct {
	widget.BaseWidget
	tapOn   func()
	name    string
	main    bool
	enabled bool
	circle  *canvas.Circle
	icon    *canvas.Image
}

func newRoundButton(icon string, main bool, tapOn func()) *roundButton {
	b := &roundButton{tapOn: tapOn, name: icon, main: main, circle: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil)}
	b.icon.FillMode = canvas.ImageFillContain
	b.ExtendBaseWidget(b)
	return b
}

func (b *roundButton) enable(on bool) {
	if b.enabled != on {
		b.enabled = on
		b.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (b *roundButton) Tapped(*fyne.PointEvent) {
	if b.enabled {
		b.tapOn()
	}
}

// Cursor implements desktop.Cursorable.
func (b *roundButton) Cursor() desktop.Cursor {
	if b.enabled {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// CreateRenderer implements fyne.Widget.
func (b *roundButton) CreateRenderer() fyne.WidgetRenderer {
	r := &roundRenderer{b}
	r.Refresh()
	return r
}

type roundRenderer struct{ b *roundButton }

func (r *roundRenderer) Destroy()           {}
func (r *roundRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(36) }
func (r *roundRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.circle, r.b.icon}
}

func (r *roundRenderer) Layout(size fyne.Size) {
	r.b.circle.Resize(size)
	r.b.icon.Move(fyne.NewPos(size.Width*0.25, size.Height*0.24))
	r.b.icon.Resize(fyne.NewSize(size.Width*0.52, size.Height*0.52))
}

func (r *roundRenderer) Refresh() {
	fill, icon := fyne.ThemeColorName("button"), fyne.ThemeColorName("disabled")
	switch {
	case r.b.enabled && r.b.main:
		fill, icon = "primary", "foregroundOnPrimary"
	case r.b.enabled:
		icon = theme.ColorMuted
	}
	r.b.circle.FillColor = theme.Color(fill)
	r.b.icon.Resource = theme.Icon(r.b.name, icon)
	r.b.circle.Refresh()
	r.b.icon.Refresh()
}

// composerBar says above the entry what a message is about.
type composerBar struct {
	title, text *canvas.Text
	edge        *canvas.Rectangle
	root        *fyne.Container
}

func newComposerBar(cancel func()) *composerBar {
	b := &composerBar{title: canvas.NewText("", nil), text: canvas.NewText("", nil), edge: canvas.NewRectangle(nil)}
	b.title.TextSize, b.title.TextStyle.Bold, b.text.TextSize = theme.TextCaption, true, theme.TextCaption
	b.edge.SetMinSize(fyne.NewSize(3, 1))
	b.edge.CornerRadius = 1.5
	end := newRoundButton("close", false, cancel)
	end.enable(true)
	words := container.NewHScroll(container.NewVBox(b.title, b.text))
	words.Direction = container.ScrollNone
	b.root = container.NewBorder(nil, nil, b.edge, end, container.NewStack(words))
	b.root.Hide()
	return b
}

func (b *composerBar) show(title, text string) {
	b.title.Text, b.title.Color = title, theme.Color("primary")
	b.text.Text, b.text.Color = shorten(firstLine(text), 260), theme.Color(theme.ColorMuted)
	b.edge.FillColor = theme.Color("primary")
	b.root.Show()
	b.root.Refresh()
}

func (b *composerBar) hide() { b.root.Hide() }

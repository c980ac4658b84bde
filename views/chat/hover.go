package chat

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/chat/frames"
	"parley/views/theme"
)

// hoverBar stands beside the bubble under the pointer, with what is done most.
type hoverBar struct {
	widget.BaseWidget
	list    *list
	id      string
	back    *canvas.Rectangle
	buttons []*roundButton
	labels  []func() // of another language
}

var _ desktop.Hoverable = (*hoverBar)(nil)

// hoverSide is the side of a button in the bar.
const hoverSide = 26

func newHoverBar(l *list) *hoverBar {
	b := &hoverBar{list: l, back: canvas.NewRectangle(nil)}
	b.back.CornerRadius = (hoverSide + 4) / 2
	button := func(icon, label string, act func(x *row)) {
		r := newRoundButton(icon, l.loc.T(label), false, func() {
			if x := l.rows.byID[b.id]; x != nil {
				b.out()
				act(x)
			}
		})
		r.side, r.flat = hoverSide, true
		r.enable(true)
		b.buttons = append(b.buttons, r)
		b.labels = append(b.labels, func() { r.setIcon(icon, l.loc.T(label)) })
	}
	if l.actions.React != nil {
		button("smile", "chat.menu.react", func(x *row) {
			l.reactions(x.message, fyne.CurrentApp().Driver().AbsolutePositionForObject(l).Add(b.Position().AddXY(0, hoverSide+4)))
		})
	}
	button("reply", "chat.menu.reply", func(x *row) {
		if l.reply != nil {
			l.reply(x.message)
		}
	})
	button("more", "chat.menu.more", func(x *row) {
		l.menu(x.message.ID, fyne.CurrentApp().Driver().AbsolutePositionForObject(l).Add(b.Position().AddXY(0, hoverSide+4)))
	})
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

// over shows the bar beside a message that can be answered.
func (b *hoverBar) over(id string) {
	l := b.list
	x := l.rows.byID[id]
	if x == nil || x.cell == nil || x.message.Deleted || x.message.Unsupported || x.message.Kind == frames.Notice || x.message.Own && x.message.Status != Stored && x.message.Status != Seen {
		b.out()
		return
	}
	if b.id == id && b.Visible() {
		return
	}
	b.id = id
	size := b.MinSize()
	f := x.frames.Bubble
	at := fyne.NewPos(f.X+f.W+theme.SpaceXS, l.rows.top(x)-l.scroll.Offset.Y+f.Y+min((f.H-size.Height)/2, theme.SpaceS))
	if x.message.Own {
		at.X = f.X - size.Width - theme.SpaceXS
	}
	if at.X < 0 || at.X+size.Width > l.width {
		// No room beside it: over its upper corner.
		at.X, at.Y = f.X+f.W-size.Width-theme.SpaceXS, at.Y-size.Height/2-theme.SpaceXS
	}
	at.Y = max(0, min(at.Y, l.scroll.Size().Height-size.Height))
	b.back.FillColor, b.back.StrokeColor, b.back.StrokeWidth = theme.Color(theme.ColorSurface), theme.Color(theme.ColorLine), 1
	b.Move(at)
	b.Resize(size)
	b.Show()
}

func (b *hoverBar) out() { b.Hide() }

// MouseIn implements desktop.Hoverable.
func (b *hoverBar) MouseIn(*desktop.MouseEvent) { b.Show() }

// MouseMoved implements desktop.Hoverable.
func (b *hoverBar) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *hoverBar) MouseOut() { b.out() }

// CreateRenderer implements fyne.Widget.
func (b *hoverBar) CreateRenderer() fyne.WidgetRenderer { return &hoverRenderer{b} }

type hoverRenderer struct{ b *hoverBar }

func (r *hoverRenderer) Destroy() {}

func (r *hoverRenderer) MinSize() fyne.Size {
	return fyne.NewSize(float32(len(r.b.buttons))*(hoverSide+2)+2, hoverSide+4)
}

func (r *hoverRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.b.back}
	for _, button := range r.b.buttons {
		objects = append(objects, button)
	}
	return objects
}

func (r *hoverRenderer) Layout(size fyne.Size) {
	r.b.back.Resize(size)
	for i, button := range r.b.buttons {
		button.Move(fyne.NewPos(2+float32(i)*(hoverSide+2), 2))
		button.Resize(fyne.NewSquareSize(hoverSide))
	}
}

func (r *hoverRenderer) Refresh() {
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

package chat

import (
	"fmt"
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// ViewerActions are what a person does in the viewer; a nil one has no button.
type ViewerActions struct {
	Save, Copy func()
	// Step goes to the picture before, -1, or after, 1; SetPicture answers.
	Step func(by int)
	// Closed is called once.
	Closed func()
}

// Viewer shows a picture over the whole window.
type Viewer struct {
	widget.BaseWidget
	canvas  fyne.Canvas
	loc     *i18n.Localizer
	actions ViewerActions
	id      string
	zoom    zoom
	focus   fyne.Focusable // that had the keyboard before
	closed  bool

	shade   *canvas.Rectangle
	picture *canvas.Image
	area    *fyne.Container
	status  *canvas.Text
	percent *canvas.Text
	caption *widget.Label
	backing *canvas.Rectangle // of the caption
	before  *roundButton
	after   *roundButton
	buttons []*roundButton
}

var (
	_ fyne.Focusable      = (*Viewer)(nil)
	_ fyne.Scrollable     = (*Viewer)(nil)
	_ fyne.Draggable      = (*Viewer)(nil)
	_ fyne.Tappable       = (*Viewer)(nil)
	_ fyne.DoubleTappable = (*Viewer)(nil)
	_ fyne.Shortcutable   = (*Viewer)(nil)
	_ fyne.Accessible     = (*Viewer)(nil)
	_ desktop.Hoverable   = (*Viewer)(nil)
)

// ShowViewer opens the viewer, which waits for its picture.
func ShowViewer(c fyne.Canvas, loc *i18n.Localizer, a ViewerActions) *Viewer {
	v := &Viewer{canvas: c, loc: loc, actions: a, focus: c.Focused()}
	v.shade = canvas.NewRectangle(color.NRGBA{A: 0xee})
	v.picture = canvas.NewImageFromImage(nil)
	v.picture.FillMode, v.picture.ScaleMode = canvas.ImageFillStretch, canvas.ImageScaleFastest
	v.area = container.NewWithoutLayout(v.picture)
	v.status, v.percent = canvas.NewText(loc.T("viewer.loading"), color.White), canvas.NewText("", color.White)
	v.status.Alignment, v.percent.TextSize = fyne.TextAlignCenter, theme.Scaled(theme.TextSmall)
	v.caption = widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{})
	v.caption.Truncation = fyne.TextTruncateEllipsis
	v.backing = canvas.NewRectangle(theme.Color(theme.ColorSurface))
	v.backing.CornerRadius = theme.RadiusS
	button := func(icon, label string, act func()) *roundButton {
		b := newRoundButton(icon, loc.T(label), false, act)
		b.enable(true)
		return b
	}
	if a.Copy != nil {
		v.buttons = append(v.buttons, button("copy", "viewer.copy", a.Copy))
	}
	if a.Save != nil {
		v.buttons = append(v.buttons, button("download", "viewer.save", a.Save))
	}
	v.buttons = append(v.buttons, button("close", "viewer.close", v.Close))
	v.before = button("left", "viewer.previous", func() { v.step(-1) })
	v.after = button("right", "viewer.next", func() { v.step(1) })
	v.SetSteps(false, false)
	v.ExtendBaseWidget(v)
	c.Overlays().Add(v)
	v.Resize(c.Size())
	c.Focus(v)
	return v
}

// SetPicture shows a picture, fitted; nil says that it is on its way.
func (v *Viewer) SetPicture(id string, img image.Image, caption string) {
	v.id = id
	v.picture.Image = img
	v.status.Hidden = img != nil
	v.status.Text = v.loc.T("viewer.loading")
	v.caption.SetText(firstLine(caption))
	v.zoom = zoom{view: v.zoom.view}
	if img != nil {
		scale := max(v.canvas.Scale(), 0.1)
		v.zoom.picture = fyne.NewSize(float32(img.Bounds().Dx())/scale, float32(img.Bounds().Dy())/scale)
	}
	v.zoom.fit()
	v.Refresh()
}

// SetProblem says that the picture can't be shown.
func (v *Viewer) SetProblem(words string) {
	v.status.Text, v.status.Hidden = words, false
	v.Refresh()
}

// SetSteps tells whether there are pictures before and after.
func (v *Viewer) SetSteps(before, after bool) {
	v.before.Hidden, v.after.Hidden = !before, !after
	v.Refresh()
}

// ID is the picture that is shown, or on its way.
func (v *Viewer) ID() string { return v.id }

// Close ends the viewer; the keyboard goes back to where it was.
func (v *Viewer) Close() {
	if v.closed {
		return
	}
	v.closed = true
	v.canvas.Overlays().Remove(v)
	v.canvas.Focus(v.focus)
	if v.actions.Closed != nil {
		v.actions.Closed()
	}
}

func (v *Viewer) step(by int) {
	if v.actions.Step != nil && (by < 0 && v.before.Visible() || by > 0 && v.after.Visible()) {
		v.actions.Step(by)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (v *Viewer) AccessibilityLabel() string {
	return v.loc.T("chat.kind.picture") + " " + v.caption.Text
}

// AccessibilityRole implements fyne.Accessible.
func (v *Viewer) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// FocusGained implements fyne.Focusable.
func (v *Viewer) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (v *Viewer) FocusLost() {}

// TypedRune zooms with + and -, and fits with 0.
func (v *Viewer) TypedRune(r rune) {
	switch r {
	case '+', '=':
		v.zoomBy(zoomStep, v.middle())
	case '-':
		v.zoomBy(1/zoomStep, v.middle())
	case '0':
		v.zoom.fit()
		v.place()
	}
}

// TypedKey implements fyne.Focusable.
func (v *Viewer) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		v.Close()
	case fyne.KeyLeft, fyne.KeyPageUp:
		v.step(-1)
	case fyne.KeyRight, fyne.KeyPageDown:
		v.step(1)
	case fyne.KeyUp:
		v.zoomBy(zoomStep, v.middle())
	case fyne.KeyDown:
		v.zoomBy(1/zoomStep, v.middle())
	}
}

// TypedShortcut copies, and leaves the rest to the window.
func (v *Viewer) TypedShortcut(s fyne.Shortcut) {
	if _, is := s.(*fyne.ShortcutCopy); is && v.actions.Copy != nil {
		v.actions.Copy()
		return
	}
	passUp(v, s)
}

func (v *Viewer) middle() fyne.Position {
	return fyne.NewPos(v.zoom.view.Width/2, v.zoom.view.Height/2)
}

func (v *Viewer) zoomBy(factor float32, p fyne.Position) {
	v.zoom.to(v.zoom.scale*factor, p)
	v.place()
}

// Scrolled zooms about the pointer.
func (v *Viewer) Scrolled(e *fyne.ScrollEvent) {
	switch {
	case e.Scrolled.DY > 0:
		v.zoomBy(zoomStep, e.Position)
	case e.Scrolled.DY < 0:
		v.zoomBy(1/zoomStep, e.Position)
	}
}

// Dragged moves the picture.
func (v *Viewer) Dragged(e *fyne.DragEvent) {
	v.zoom.pan(e.Dragged)
	v.place()
}

// DragEnd implements fyne.Draggable.
func (v *Viewer) DragEnd() {}

// Tapped closes the viewer beside the picture.
func (v *Viewer) Tapped(e *fyne.PointEvent) {
	if !v.zoom.holds(e.Position) {
		v.Close()
	}
}

// DoubleTapped goes between the whole picture and its own size.
func (v *Viewer) DoubleTapped(e *fyne.PointEvent) {
	if v.zoom.scale > v.zoom.fitScale() {
		v.zoom.fit()
	} else {
		v.zoom.to(max(1, v.zoom.fitScale()*2), e.Position)
	}
	v.place()
}

// MouseIn implements desktop.Hoverable: nothing below the viewer is under the
// pointer.
func (v *Viewer) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements desktop.Hoverable.
func (v *Viewer) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (v *Viewer) MouseOut() {}

// place draws the picture where the zoom says.
func (v *Viewer) place() {
	v.picture.Move(v.zoom.at)
	v.picture.Resize(v.zoom.size())
	v.percent.Text = ""
	if v.picture.Image != nil {
		v.percent.Text = fmt.Sprintf("%d%%", int(v.zoom.scale*100+0.5))
	}
	v.percent.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (v *Viewer) CreateRenderer() fyne.WidgetRenderer { return &viewerRenderer{v} }

type viewerRenderer struct{ v *Viewer }

func (r *viewerRenderer) Destroy()           {}
func (r *viewerRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 200) }

func (r *viewerRenderer) Objects() []fyne.CanvasObject {
	v := r.v
	objects := []fyne.CanvasObject{v.shade, v.area, v.status, v.percent, v.backing, v.caption, v.before, v.after}
	for _, b := range v.buttons {
		objects = append(objects, b)
	}
	return objects
}

func (r *viewerRenderer) Layout(size fyne.Size) {
	v := r.v
	v.shade.Resize(size)
	v.area.Resize(size)
	v.zoom.resize(size)
	status := v.status.MinSize()
	v.status.Move(fyne.NewPos(0, (size.Height-status.Height)/2))
	v.status.Resize(fyne.NewSize(size.Width, status.Height))
	v.percent.Move(fyne.NewPos(theme.SpaceL, theme.SpaceL))
	x := size.Width - theme.SpaceM
	for i := len(v.buttons) - 1; i >= 0; i-- {
		side := v.buttons[i].MinSize()
		x -= side.Width
		v.buttons[i].Move(fyne.NewPos(x, theme.SpaceM))
		v.buttons[i].Resize(side)
		x -= theme.SpaceS
	}
	side := v.before.MinSize()
	v.before.Move(fyne.NewPos(theme.SpaceM, (size.Height-side.Height)/2))
	v.after.Move(fyne.NewPos(size.Width-side.Width-theme.SpaceM, (size.Height-side.Height)/2))
	v.before.Resize(side)
	v.after.Resize(side)
	height := v.caption.MinSize().Height
	width := min(fyne.MeasureText(v.caption.Text, theme.Scaled(theme.TextBody), fyne.TextStyle{}).Width+2*theme.SpaceL, size.Width-2*theme.SpaceXL)
	v.caption.Move(fyne.NewPos((size.Width-width)/2, size.Height-height-theme.SpaceM))
	v.caption.Resize(fyne.NewSize(width, height))
	v.backing.Move(v.caption.Position())
	v.backing.Resize(v.caption.Size())
	v.backing.Hidden = v.caption.Text == ""
	v.place()
}

func (r *viewerRenderer) Refresh() {
	r.Layout(r.v.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
	r.v.picture.Refresh()
}

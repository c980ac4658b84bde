// Package reading is a room that is opened without a call: its chat over the whole
// window.
package reading

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/problem"
	"parley/views/theme"
)

// Actions are what a person does here.
type Actions struct {
	Back, Join func()
	Copy       func(text string) // into the clipboard
}

// View is the room. Its methods are called on the UI thread.
type View struct {
	loc        *i18n.Localizer
	back, join *widget.Button
	name       *widget.Label
	below      *widget.RichText
	initials   *canvas.Text
	notice     *widget.Label
	fade       *fyne.Animation
	problem    *problem.Card
	problemBox *fyne.Container // around it
	root       fyne.CanvasObject
}

const (
	problemMost float32 = 460
	noticeTime          = 4 * time.Second
	pictureSize float32 = 36
)

// New makes the view of a room around its chat.
func New(loc *i18n.Localizer, room string, chat fyne.CanvasObject, a Actions) *View {
	v := &View{loc: loc}
	v.back = widget.NewButtonWithIcon("", theme.Icon("left", fynetheme.ColorNameForeground), a.Back)
	v.back.Importance = widget.LowImportance
	v.join = widget.NewButton("", a.Join)
	v.join.Importance = widget.HighImportance
	v.name = widget.NewLabelWithStyle(room, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	v.name.Truncation = fyne.TextTruncateEllipsis
	v.below = theme.Hint("", fynetheme.SizeNameCaptionText, false)
	v.initials = canvas.NewText(theme.Initials(room), theme.Color(theme.ColorOnShade))
	v.initials.Alignment, v.initials.TextStyle.Bold = fyne.TextAlignCenter, true
	v.notice = widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{})
	v.notice.SizeName, v.notice.Wrapping = fynetheme.SizeNameCaptionText, fyne.TextWrapWord
	v.notice.Hide()
	v.problem = problem.New(loc, problem.Actions{Copy: a.Copy, Close: v.closeProblem})

	padded := func(o fyne.CanvasObject, above, side float32) *fyne.Container {
		return container.New(layout.NewCustomPaddedLayout(above, above, side, side), o)
	}
	picture := container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(pictureSize), container.NewStack(canvas.NewCircle(theme.AvatarColor(room)), v.initials)))
	names := container.NewVBox(layout.NewSpacer(), container.New(layout.NewCustomPaddedVBoxLayout(-theme.SpaceL+2), v.name, v.below), layout.NewSpacer())
	header := container.NewStack(theme.NewPanel(theme.ColorSurface), padded(container.NewBorder(nil, nil,
		container.NewHBox(container.NewCenter(v.back), picture), container.NewCenter(v.join), names), theme.SpaceXS, theme.SpaceM))
	v.problemBox = container.New(&centred{problemMost}, padded(v.problem, theme.SpaceS, theme.SpaceM))
	v.problemBox.Hide()
	top := container.NewVBox(header, v.notice, v.problemBox)
	v.root = container.New(&under{top}, top, chat)
	v.say()
	return v
}

// say says what is always shown.
func (v *View) say() {
	v.back.SetText(v.loc.T("reading.back"))
	v.join.SetText(v.loc.T("join.button"))
	theme.SetHint(v.below, v.loc.T("reading.below"))
	v.initials.TextSize = theme.Scaled(theme.TextSmall)
}

// CanvasObject is the view itself.
func (v *View) CanvasObject() fyne.CanvasObject { return v.root }

// Renew says everything anew, in another language, and takes another text size.
func (v *View) Renew() {
	v.back.SetIcon(theme.Icon("left", fynetheme.ColorNameForeground))
	v.say()
	v.problem.Renew()
	v.root.Refresh()
}

// Notice shows a line for a few seconds.
func (v *View) Notice(text string) {
	if v.fade != nil {
		v.fade.Stop()
	}
	v.notice.SetText(text)
	v.notice.Show()
	// The driver's own clock: no goroutine of ours touches the view.
	v.fade = fyne.NewAnimation(noticeTime, func(done float32) {
		if done == 1 {
			v.notice.Hide()
			v.root.Refresh()
		}
	})
	v.fade.Curve = fyne.AnimationLinear
	v.fade.Start()
	v.root.Refresh()
}

// Fail shows what went wrong, until it is closed.
func (v *View) Fail(p problem.Problem) {
	v.problem.Set(p)
	v.problemBox.Show()
	v.root.Refresh()
}

func (v *View) closeProblem() {
	v.problemBox.Hide()
	v.root.Refresh()
}

// under puts the second object right below the first, over all that is left.
type under struct{ top fyne.CanvasObject }

// MinSize implements fyne.Layout.
func (u *under) MinSize(objects []fyne.CanvasObject) fyne.Size {
	above, below := u.top.MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(above.Width, below.Width), above.Height+below.Height)
}

// Layout implements fyne.Layout.
func (u *under) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	above := u.top.MinSize().Height
	u.top.Resize(fyne.NewSize(size.Width, above))
	objects[1].Move(fyne.NewPos(0, above))
	objects[1].Resize(fyne.NewSize(size.Width, size.Height-above))
}

// centred gives its objects no more than a width, in the middle.
type centred struct{ most float32 }

// MinSize implements fyne.Layout.
func (c *centred) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// Layout implements fyne.Layout.
func (c *centred) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width, c.most)
	for _, o := range objects {
		o.Move(fyne.NewPos((size.Width-width)/2, 0))
		o.Resize(fyne.NewSize(width, size.Height))
	}
}

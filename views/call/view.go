package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/problem"
	"parley/views/theme"
	"parley/views/video"
)

// Lengths of the view.
const (
	controlsHeight float32 = 84
	chatLeast      float32 = 320
	chatMost       float32 = 420
	// narrowWidth is below what the chat lies over the stage.
	narrowWidth  float32 = 700
	problemWidth float32 = 460
)

func headerHeight() float32 { return theme.Scaled(52) }

// View is the room during a call. Its methods are called on the UI thread.
type View struct {
	part
	loc      *i18n.Localizer
	state    State
	back     *theme.Panel // of a chat that lies over the stage; the window has the colour of all else
	header   *headerBar
	stage    *stage
	controls *controlBar
	chat     fyne.CanvasObject
	people   *peoplePanel
	stats    *statsPanel
	full     fullScreen
	line     *theme.Panel
	toast    *toast
	overlay  *overlay
	problem  *problem.Card
	asking   *widget.PopUp // the last chooser
}

// New makes the view around a chat panel.
func New(loc *i18n.Localizer, _ *video.Presenter, chat fyne.CanvasObject, a Actions) *View {
	f := new(faces)
	v := &View{
		loc: loc, chat: chat,
		back:     theme.NewPanel(theme.ColorStage),
		header:   newHeaderBar(loc, a),
		stage:    newStage(loc, f, a),
		controls: newControlBar(loc, f, a),
		people:   newPeoplePanel(loc, a),
		stats:    newStatsPanel(loc, a),
		full:     newFullScreen(),
		line:     theme.NewPanel(theme.ColorLine),
		toast:    newToast(),
		overlay:  newOverlay(loc.T("call.reconnecting")),
	}
	v.problem = problem.New(loc, problem.Actions{Copy: a.Copy, Close: v.closeProblem})
	v.problem.Hide()
	v.objects = []fyne.CanvasObject{v.stage, v.overlay, v.full.top, v.full.bottom, v.stats, v.header, v.controls, v.line, v.back, v.chat, v.people, v.header.hint, v.problem, v.toast}
	v.controls.stirred, v.header.stirred = v.stir, v.stir
	v.arrange = v.place
	v.minimum = func() fyne.Size { return fyne.NewSize(420, 360) }
	v.extend(v)
	return v
}

// Narrow reports whether a panel lies over the stage in a window of a width, and
// hides the people.
func Narrow(width float32) bool { return width < narrowWidth }

// CanvasObject is the view itself.
func (v *View) CanvasObject() fyne.CanvasObject { return v }

// Update shows a state, changing only what differs: tiles of people who stay
// are not made anew.
func (v *View) Update(s State) {
	open := s.ChatOpen != v.state.ChatOpen || s.PeopleOpen != v.state.PeopleOpen || s.FullScreen != v.state.FullScreen || v.state.People == nil
	if s.FullScreen && !v.state.FullScreen {
		v.full.stirred = v.full.now()
	}
	v.state = s
	v.rest()
	v.header.set(s)
	v.stage.set(s)
	v.controls.set(s)
	show(v.overlay, s.Connection == Reconnecting)
	if open {
		v.rearrange()
	}
	if s.PeopleOpen {
		v.people.set(s)
	}
	v.stats.set(s.Stats)
	if v.toast.Visible() {
		v.placeToast() // there may be another mark
	}
}

// FocusPeople brings the keyboard to the list of the people.
func (v *View) FocusPeople() { v.people.focusFirst() }

// Renew says everything anew, in another language or with other keys, and takes
// another text size. What is shown stays as it is.
func (v *View) Renew() {
	v.header.records.Text = v.loc.T("call.recording")
	v.header.invite.text.Text = v.loc.T("call.invite")
	v.stage.invite.text.Text = v.loc.T("call.invite")
	v.stage.title.Text, v.stage.text.Text = v.loc.T("call.alone.title"), v.loc.T("call.alone.text")
	v.stage.bar.stop.text.Text = v.loc.T("call.share.stop")
	v.overlay.text.Text = v.loc.T("call.reconnecting")
	v.problem.Renew()
	v.people.say()
	v.Update(v.state)
	v.renew()
}

// ToggleShare does what the button of the screen does.
func (v *View) ToggleShare() { v.controls.toggleShare() }

// Notice shows a line for a few seconds.
func (v *View) Notice(text string) {
	v.toast.say(text)
	v.placeToast()
}

// Fail shows what went wrong, until it is closed or something else goes wrong.
func (v *View) Fail(p problem.Problem) {
	v.toast.Hide()
	v.problem.Set(p)
	v.problem.Show()
	v.placeToast()
}

func (v *View) closeProblem() {
	v.problem.Hide()
	v.placeToast()
}

func (v *View) place(size fyne.Size) {
	left := size.Width
	show(v.chat, v.state.ChatOpen)
	show(v.people, v.state.PeopleOpen)
	aside := v.state.ChatOpen || v.state.PeopleOpen
	over := aside && Narrow(size.Width)
	show(v.line, aside && !over)
	show(v.back, over)
	v.stage.cover(over && !v.state.FullScreen)
	if aside {
		panel := v.chat
		if v.state.PeopleOpen {
			panel = v.people
		}
		if !over {
			w := min(max(size.Width*0.32, chatLeast), chatMost)
			left = size.Width - w
			put(panel, left, 0, w, size.Height)
			put(v.line, left-1, 0, 1, size.Height)
		} else {
			put(v.back, 0, headerHeight(), size.Width, size.Height-headerHeight()-controlsHeight)
			put(panel, 0, headerHeight(), size.Width, size.Height-headerHeight()-controlsHeight)
		}
	}
	put(v.header, 0, 0, left, headerHeight())
	put(v.controls, 0, size.Height-controlsHeight, left, controlsHeight)
	if v.placeFull(left, size.Height) {
		v.placeToast()
		return
	}
	put(v.stage, theme.SpaceM, headerHeight(), left-2*theme.SpaceM, size.Height-headerHeight()-controlsHeight)
	put(v.overlay, 0, headerHeight(), left, size.Height-headerHeight()-controlsHeight)
	v.stats.within(rect{theme.SpaceM, headerHeight(), left - 2*theme.SpaceM, size.Height - headerHeight() - controlsHeight})
	v.placeToast()
}

func (v *View) placeToast() {
	left, y := v.header.Size().Width, headerHeight()+theme.SpaceS
	if v.problem.Visible() && left > 0 {
		width := min(left-2*theme.SpaceL, problemWidth)
		height := v.problem.HeightFor(width)
		put(v.problem, (left-width)/2, y, width, height)
		y += height + theme.SpaceS
	}
	v.toast.within(left - 2*theme.SpaceL)
	toast := v.toast.MinSize()
	// The head of the statistics has a button, which must not be hidden.
	if below := v.stats.Position().Y + v.stats.Size().Height + theme.SpaceS; v.stats.Visible() && below+toast.Height <= v.controls.Position().Y {
		y = max(y, below)
	}
	r := v.besideMarks(rect{(left - toast.Width) / 2, y, toast.Width, toast.Height}, v.controls.Position().Y)
	put(v.toast, r.x, r.y, r.w, r.h)
}

// pill is a button with an icon and a word.
type pill struct {
	part
	pressing
	bare bool // without the word
	back *canvas.Rectangle
	icon *icon
	text *canvas.Text
}

func newPill(name, text string, tap func()) *pill {
	p := &pill{pressing: pressing{tap: tap}, back: canvas.NewRectangle(theme.Color(theme.ColorControl)), icon: newIcon(name, theme.ColorControlIcon), text: newText(theme.TextSmall, true)}
	p.text.Text = text
	p.objects = []fyne.CanvasObject{p.back, p.icon.Image, p.text}
	p.minimum = func() fyne.Size {
		if p.bare {
			return fyne.NewSquareSize(32)
		}
		return fyne.NewSize(p.text.MinSize().Width+46, max(32, p.text.MinSize().Height+12))
	}
	p.arrange = func(size fyne.Size) {
		p.back.CornerRadius = size.Height / 2
		put(p.back, 0, 0, size.Width, size.Height)
		show(p.text, !p.bare)
		if p.bare {
			put(p.icon, (size.Width-16)/2, (size.Height-16)/2, 16, 16)
			return
		}
		put(p.icon, 12, (size.Height-16)/2, 16, 16)
		h := p.text.MinSize().Height
		put(p.text, 34, (size.Height-h)/2, size.Width-40, h)
	}
	p.paint = func() {
		p.back.FillColor = theme.Color(p.fill(theme.ColorControl))
		p.back.StrokeColor, p.back.StrokeWidth = p.ring()
		p.text.Color = theme.Color(theme.ColorControlIcon)
		p.icon.paint()
	}
	p.changed = func() { p.Refresh() }
	p.pressing.self = p
	p.extend(p)
	return p
}

// AccessibilityLabel is part of fyne.Accessible.
func (p *pill) AccessibilityLabel() string { return p.text.Text }

// AccessibilityRole is part of fyne.Accessible.
func (p *pill) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

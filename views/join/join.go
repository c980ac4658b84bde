// Package join is the first view: who, which room, where, and with which
// devices. It knows no engine.
package join

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/problem"
	"parley/views/theme"
)

// Form is what a person filled in.
type Form struct {
	Name, Room, Server          string
	App, Token                  string // of an invite link; never shown
	Passcode                    string // asked for when the room wants it; never kept
	ServerID                    string // of an invite link: who Server is, wherever it is by now
	Host                        bool   // on this computer, not on Server
	Camera, Microphone, Speaker string // device names, empty for the system's default
	CameraOn, MicrophoneOn      bool
}

// Invite is what a pasted link says.
type Invite struct{ Room, Server, App, Token, ServerID string }

// Recent is a room visited before.
type Recent struct {
	Room, Server string // Server is empty for one hosted here
	App          string
	ServerID     string // of that server; not shown
	Last         string // its last message
	Time         string // of that message, or of the visit
	Unread       int
}

// Devices are the names to choose from.
type Devices struct{ Cameras, Microphones, Speakers []string }

// Actions are what a person does here.
type Actions struct {
	Join              func(Form)
	Cancel            func()
	CameraChanged     func(on bool, device string)
	MicrophoneChanged func(on bool, device string)
	SpeakerChanged    func(device string)
	TestSound         func(device string)
	Copy              func(text string) // into the clipboard
	// Settings opens the settings.
	Settings func()
	// ParseInvite reads a text that may be an invite link.
	ParseInvite func(text string) (Invite, bool)
}

// View is the join view. Its methods are called on the UI thread.
type View struct {
	loc     *i18n.Localizer
	actions Actions
	// What came with an invite link, and goes with what it was for.
	app, token, serverID string
	// filling keeps a link that is being taken apart from being read again.
	filling bool

	name, room, server *field
	where              *widget.RadioGroup
	serverBox          *fyne.Container
	join               *widget.Button
	progress           *fyne.Container
	progressText       *widget.Label
	spinner            *widget.ProgressBarInfinite // moves, and has the window drawn, until it is stopped
	problem            *problem.Card
	nearby             *fyne.Container
	nearbyBox          *fyne.Container // with its title; hidden where nothing is near
	nearbyShown        []Nearby
	recents            *fyne.Container
	recentsEmpty       *widget.RichText
	preview            *previewPanel
	camera, microphone *toggle
	cameraPick         *picker
	microphonePick     *picker
	speakerPick        *picker
	microphoneTrouble  *widget.RichText
	speakerTrouble     *widget.RichText
	meter              *meter
	root               fyne.CanvasObject
}

// New makes the view around a preview of the camera.
func New(loc *i18n.Localizer, preview fyne.CanvasObject, initial Form, a Actions) *View {
	v := &View{loc: loc, actions: a}
	v.name = newField(loc.T("join.name.hint"), v.submit, v.pasted)
	v.room = newField(loc.T("join.room.hint"), v.submit, v.pasted)
	v.server = newField(loc.T("join.server.hint"), v.submit, v.pasted)
	v.where = widget.NewRadioGroup([]string{loc.T("join.where.host"), loc.T("join.where.server")}, func(string) { v.whereChanged() })
	v.where.Required = true
	v.serverBox = labelled(loc.T("join.server"), v.server)
	v.join = widget.NewButton(loc.T("join.button"), v.submit)
	v.join.Importance = widget.HighImportance
	v.progressText = widget.NewLabel("")
	v.spinner = widget.NewProgressBarInfinite()
	v.spinner.MinSize() // it starts when it is looked at for the first time
	v.spinner.Stop()
	v.progress = container.New(layout.NewCustomPaddedVBoxLayout(theme.SpaceS), v.progressText, container.New(thin{}, v.spinner),
		widget.NewButton(loc.T("join.cancel"), func() { a.Cancel() }))
	v.progress.Hide()
	v.problem = problem.New(loc, problem.Actions{Copy: func(details string) { v.actions.Copy(details) }})
	v.problem.Hide()
	v.nearby = container.NewVBox()
	v.recents = container.NewVBox()
	v.recentsEmpty = hint(loc.T("join.recent.empty"))
	v.preview = newPreviewPanel(preview)
	v.devices()
	v.build()
	v.SetForm(initial)
	v.SetRecents(nil, nil, nil)
	return v
}

func (v *View) build() {
	left, right := v.left(), v.right()
	both := &columns{left: left, right: right, preview: v.preview}
	content := container.New(&page{both}, theme.NewPanel(theme.ColorPage), container.NewVScroll(container.New(both, left, right)))
	v.root = container.NewStack(content, inCorner(newGear(v.loc.T("call.settings"), func() { v.actions.Settings() })))
}

// left is what one looks and sounds like.
func (v *View) left() fyne.CanvasObject {
	toggles := container.New(layout.NewCustomPaddedHBoxLayout(theme.SpaceM), layout.NewSpacer(), v.microphone, v.camera, layout.NewSpacer())
	return container.NewVBox(
		v.preview,
		container.New(layout.NewCustomPaddedLayout(theme.SpaceS, 0, 0, 0), toggles),
		v.meter,
		troubled(labelled(v.loc.T("join.microphone"), v.microphonePick.object), v.microphoneTrouble),
		labelled(v.loc.T("join.camera"), v.cameraPick.object),
		troubled(labelled(v.loc.T("join.speaker"), container.NewBorder(nil, nil, nil,
			widget.NewButton(v.loc.T("join.test"), func() { v.actions.TestSound(v.speakerPick.value()) }), v.speakerPick.object)), v.speakerTrouble),
	)
}

// right is where one goes.
func (v *View) right() fyne.CanvasObject {
	v.nearbyBox = container.NewVBox(widget.NewLabelWithStyle(v.loc.T("join.nearby"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), v.nearby)
	v.nearbyBox.Hide()
	recentTitle := widget.NewLabelWithStyle(v.loc.T("join.recent"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	gap := func() fyne.CanvasObject {
		r := canvas.NewRectangle(color.Transparent)
		r.SetMinSize(fyne.NewSize(1, theme.SpaceS))
		return r
	}
	return container.NewVBox(
		container.New(layout.NewCustomPaddedVBoxLayout(-theme.SpaceM), newHeading(v.loc.T("join.title")), hint(v.loc.T("join.subtitle"))),
		labelled(v.loc.T("join.name"), v.name),
		labelled(v.loc.T("join.room"), v.room),
		labelled(v.loc.T("join.where"), theme.Edged(v.where)),
		v.serverBox, gap(),
		// The button stays where it is when something goes wrong.
		v.join, v.progress, container.New(layout.NewCustomPaddedLayout(theme.SpaceXS, theme.SpaceXS, 0, 0), v.problem),
		v.nearbyBox, recentTitle, v.recentsEmpty, v.recents,
	)
}

// CanvasObject is the view itself.
func (v *View) CanvasObject() fyne.CanvasObject { return v.root }

// Form reads what is filled in.
func (v *View) Form() Form {
	return Form{
		Name: v.name.Text, Room: v.room.Text, Server: v.server.Text, App: v.app, Token: v.token, ServerID: v.serverID, Host: v.where.Selected == v.loc.T("join.where.host"),
		Camera: v.cameraPick.value(), Microphone: v.microphonePick.value(), Speaker: v.speakerPick.value(),
		CameraOn: v.camera.on, MicrophoneOn: v.microphone.on,
	}
}

// SetForm fills everything in.
func (v *View) SetForm(f Form) {
	v.filling = true
	defer func() { v.filling = false }()
	v.name.SetText(f.Name)
	v.room.SetText(f.Room)
	v.server.SetText(f.Server)
	v.app, v.token, v.serverID = f.App, f.Token, f.ServerID
	if f.Host {
		v.where.SetSelected(v.loc.T("join.where.host"))
	} else {
		v.where.SetSelected(v.loc.T("join.where.server"))
	}
	v.cameraPick.choose(f.Camera)
	v.microphonePick.choose(f.Microphone)
	v.speakerPick.choose(f.Speaker)
	v.camera.set(f.CameraOn)
	v.microphone.set(f.MicrophoneOn)
	v.preview.set(f.CameraOn, v.loc.T("join.preview.off"))
}

// SetDevices offers other devices; what was chosen stays chosen.
func (v *View) SetDevices(d Devices) {
	v.cameraPick.offer(d.Cameras)
	v.microphonePick.offer(d.Microphones)
	v.speakerPick.offer(d.Speakers)
}

// SetLevel shows how loud the microphone is, 0 to 100.
func (v *View) SetLevel(level int) { v.meter.set(level) }

// SetCamera shows whether the camera delivers; notice says why it does not.
func (v *View) SetCamera(on bool, notice string) {
	v.camera.set(on)
	if notice == "" {
		notice = v.loc.T("join.preview.off")
	}
	v.preview.set(on, notice)
}

// SetTroubles says why microphone and speaker do not work; empty where they do.
func (v *View) SetTroubles(microphone, speaker string) {
	for _, t := range []struct {
		of    *widget.RichText
		words string
	}{{v.microphoneTrouble, microphone}, {v.speakerTrouble, speaker}} {
		theme.SetHint(t.of, t.words)
		t.of.Hidden = t.words == ""
	}
	v.root.Refresh()
}

// SetProgress shows what is happening, with Cancel.
func (v *View) SetProgress(text string) {
	v.progressText.SetText(text)
	v.problem.Hide()
	v.Offer("")
	v.join.Hide()
	v.spinner.Start()
	v.progress.Show()
	v.root.Refresh()
}

// SetIdle shows the button again.
func (v *View) SetIdle() {
	v.spinner.Stop() // in a container that is hidden it would go on
	v.progress.Hide()
	v.join.Show()
	v.root.Refresh()
}

// Offer lets the button say what it does after what happened; empty is as
// usual.
func (v *View) Offer(label string) {
	if label == "" {
		label = v.loc.T("join.button")
	}
	v.join.SetText(label)
}

// SetError says what failed and what to try; what was typed stays.
func (v *View) SetError(p problem.Problem) {
	v.SetIdle()
	v.problem.Set(p)
	v.problem.Show()
	v.root.Refresh()
}

// SetRecents lists rooms visited before; enter is called for the one chosen, and
// read for one whose history is to be read without a call.
func (v *View) SetRecents(list []Recent, enter, read func(Recent)) {
	v.recents.RemoveAll()
	for _, r := range list {
		v.recents.Add(v.newRecentRow(r, func() { enter(r) }, func() { read(r) }))
	}
	if len(list) == 0 {
		v.recentsEmpty.Show()
	} else {
		v.recentsEmpty.Hide()
	}
	if v.root != nil {
		v.root.Refresh()
	}
}

// FocusFirst puts the cursor into the first empty field.
func (v *View) FocusFirst(c fyne.Canvas) {
	for _, f := range []*field{v.name, v.room} {
		if f.Text == "" {
			c.Focus(f)
			return
		}
	}
}

func (v *View) submit() {
	if v.join.Visible() {
		v.actions.Join(v.Form())
	}
}

func (v *View) whereChanged() {
	if v.where.Selected == v.loc.T("join.where.host") {
		v.serverBox.Hide()
	} else {
		v.serverBox.Show()
	}
	if v.root != nil {
		v.root.Refresh()
	}
}

// pasted looks whether a field holds an invite link, and takes it apart.
func (v *View) pasted(f *field, text string) {
	if v.filling {
		return
	}
	invite, ok := v.actions.ParseInvite(text)
	if !ok {
		if f != v.name {
			v.app, v.token, v.serverID = "", "", "" // they were for another room
		}
		return
	}
	v.filling = true
	defer func() { v.filling = false }()
	if f == v.name {
		f.SetText("")
	}
	v.room.SetText(invite.Room)
	v.server.SetText(invite.Server)
	v.app, v.token, v.serverID = invite.App, invite.Token, invite.ServerID
	v.where.SetSelected(v.loc.T("join.where.server"))
}

func (v *View) devices() {
	loc, a := v.loc, v.actions
	v.meter = newMeter()
	v.camera = newToggle("camera", "camera-off", loc.T("join.camera.off"), loc.T("join.camera.on"), func(on bool) {
		v.preview.set(on, loc.T("join.preview.off"))
		a.CameraChanged(on, v.cameraPick.value())
	})
	v.microphone = newToggle("microphone", "microphone-off", loc.T("join.microphone.off"), loc.T("join.microphone.on"), func(on bool) {
		a.MicrophoneChanged(on, v.microphonePick.value())
	})
	none := loc.T("join.default")
	v.cameraPick = newPicker(none, func(name string) { a.CameraChanged(v.camera.on, name) })
	v.microphonePick = newPicker(none, func(name string) { a.MicrophoneChanged(v.microphone.on, name) })
	v.speakerPick = newPicker(none, a.SpeakerChanged)
	v.microphoneTrouble, v.speakerTrouble = newTrouble(), newTrouble()
}

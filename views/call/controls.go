package call

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/keys"
	"parley/views/theme"
)

// pressing is what buttons have in common that answer to mouse and keyboard.
type pressing struct {
	over, focused bool
	changed       func()
	tap           func()
	self          fyne.CanvasObject // which widget this is
}

// Tapped implements fyne.Tappable.
func (h *pressing) Tapped(*fyne.PointEvent) { h.tap() }

// FocusGained implements fyne.Focusable.
func (h *pressing) FocusGained() { h.focus(true) }

// FocusLost implements fyne.Focusable.
func (h *pressing) FocusLost() { h.focus(false) }

func (h *pressing) focus(on bool) {
	h.focused = on
	h.changed()
}

// TypedRune implements fyne.Focusable.
func (h *pressing) TypedRune(rune) {}

// TypedKey presses the button with Space or Enter.
func (h *pressing) TypedKey(e *fyne.KeyEvent) {
	if h.self != nil && keys.PassOn(h.self, e, fyne.KeyEscape) {
		return
	}
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		h.tap()
	}
}

// ring is the line around what has the focus.
func (h *pressing) ring() (color.Color, float32) {
	if h.focused {
		return theme.Color("focus"), 3
	}
	return color.Transparent, 0
}

// MouseIn implements desktop.Hoverable.
func (h *pressing) MouseIn(*desktop.MouseEvent) {
	h.over = true
	h.changed()
}

// MouseMoved implements desktop.Hoverable.
func (h *pressing) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (h *pressing) MouseOut() {
	h.over = false
	h.changed()
}

// Cursor implements desktop.Cursorable.
func (h *pressing) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (h *pressing) fill(colour fyne.ThemeColorName) fyne.ThemeColorName {
	if h.over && colour == theme.ColorControl {
		return theme.ColorControlHover
	}
	return colour
}

const (
	controlSize  float32 = 48
	controlSmall float32 = 36 // where the bar is narrow
	controlGap           = theme.SpaceM
	controlClose         = theme.SpaceS  // before the buttons become smaller
	controlLeast         = theme.SpaceXS // where they are as small as they may be
)

// controlBar is the row of round buttons below the stage.
type controlBar struct {
	part
	loc                                                                  *i18n.Localizer
	microphone, camera, share, hand, react, sound, chat, settings, leave *control
	hint                                                                 *tag
	actions                                                              Actions
	sharing, shareable                                                   bool
	faces                                                                *faces
	stirred                                                              func()        // somebody is at the buttons
	picking                                                              *widget.PopUp // the last picker of reactions
}

func newControlBar(loc *i18n.Localizer, f *faces, a Actions) *controlBar {
	b := &controlBar{loc: loc, faces: f, stirred: func() {}, hint: newTag(), actions: a}
	b.microphone = newControl(a.ToggleMicrophone, b.hovered)
	b.camera = newControl(a.ToggleCamera, b.hovered)
	b.share = newControl(b.toggleShare, b.hovered)
	b.hand = newControl(a.ToggleHand, b.hovered)
	b.react = newControl(b.openReactions, b.hovered)
	b.sound = newControl(func() { b.openSound(a.Sound) }, b.hovered)
	b.microphone.menu = b.sound.tap
	b.chat = newControl(a.ToggleChat, b.hovered)
	b.settings = newControl(a.Settings, b.hovered)
	b.leave = newControl(a.Leave, b.hovered)
	for _, c := range b.all() {
		b.objects = append(b.objects, c)
	}
	b.objects = append(b.objects, b.hint)
	b.minimum = func() fyne.Size {
		return fyne.NewSize(float32(len(b.all())+1)*(controlSmall+controlLeast), controlsHeight)
	}
	b.arrange = b.place
	b.extend(b)
	return b
}

func (b *controlBar) all() []*control {
	return []*control{b.microphone, b.camera, b.share, b.hand, b.react, b.sound, b.chat, b.settings, b.leave}
}

// toggleShare begins to share a screen, or ends it.
func (b *controlBar) toggleShare() {
	switch {
	case b.sharing:
		b.actions.StopSharing()
	case b.shareable:
		b.actions.Share()
	}
}

func (b *controlBar) place(size fyne.Size) {
	all := b.all()
	// Leave stands a little apart, so that nobody hits it by mistake.
	n := float32(len(all))
	controlSize := max(min(controlSize, (size.Width-(n+2)*controlClose)/n), controlSmall)
	controlGap := max(min(controlGap, (size.Width-n*controlSize)/(n+2)), controlLeast)
	width := n*controlSize + n*controlGap
	x, y := (size.Width-width)/2, (size.Height-controlSize)/2+4
	for i, c := range all {
		if i == len(all)-1 {
			x += controlGap
		}
		put(c, x, y, controlSize, controlSize)
		if c.over {
			b.hint.at(x+controlSize/2, y-tagHeight()-theme.SpaceXS, size.Width)
		}
		x += controlSize + controlGap
	}
}

// hovered shows what the button under the mouse does, and its keys.
func (b *controlBar) hovered(c *control) {
	b.stirred()
	b.hint.hint(c)
	b.Refresh()
}

func (b *controlBar) set(s State) {
	t := b.loc.T
	microphone, camera := microphoneLook(b.loc, s), cameraLook(b.loc, s)
	share := look{icon: "screen", label: t("call.share.start")}
	named := func(a keys.Action) string { return b.actions.keys(a) }
	switch {
	case s.Sharing:
		share = look{icon: "screen-off", label: t("call.share.stop")}
	case !s.ShareAvailable:
		share = look{icon: "screen-off", label: t("call.share.missing"), dim: true}
	}
	b.sharing, b.shareable = s.Sharing, s.ShareAvailable
	b.microphone.set(microphone, named(keys.Microphone))
	b.camera.set(camera, named(keys.Camera))
	b.share.set(share, named(keys.Share))
	b.share.active(s.Sharing)
	hand := look{icon: "hand", label: t("call.hand.raise")}
	if s.HandUp {
		hand.label = t("call.hand.lower")
	}
	b.hand.set(hand, named(keys.Hand))
	b.hand.active(s.HandUp)
	b.react.set(look{icon: "smile", label: t("call.react")}, named(keys.React))
	b.sound.set(look{icon: "speaker", label: t("call.sound")}, "")
	b.chat.set(look{icon: "chat", label: t("call.chat"), unread: s.Unread}, named(keys.Chat))
	b.chat.active(s.ChatOpen)
	b.settings.set(look{icon: "settings", label: t("call.settings")}, named(keys.Settings))
	b.leave.set(look{icon: "leave", label: t("call.leave"), red: true}, "")
}

// microphoneLook is how the button of the microphone stands.
func microphoneLook(loc *i18n.Localizer, s State) look {
	switch {
	case !s.MicrophoneAvailable:
		return look{icon: "microphone-off", label: loc.T("call.microphone.missing"), red: true}
	case !s.MicrophoneOn:
		return look{icon: "microphone-off", label: loc.T("call.microphone.unmute"), red: true}
	default:
		return look{icon: "microphone", label: loc.T("call.microphone.mute")}
	}
}

// cameraLook is how the button of the camera stands.
func cameraLook(loc *i18n.Localizer, s State) look {
	switch {
	case !s.CameraAvailable:
		return look{icon: "camera-off", label: loc.T("call.camera.missing"), red: true}
	case !s.CameraOn:
		return look{icon: "camera-off", label: loc.T("call.camera.on"), red: true}
	default:
		return look{icon: "camera", label: loc.T("call.camera.off")}
	}
}

// look is how a control stands: red is off, or dangerous; dim is without use.
type look struct {
	icon   string
	label  string
	red    bool
	dim    bool
	unread int
}

// control is a round button with a state that can't be misread.
type control struct {
	part
	pressing
	look
	keys   string
	on     bool   // what it opens is open
	menu   func() // opens its menu; nil without one
	back   *canvas.Circle
	icon   *icon
	badge  *canvas.Rectangle
	number *canvas.Text
}

func newControl(tap func(), hovered func(*control)) *control {
	c := &control{pressing: pressing{tap: tap}, back: canvas.NewCircle(theme.Color(theme.ColorControl)), icon: newIcon("microphone", theme.ColorControlIcon),
		badge: canvas.NewRectangle(nil), number: newText(theme.TextCaption, true)}
	c.number.Alignment = fyne.TextAlignCenter
	c.objects = []fyne.CanvasObject{c.back, c.icon.Image, c.badge, c.number}
	c.minimum = func() fyne.Size { return fyne.NewSquareSize(controlSize) }
	c.arrange = func(size fyne.Size) {
		put(c.back, 0, 0, size.Width, size.Height)
		across := float32(22)
		if size.Width < controlSize {
			across = 18
		}
		put(c.icon, (size.Width-across)/2, (size.Height-across)/2, across, across)
		high := theme.Scaled(18)
		w := max(high, c.number.MinSize().Width+10)
		c.badge.CornerRadius = high / 2
		put(c.badge, size.Width-w+4, -4, w, high)
		put(c.number, size.Width-w+4, -4+(high-c.number.MinSize().Height)/2, w, c.number.MinSize().Height)
	}
	c.paint = c.colour
	c.changed = func() {
		c.Refresh()
		hovered(c)
	}
	c.pressing.self = c
	c.extend(c)
	return c
}

func (c *control) set(l look, keys string) {
	if c.look == l && c.keys == keys {
		return
	}
	c.look, c.keys = l, keys
	c.number.Text = strconv.Itoa(l.unread)
	if l.unread > 99 {
		c.number.Text = "99+"
	}
	show(c.badge, l.unread > 0)
	show(c.number, l.unread > 0)
	if c.over {
		c.changed() // what it says under the mouse too
		return
	}
	c.Refresh()
}

func (c *control) active(on bool) {
	if c.on != on {
		c.on = on
		c.Refresh()
	}
}

func (c *control) colour() {
	fill, colour := theme.ColorControl, theme.ColorControlIcon
	switch {
	case c.red:
		fill, colour = theme.ColorDanger, theme.ColorOnDanger
	case c.dim:
		colour = fynetheme.ColorNameDisabled
	case c.on:
		fill, colour = "primary", "foregroundOnPrimary"
	}
	c.back.FillColor = theme.Color(c.fill(fill))
	c.back.StrokeColor, c.back.StrokeWidth = c.ring()
	if c.look.icon != "" {
		c.icon.set(c.look.icon, colour)
	}
	c.badge.FillColor, c.number.Color = theme.Color(theme.ColorDanger), theme.Color(theme.ColorOnDanger)
}

// AccessibilityLabel is part of fyne.Accessible.
func (c *control) AccessibilityLabel() string { return c.label }

// AccessibilityRole is part of fyne.Accessible.
func (c *control) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

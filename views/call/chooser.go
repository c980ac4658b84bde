package call

import (
	"image"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// Screen is a screen or window that can be shared.
type Screen struct {
	ID, Name      string
	Window        bool
	Asks          bool // the system asks for which screen or window
	Width, Height int
	Thumbnail     *image.RGBA // nil where there is none
}

const (
	chooserWidth  float32 = 720
	chooserHeight float32 = 470
	askingWidth   float32 = 440
	askingHeight  float32 = 270
	choiceWidth   float32 = 214
	choiceHeight  float32 = 160
	choicePicture float32 = 120
)

// ChooseScreen asks which screen or window to share. chosen is called with its ID,
// or not at all. A chooser that is open gives way. sound is nil where none can be
// shared.
func (v *View) ChooseScreen(screens []Screen, sound *SoundSwitch, chosen func(id string)) {
	c := fyne.CurrentApp().Driver().CanvasForObject(v)
	if c == nil {
		return
	}
	if v.asking != nil {
		v.asking.Hide()
	}
	var popUp *widget.PopUp
	chooser := newChooser(v.loc, screens, sound, func(id string) {
		popUp.Hide()
		if id != "" {
			chosen(id)
		}
	})
	popUp = widget.NewModalPopUp(chooser, c)
	v.asking = popUp
	size := c.Size()
	width, height := chooserWidth, chooserHeight
	if len(screens) > 0 && screens[0].Asks {
		width, height = askingWidth, askingHeight
	}
	popUp.Resize(fyne.NewSize(min(width, size.Width-2*theme.SpaceL), min(height, size.Height-2*theme.SpaceL)))
	popUp.Show()
	if len(chooser.choices) > 0 {
		c.Focus(chooser.choices[0])
	}
}

// chooser shows what can be shared, screens before windows.
type chooser struct {
	part
	title   *canvas.Text
	choices []*choice
	list    *container.Scroll
	sound   *soundSwitch // nil where none can be shared
	cancel  *pill
}

func newChooser(loc *i18n.Localizer, screens []Screen, sound *SoundSwitch, chosen func(id string)) *chooser {
	c := &chooser{title: newText(theme.TextLarge, true)}
	c.title.Text = loc.T("share.title")
	rows := container.NewVBox()
	for _, windows := range []bool{false, true} {
		grid := container.NewGridWrap(fyne.NewSize(choiceWidth, choiceHeight))
		for _, s := range screens {
			if s.Window == windows {
				one := newChoice(loc, s, chosen)
				c.choices = append(c.choices, one)
				grid.Add(one)
			}
		}
		if len(grid.Objects) == 0 {
			continue
		}
		heading := "share.screens"
		if windows {
			heading = "share.windows"
		}
		if !c.choices[0].screen.Asks {
			rows.Add(widget.NewLabelWithStyle(loc.T(heading), fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
		}
		rows.Add(grid)
	}
	c.list = container.NewVScroll(rows)
	c.cancel = newPill("close", loc.T("share.cancel"), func() { chosen("") })
	c.objects = []fyne.CanvasObject{c.title, c.list, c.cancel}
	if sound != nil {
		c.sound = newSoundSwitch(loc, *sound, func() { chosen("") })
		c.objects = []fyne.CanvasObject{c.title, c.list, c.sound, c.cancel}
	}
	c.minimum = func() fyne.Size { return fyne.NewSize(choiceWidth+2*theme.SpaceL, choiceHeight+2*headerHeight()) }
	c.arrange = func(size fyne.Size) {
		button := c.cancel.MinSize()
		put(c.title, theme.SpaceM, theme.SpaceS, size.Width-button.Width-2*theme.SpaceL, c.title.MinSize().Height)
		put(c.cancel, size.Width-button.Width-theme.SpaceS, theme.SpaceXS, button.Width, button.Height)
		foot := float32(0)
		if c.sound != nil {
			foot = c.sound.MinSize().Height + theme.SpaceXS
			put(c.sound, theme.SpaceS, size.Height-foot, size.Width-2*theme.SpaceS, foot-theme.SpaceXS)
		}
		put(c.list, theme.SpaceS, headerHeight()-theme.SpaceS, size.Width-2*theme.SpaceS, size.Height-headerHeight()-foot)
	}
	c.paint = func() { c.title.Color = theme.Color("foreground") }
	c.extend(c)
	return c
}

// choice is one screen or window.
type choice struct {
	part
	pressing
	screen  Screen
	chosen  func(id string)
	loc     *i18n.Localizer
	back    *canvas.Rectangle
	picture *canvas.Image
	blank   *icon
	name    *canvas.Text
	size    *canvas.Text
}

var _ fyne.Focusable = (*choice)(nil)

func newChoice(loc *i18n.Localizer, s Screen, chosen func(id string)) *choice {
	c := &choice{
		loc: loc, screen: s, chosen: chosen, back: canvas.NewRectangle(nil), blank: newIcon("computer", theme.ColorMuted),
		name: newText(theme.TextSmall, true), size: newText(theme.TextCaption, false),
	}
	c.tap = func() { c.chosen(s.ID) }
	c.back.CornerRadius = theme.RadiusS
	if s.Width > 0 {
		c.size.Text = strconv.Itoa(s.Width) + " × " + strconv.Itoa(s.Height)
	}
	c.objects = []fyne.CanvasObject{c.back, c.blank.Image, c.name, c.size}
	if s.Thumbnail != nil {
		c.picture = canvas.NewImageFromImage(s.Thumbnail)
		c.picture.FillMode = canvas.ImageFillContain
		c.picture.ScaleMode = canvas.ImageScaleFastest
		c.objects[1] = c.picture
	}
	c.minimum = func() fyne.Size { return fyne.NewSize(choiceWidth, choiceHeight) }
	c.arrange = func(size fyne.Size) {
		put(c.back, 2, 2, size.Width-4, size.Height-4)
		if c.picture != nil {
			put(c.picture, theme.SpaceS, theme.SpaceS, size.Width-2*theme.SpaceS, choicePicture-theme.SpaceS)
		} else {
			put(c.blank, size.Width/2-24, choicePicture/2-24, 48, 48)
		}
		pixels := c.size.MinSize()
		room := size.Width - 2*theme.SpaceM - pixels.Width - theme.SpaceS
		c.name.Text = ellipsis(c.label(), room, c.name.TextSize, c.name.TextStyle)
		put(c.name, theme.SpaceM, choicePicture+theme.SpaceS, room, c.name.MinSize().Height)
		put(c.size, size.Width-theme.SpaceM-pixels.Width, choicePicture+theme.SpaceS+1, pixels.Width, pixels.Height)
	}
	c.paint = func() {
		c.back.FillColor = theme.Color("inputBackground")
		if c.over {
			c.back.FillColor = theme.Color(theme.ColorControlHover)
		}
		c.back.StrokeColor, c.back.StrokeWidth = c.ring()
		c.name.Color, c.size.Color = theme.Color(theme.ColorControlIcon), theme.Color(theme.ColorMuted)
		c.blank.paint()
	}
	c.changed = func() { c.Refresh() }
	c.pressing.self = c
	c.extend(c)
	return c
}

// label is the name, or that there is none.
func (c *choice) label() string {
	switch {
	case c.screen.Asks:
		return c.loc.T("share.ask")
	case c.screen.Name != "":
		return c.screen.Name
	case c.screen.Window:
		return c.loc.T("share.window")
	default:
		return c.loc.T("share.screen")
	}
}

// TypedKey chooses with Space or Enter; Escape gives up.
func (c *choice) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		c.chosen("")
		return
	}
	c.pressing.TypedKey(e)
}

// AccessibilityLabel is part of fyne.Accessible.
func (c *choice) AccessibilityLabel() string { return c.label() }

// AccessibilityRole is part of fyne.Accessible.
func (c *choice) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

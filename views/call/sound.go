package call

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
)

// Sound is what the menu of the sound shows.
type Sound struct {
	Microphones, Speakers []string // names, as listed
	Microphone, Speaker   string   // the chosen ones; empty for the system's default
	Processing            Processing
	// Recording is set while the call is recorded here.
	Recording bool
	// ProcessingMissing is set where the program can't process voices.
	ProcessingMissing bool
}

// Processing is what is done to the microphone's sound. With Music none of the
// others is.
type Processing struct{ Echo, Noise, Gain, Music bool }

// SoundActions are what a person does in the menu of the sound.
type SoundActions struct {
	Sound         func() Sound
	UseMicrophone func(name string)
	UseSpeaker    func(name string)
	Process       func(Processing)
	// Record begins or ends a recording of the call.
	Record func(on bool)
	// Settings opens the settings of the sound; nil for none.
	Settings func()
}

// soundMenu lists the devices, and what is done to the voice.
func soundMenu(loc *i18n.Localizer, a SoundActions) *fyne.Menu {
	s := a.Sound()
	check := func(text string, on bool, act func()) *fyne.MenuItem {
		item := fyne.NewMenuItem(text, act)
		item.Checked = on
		return item
	}
	// Lists of devices can be long: each has a menu of its own.
	devices := func(title string, names []string, chosen string, use func(string)) *fyne.MenuItem {
		items := []*fyne.MenuItem{check(loc.T("join.default"), chosen == "", func() { use("") })}
		for _, name := range names {
			items = append(items, check(name, name == chosen, func() { use(name) }))
		}
		item := fyne.NewMenuItem(title, nil)
		item.ChildMenu = fyne.NewMenu("", items...)
		return item
	}
	var items []*fyne.MenuItem
	if s.ProcessingMissing {
		item := fyne.NewMenuItem(loc.T("call.voice.missing"), nil)
		item.Disabled = true
		items = append(items, item)
	} else {
		p := s.Processing
		items = append(items,
			check(loc.T("call.voice.echo"), p.Echo, func() { a.Process(Processing{!p.Echo, p.Noise, p.Gain, p.Music}) }),
			check(loc.T("call.voice.noise"), p.Noise, func() { a.Process(Processing{p.Echo, !p.Noise, p.Gain, p.Music}) }),
			check(loc.T("call.voice.gain"), p.Gain, func() { a.Process(Processing{p.Echo, p.Noise, !p.Gain, p.Music}) }))
		for _, item := range items {
			item.Disabled = p.Music
		}
	}
	items = append(items, check(loc.T("call.voice.music"), s.Processing.Music, func() {
		p := s.Processing
		p.Music = !p.Music
		a.Process(p)
	}))
	items = append(items, fyne.NewMenuItemSeparator(),
		devices(loc.T("join.microphone"), s.Microphones, s.Microphone, a.UseMicrophone),
		devices(loc.T("join.speaker"), s.Speakers, s.Speaker, a.UseSpeaker),
		fyne.NewMenuItemSeparator())
	record := "call.record.start"
	if s.Recording {
		record = "call.record.stop"
	}
	items = append(items, fyne.NewMenuItem(loc.T(record), func() { a.Record(!s.Recording) }))
	if a.Settings != nil {
		items = append(items, fyne.NewMenuItem(loc.T("call.sound.settings"), a.Settings))
	}
	return fyne.NewMenu("", items...)
}

// openSound shows the menu above its button.
func (b *controlBar) openSound(a SoundActions) {
	driver := fyne.CurrentApp().Driver()
	canvas := driver.CanvasForObject(b.sound)
	if canvas == nil {
		return
	}
	menu := widget.NewPopUpMenu(soundMenu(b.loc, a), canvas)
	at := driver.AbsolutePositionForObject(b.sound)
	size := menu.MinSize()
	menu.ShowAtPosition(fyne.NewPos(max(at.X+controlSize/2-size.Width/2, 0), max(at.Y-size.Height-controlGap/2, 0)))
}

// TappedSecondary opens the menu of the sound on the microphone too.
func (c *control) TappedSecondary(*fyne.PointEvent) {
	if c.menu != nil {
		c.menu()
	}
}

package settings

import (
	"strconv"

	"fyne.io/fyne/v2"

	"parley/views/theme"
)

// general is who one is, and how Parley looks and speaks.
func (v *View) general() []block {
	t, p := v.loc.T, v.state.General
	change := func(f func(*Preferences)) {
		f(&v.state.General)
		v.actions.Change(v.state.General)
	}
	language := v.newSegments(t("settings.language"), p.Language, []choice{{"", t("settings.system")}, {"zh", t("settings.language.zh")}, {"en", t("settings.language.en")}},
		func(value string) { change(func(p *Preferences) { p.Language = value }) })
	look := v.newSegments(t("settings.theme"), p.Theme, []choice{{"", t("settings.system")}, {"light", t("settings.theme.light")}, {"dark", t("settings.theme.dark")}},
		func(value string) { change(func(p *Preferences) { p.Theme = value }) })
	var sizes []choice
	chosen := "100"
	for _, percent := range []int{85, 100, 115, 130, 150} {
		text := strconv.Itoa(percent)
		sizes = append(sizes, choice{text, text + "%"})
		if int(p.TextScale*100+0.5) == percent {
			chosen = text
		}
	}
	size := v.newSegments(t("settings.size"), chosen, sizes, func(value string) {
		percent, _ := strconv.Atoi(value) // one of those above
		change(func(p *Preferences) { p.TextScale = float32(percent) / 100 })
	})
	toggle := func(key string, words string, on bool, set func(*Preferences, bool)) *row {
		return newRow(t(key), words, v.newToggle(t(key), on, func(on bool) { change(func(p *Preferences) { set(p, on) }) }))
	}
	nearby := v.newSegments(t("settings.nearby"), p.Nearby, []choice{
		{NearbyHidden, t("settings.nearby.hidden")}, {NearbyInvite, t("settings.nearby.invite")}, {NearbyAsk, t("settings.nearby.ask")}, {NearbyOpen, t("settings.nearby.open")},
	}, func(value string) { change(func(p *Preferences) { p.Nearby = value }) })
	return []block{
		newCard("",
			newRow(t("join.name"), t("settings.name.words"), v.newField(p.Name, t("join.name.hint"), func(name string) { change(func(p *Preferences) { p.Name = name }) })),
			newRow(t("settings.language"), "", language)),
		newCard(t("settings.looks"),
			newRow(t("settings.theme"), "", look),
			newRow(t("settings.size"), "", size),
			toggle("settings.contrast", "", p.HighContrast, func(p *Preferences, on bool) { p.HighContrast = on }),
			toggle("settings.still", t("settings.still.words"), p.ReducedMotion, func(p *Preferences, on bool) { p.ReducedMotion = on })),
		newCard(t("settings.alerts"),
			toggle("settings.sounds", t("settings.sounds.words"), p.Sounds, func(p *Preferences, on bool) { p.Sounds = on }),
			toggle("settings.notifications", t("settings.notifications.words"), p.Notifications, func(p *Preferences, on bool) { p.Notifications = on }),
			toggle("settings.compact", t("settings.compact.words"), p.Compact, func(p *Preferences, on bool) { p.Compact = on })),
		newCard(t("settings.hosting"), newRow(t("settings.nearby"), t("settings.nearby.words"), nearby).below()),
	}
}

// sound is the devices, and what is done to the voice.
func (v *View) sound() []block {
	t := v.loc.T
	device := func(of func() Device, use func(string)) (*chooser, *note) {
		c, n := v.newChooser(of(), use), newNote(of().Problem, true)
		v.choosers[c], v.notes[n] = of, func() string { return of().Problem }
		return c, n
	}
	microphone, microphoneNote := device(func() Device { return v.state.Microphone }, func(name string) {
		v.state.Microphone.Chosen = name
		v.actions.UseMicrophone(name)
	})
	speaker, speakerNote := device(func() Device { return v.state.Speaker }, func(name string) {
		v.state.Speaker.Chosen = name
		v.actions.UseSpeaker(name)
	})
	camera, cameraNote := device(func() Device { return v.state.Camera }, func(name string) {
		v.state.Camera.Chosen = name
		v.actions.UseCamera(name)
	})
	v.meter = newMeter()
	v.meter.set(v.level)
	test := v.newButton("play", t("join.test"), func() { v.actions.TestSound(v.state.Speaker.Chosen) })
	v.preview.Show()
	return []block{
		newCard(t("join.microphone"), newRow(t("settings.device"), "", microphone).below(), newRow(t("settings.level"), t("settings.level.words"), v.meter).below(), microphoneNote),
		newCard(t("join.speaker"), newRow(t("settings.device"), "", speaker).below(), newRow(t("settings.test"), "", test), speakerNote),
		v.voice(),
		newCard(t("join.camera"), newRow(t("settings.device"), "", camera).below(), cameraNote, newPlain(v.preview, func(width float32) float32 {
			return min(width*9/16, theme.Scaled(300))
		})),
	}
}

// voice is what is done to the microphone's sound.
func (v *View) voice() block {
	t := v.loc.T
	var rows []block
	var others []*row
	toggle := func(key string, of func(*Processing) *bool) *row {
		on := *of(&v.state.Processing)
		return newRow(t(key), t(key+".words"), v.newToggle(t(key), on, func(on bool) {
			*of(&v.state.Processing) = on
			v.grey(others)
			v.actions.Process(v.state.Processing)
		}))
	}
	if v.state.ProcessingMissing {
		rows = append(rows, newNote(t("settings.voice.missing"), false))
	} else {
		others = append(others,
			toggle("call.voice.echo", func(p *Processing) *bool { return &p.Echo }),
			toggle("call.voice.noise", func(p *Processing) *bool { return &p.Noise }),
			toggle("call.voice.gain", func(p *Processing) *bool { return &p.Gain }))
		for _, r := range others {
			rows = append(rows, r)
		}
	}
	rows = append(rows, toggle("call.voice.music", func(p *Processing) *bool { return &p.Music }))
	v.grey(others)
	return newCard(t("settings.voice"), rows...)
}

// grey has no effect of the processing to choose while none of it is done.
func (v *View) grey(rows []*row) {
	for _, r := range rows {
		r.grey = v.state.Processing.Music
		if toggle, ok := r.control.(*toggle); ok {
			toggle.disabled = r.grey
		}
		r.Refresh()
		r.control.Refresh()
	}
}

// about is what this program is.
func (v *View) about() []block {
	t, d := v.loc.T, v.state.About
	var engines []block
	text := t("app.name") + " " + d.Version + "\n" + d.System + "\n"
	for _, e := range d.Engines {
		engines = append(engines, newRow(e.Name, "", newValue(e.Version)))
		text += e.Name + " " + e.Version + "\n"
	}
	blocks := []block{newCard("",
		newRow(t("app.name")+" "+d.Version, d.System, v.newCopy(text)),
	)}
	if d.Licences != "" {
		blocks = append(blocks, newCard("", newRow(t("settings.licences"), t("settings.licences.words"), v.newButton("", t("settings.show"), func() {
			v.read(t("settings.licences"), v.newLines(d.Licences))
		}))))
	}
	if len(engines) > 0 {
		blocks = append(blocks, newCard(t("settings.engines"), engines...))
	}
	return blocks
}

// value is words at the right of a row.
type value struct {
	drawn
}

func newValue(text string) *value {
	v := &value{}
	words := newText(text, theme.TextSmall, false)
	v.objects = []fyne.CanvasObject{words}
	v.least = words.MinSize
	v.place = func(size fyne.Size) { put(words, 0, 0, size.Width, size.Height) }
	v.paint = func() { words.Color = theme.Color(theme.ColorMuted) }
	v.ExtendBaseWidget(v)
	return v
}

package app

import (
	"context"
	"time"

	"parley/devices"
	"parley/views/call"
	"parley/views/settings"
	"parley/views/theme"
	"parley/views/video"
)

// settingsPage is the page of the settings while it is open.
type settingsPage struct {
	view    *settings.View
	preview *video.Tile
	stop    context.CancelFunc // of looking for devices; nil while none are open for the page
}

// toggleSettings opens the settings, or closes them.
func (c *controller) toggleSettings() {
	if c.page != nil {
		c.page.view.Close()
		return
	}
	c.openSettings(settings.General)
}

// openSettings shows the settings over the window. A call goes on beneath.
func (c *controller) openSettings(section settings.Section) {
	if c.page != nil {
		c.page.view.GoTo(section)
		return
	}
	c.hold(false) // the end of a press would go to the page
	c.page = &settingsPage{preview: video.NewTile(c.preview, video.Options{Fit: video.Contain, CornerRadius: theme.RadiusS})}
	c.page.view = settings.Open(c.window.Canvas(), c.loc, c.page.preview, c.settingsState(), section, settings.Actions{
		Show: c.showSection, Closed: c.settingsClosed,
		Change:        c.changeGeneral,
		UseMicrophone: func(name string) { c.choose(func(f *joinForm) { f.Microphone = name }, c.engine.UseMicrophone, name) },
		UseSpeaker:    func(name string) { c.choose(func(f *joinForm) { f.Speaker = name }, c.engine.UseSpeaker, name) },
		UseCamera:     func(name string) { c.choose(func(f *joinForm) { f.Camera = name }, c.engine.UseCamera, name) },
		TestSound:     c.testSound,
		Process:       func(p settings.Processing) { c.process(call.Processing(p)) },
		OpenFolder:    c.openHistory,
		ChooseFolder:  c.chooseHistory, Export: c.exportHistory, Import: c.importHistory, Stop: c.stopCarrying,
		Copy:    c.copyText,
		SetKeys: c.setKeys,
	})
}

// settingsState is what the page shows of the devices and the preferences.
func (c *controller) settingsState() settings.State {
	p, form, sound := c.preferences, c.joinView.Form(), c.heard()
	device := func(kind devices.Kind, chosen string) settings.Device {
		return settings.Device{Names: c.deviceNames(kind), Chosen: chosen, Problem: c.trouble(kind)}
	}
	return settings.State{
		General: settings.Preferences{
			Name: form.Name, Language: p.Language, Theme: p.Theme, TextScale: p.TextScale, HighContrast: p.HighContrast, ReducedMotion: p.ReducedMotion,
			Sounds: !p.SoundsOff, Notifications: !p.NotificationsOff, Compact: !p.CompactOff, Nearby: p.shownNearby(),
		},
		Microphone: device(devices.Microphone, form.Microphone), Speaker: device(devices.Speaker, form.Speaker), Camera: device(devices.Camera, form.Camera),
		Processing: settings.Processing(sound.Processing), ProcessingMissing: sound.ProcessingMissing,
		Storage: c.stored(), Keys: c.keyTable(), About: about(c.app.Metadata(), c.licences),
	}
}

// showSection opens devices for the section that shows them, the same that a
// call has open, and closes them with it.
func (c *controller) showSection(s settings.Section) {
	if s != settings.Sound {
		c.closeSection()
		return
	}
	if c.page.stop != nil {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	c.page.stop = cancel
	c.do(func() {
		c.engine.MonitorMicrophone(true)
		c.engine.LookAtCamera(true)
	})
	c.work.Go(func() {
		tick := time.NewTicker(devicesEvery)
		defer tick.Stop()
		for {
			c.listDevices()
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// devicesEvery is how often it is looked which devices came and went, while
// they are shown.
const devicesEvery = 2 * time.Second

func (c *controller) closeSection() {
	if c.page.stop == nil {
		return
	}
	c.page.stop()
	c.page.stop = nil
	on := c.microphoneOn
	c.do(func() {
		c.engine.MonitorMicrophone(on)
		c.engine.LookAtCamera(false)
	})
}

func (c *controller) settingsClosed() {
	c.closeSection()
	c.page.preview.Close()
	c.page = nil
	if c.room == nil && !c.microphoneOn {
		c.joinView.SetLevel(0)
	}
}

// updateSettings shows what others than the person changed.
func (c *controller) updateSettings() {
	if c.page != nil {
		c.page.view.Update(c.settingsState())
	}
}

// deviceProblem notes what is wrong with a device, as the key of its words; empty for
// nothing.
func (c *controller) deviceProblem(kind devices.Kind, key string) {
	if c.problems[kind] != key {
		c.problems[kind] = key
		c.showTroubles()
		c.updateSettings()
	}
}

// trouble is what is wrong with a device, in words.
func (c *controller) trouble(kind devices.Kind) string {
	if key := c.problems[kind]; key != "" {
		return c.loc.T(key)
	}
	return ""
}

// showTroubles has the join view say what is wrong with what is heard; what is wrong
// with the camera is said in its picture.
func (c *controller) showTroubles() {
	c.joinView.SetTroubles(c.trouble(devices.Microphone), c.trouble(devices.Speaker))
}

func (c *controller) deviceNames(kind devices.Kind) (names []string) {
	for _, info := range c.devices[kind] {
		names = append(names, info.Name)
	}
	return names
}

// openHistory opens the folder of the history in the system's program for that.
func (c *controller) openHistory() {
	if err := c.app.OpenURL(folderURL(c.store.Folder())); err != nil {
		c.log.Warn("the folder of the history can't be opened", "error", err)
	}
}

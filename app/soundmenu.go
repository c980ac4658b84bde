package app

import (
	"parley/devices"
	"parley/devices/voice"
	"parley/views/call"
	"parley/views/settings"
)

// voiceProcessor changes what is done to the microphone's sound.
type voiceProcessor interface{ Set(s voice.Settings) error }

// soundActions are what the menu of the sound does in a call.
func (c *controller) soundActions() call.SoundActions {
	return call.SoundActions{
		Sound:         c.sound,
		UseMicrophone: func(name string) { c.choose(func(f *joinForm) { f.Microphone = name }, c.engine.UseMicrophone, name) },
		UseSpeaker:    func(name string) { c.choose(func(f *joinForm) { f.Speaker = name }, c.engine.UseSpeaker, name) },
		Process:       c.process,
		Record:        c.recordCall,
		Settings:      func() { c.openSettings(settings.Sound) },
	}
}

func (c *controller) sound() call.Sound {
	c.work.Go(c.listDevices) // for the next time
	return c.heard()
}

// heard is how the sound is set.
func (c *controller) heard() call.Sound {
	form, p := c.joinView.Form(), c.preferences
	return call.Sound{
		Recording:   c.room != nil && c.room.recording,
		Microphones: c.deviceNames(devices.Microphone), Speakers: c.deviceNames(devices.Speaker), Microphone: form.Microphone, Speaker: form.Speaker,
		Processing:        call.Processing{Echo: !p.EchoLeft, Noise: !p.NoiseLeft, Gain: !p.GainLeft, Music: p.Music},
		ProcessingMissing: c.processor == nil,
	}
}

// choose uses another device from now on.
func (c *controller) choose(change func(*joinForm), use func(string), name string) {
	form := c.joinView.Form()
	change(&form)
	c.joinView.SetForm(form)
	c.keep(form)
	c.do(func() { use(name) })
}

// process changes what is done to the voice, now and at the next start.
func (c *controller) process(p call.Processing) {
	c.preferences.EchoLeft, c.preferences.NoiseLeft, c.preferences.GainLeft = !p.Echo, !p.Noise, !p.Gain
	c.preferences.Music = p.Music
	c.save()
	settings := c.preferences.voice()
	c.do(func() {
		c.engine.SendMusic(p.Music)
		if c.processor == nil {
			return
		}
		if err := c.processor.Set(settings); err != nil {
			c.log.Warn("the voice processing was not changed", "error", err)
		}
	})
}

func (p Preferences) voice() voice.Settings {
	return voice.Settings{Echo: !p.EchoLeft, Noise: !p.NoiseLeft, Gain: !p.GainLeft}
}

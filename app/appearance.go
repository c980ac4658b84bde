package app

import (
	"slices"

	"parley/assets"
	"parley/devices"
	"parley/views/keys"
	"parley/views/settings"
	"parley/views/theme"
)

// appearance is how Parley looks, speaks and makes itself noticed, as it is
// kept. The zero one is that of the first start.
type appearance struct {
	Language         string            `json:"language,omitempty"` // empty follows the system, as does Theme
	Theme            string            `json:"theme,omitempty"`
	TextScale        float32           `json:"text_scale,omitempty"` // 0 is 1
	HighContrast     bool              `json:"high_contrast,omitempty"`
	ReducedMotion    bool              `json:"reduced_motion,omitempty"`
	SoundsOff        bool              `json:"sounds_off,omitempty"`
	NotificationsOff bool              `json:"notifications_off,omitempty"`
	CompactOff       bool              `json:"compact_off,omitempty"` // no small window while another is in front of a call
	Keys             map[string]string `json:"keys,omitempty"`        // of actions that have other keys than at first
}

// usual is the appearance without what can't be.
func (a appearance) usual() appearance {
	if !slices.Contains(assets.Languages(), a.Language) {
		a.Language = ""
	}
	if a.Theme != string(theme.Light) && a.Theme != string(theme.Dark) {
		a.Theme = ""
	}
	if a.TextScale != 0 {
		a.TextScale = min(max(a.TextScale, theme.ScaleLeast), theme.ScaleMost)
	}
	if a.Keys = keys.NewTable(a.Keys).Kept(); len(a.Keys) == 0 {
		a.Keys = nil
	}
	return a
}

func (a appearance) look() theme.Look {
	return theme.Look{Mode: theme.Mode(a.Theme), Scale: a.TextScale, Contrast: a.HighContrast, Still: a.ReducedMotion}
}

// changeGeneral takes what was changed in the settings, now and for the next
// start.
func (c *controller) changeGeneral(s settings.Preferences) {
	p := &c.preferences
	was := p.appearance
	p.Language, p.Theme, p.TextScale = s.Language, s.Theme, s.TextScale
	p.HighContrast, p.ReducedMotion = s.HighContrast, s.ReducedMotion
	p.SoundsOff, p.NotificationsOff, p.CompactOff = !s.Sounds, !s.Notifications, !s.Compact
	p.appearance = p.usual()
	p.Name = s.Name
	p.takeNearby(s.Nearby)
	form := c.joinView.Form()
	if form.Name != s.Name {
		form.Name = s.Name
		c.joinView.SetForm(form)
	}
	c.save()
	spoken := c.loc.Language()
	if c.loc.Use(p.Language); c.loc.Language() != spoken {
		c.speak(form)
	}
	if was.look() != p.look() {
		c.app.Settings().SetTheme(theme.NewLook(p.look()))
		c.renew()
	}
}

// speak has every view say what it shows in another language. The form is what
// was filled in: the join view reads it by the words of the language that it was
// made in.
func (c *controller) speak(form joinForm) {
	if err := c.loc.TeachToolkit(); err != nil {
		c.log.Warn("the toolkit speaks another language", "error", err)
	}
	c.newJoinView(form)
	if c.current() == nil {
		c.showTitle()
		c.stage.Objects = c.stage.Objects[:0]
		c.stage.Add(c.joinView.CanvasObject())
		if c.joining != nil {
			c.joinView.SetProgress(c.loc.T("progress.connecting"))
		}
	}
	c.offerDevices()
	c.joinView.SetCamera(form.CameraOn, c.trouble(devices.Camera))
	c.showTroubles()
	c.showNearby(c.near)
	c.showRecents()
	c.renew()
}

// showTitle names the window.
func (c *controller) showTitle() {
	title := c.loc.T("app.name")
	if r := c.current(); r != nil {
		title = r.id + " · " + title
	}
	c.window.SetTitle(c.counted(title))
	c.updateTray()
}

// renew has the views take other words, text sizes and colours.
func (c *controller) renew() {
	if r := c.current(); r != nil {
		c.showTitle()
		if r.page != nil {
			r.page.Renew()
		} else {
			r.view.Renew()
		}
		r.chat.Renew()
		if r.talk != nil {
			r.chat.SetActivity(r.talk.activity())
		}
		if r.loaded {
			r.reload() // the notices among the messages are said here
		}
		r.show()
	}
	if c.page != nil {
		c.page.view.Renew()
	}
}

// keyTable is which keys the actions have.
func (c *controller) keyTable() keys.Table { return keys.NewTable(c.preferences.Keys) }

// setKeys gives actions other keys.
func (c *controller) setKeys(t keys.Table) {
	c.removeShortcuts()
	if c.preferences.Keys = t.Kept(); len(c.preferences.Keys) == 0 {
		c.preferences.Keys = nil
	}
	c.save()
	c.addShortcuts()
	if c.room != nil {
		c.room.show()
	}
}

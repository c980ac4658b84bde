package app

import (
	"parley/devices"
	"parley/views/join"
)

// listDevices offers what is there by now. What was chosen by name and has
// another one since is found again by its ID.
func (c *controller) listDevices() {
	lists := make(map[devices.Kind][]devices.Info)
	for _, kind := range []devices.Kind{devices.Camera, devices.Microphone, devices.Speaker} {
		list, err := c.opener.List(c.ctx, kind)
		if err != nil {
			c.log.Warn("the devices can't be listed", "kind", kind, "error", err)
		}
		lists[kind] = list
	}
	c.dispatch(func() {
		c.devices = lists
		c.offerDevices()
		c.recall()
		c.updateSettings()
	})
}

// offerDevices has the join view offer those of the last list.
func (c *controller) offerDevices() {
	c.joinView.SetDevices(join.Devices{Cameras: c.deviceNames(devices.Camera), Microphones: c.deviceNames(devices.Microphone), Speakers: c.deviceNames(devices.Speaker)})
}

// recall follows devices that have another name than when they were chosen.
func (c *controller) recall() {
	form, p := c.joinView.Form(), c.preferences
	changed := false
	for _, choice := range []struct {
		kind    devices.Kind
		name    *string
		keptAs  string
		id      string
		useName func(string)
	}{
		{devices.Camera, &form.Camera, p.Camera, p.CameraID, c.engine.UseCamera},
		{devices.Microphone, &form.Microphone, p.Microphone, p.MicrophoneID, c.engine.UseMicrophone},
		{devices.Speaker, &form.Speaker, p.Speaker, p.SpeakerID, c.engine.UseSpeaker},
	} {
		if *choice.name != choice.keptAs || choice.id == "" {
			continue
		}
		if name := renamed(c.devices[choice.kind], choice.keptAs, choice.id); name != choice.keptAs {
			*choice.name, changed = name, true
			c.do(func() { choice.useName(name) })
		}
	}
	if changed {
		c.joinView.SetForm(form)
	}
}

// renamed is the name by now of the device that was chosen.
func renamed(list []devices.Info, name, id string) string {
	now := name
	for _, info := range list {
		if info.Name == name {
			return name
		}
		if info.ID == id {
			now = info.Name
		}
	}
	return now
}

// deviceID is the ID of a device of the last list, or empty.
func (c *controller) deviceID(kind devices.Kind, name string) string {
	for _, info := range c.devices[kind] {
		if info.Name == name {
			return info.ID
		}
	}
	return ""
}

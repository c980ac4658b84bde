package app

import (
	"strings"
	"testing"

	"parley/app/nearby"
	"parley/devices"
	"parley/session"
	"parley/session/wire"
	"parley/views/settings"
)

// speak changes the language, as the settings do.
func (d *desk) speak(language string) {
	p := d.c.settingsState().General
	p.Language = language
	d.c.changeGeneral(p)
}

// TestAnotherLanguageLeavesNothingOut has rooms nearby and what is wrong with devices
// said in the other language too.
func TestAnotherLanguageLeavesNothingOut(t *testing.T) {
	room := newDoor(t, "near", func(wire.User) bool { return false })
	d := openNear(t, synthetic("words"), &street{rooms: []nearby.Room{room}})
	d.until("the room", func() bool { return strings.Contains(d.shown(), "Ask to join") })
	for _, kind := range []devices.Kind{devices.Camera, devices.Microphone, devices.Speaker} {
		d.c.handle(session.DeviceChanged{Kind: kind, Err: devices.ErrNotFound})
	}
	for _, words := range []string{"No camera was found.", "No microphone was found.", "No speaker was found."} {
		if !strings.Contains(d.shown(), words) {
			t.Errorf("%q is not said", words)
		}
	}
	d.speak("zh")
	defer d.speak("en") // the toolkit is that of all tests
	for _, words := range []string{"由 Ann 开设", "请求加入", "没有找到摄像头", "没有找到麦克风", "没有找到扬声器"} {
		if !strings.Contains(d.shown(), words) {
			t.Errorf("%q is not said", words)
		}
	}
	d.enterNearby("near")
	d.until("the refusal", func() bool { return strings.Contains(d.shown(), "未获准加入") })
	d.c.openSettings(settings.Sound)
	if got := d.c.settingsState().Speaker.Problem; !strings.Contains(got, "扬声器") {
		t.Errorf("the settings say %q", got)
	}
	d.c.toggleSettings()
	d.c.handle(session.DeviceChanged{Kind: devices.Microphone, Open: true})
	if strings.Contains(d.shown(), "没有找到麦克风") {
		t.Error("what is over is still said")
	}
}

package app

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"parley/devices"
	"parley/devices/voice"
	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
	"parley/views/call"
	chatview "parley/views/chat"
	"parley/views/keys"
	"parley/views/settings"
	"parley/views/theme"
)

// TestSettingsOpenDevicesForTheirSection has camera and microphone open for the
// section of the sound and picture, and for no other.
func TestSettingsOpenDevicesForTheirSection(t *testing.T) {
	form := synthetic("settings")
	form.CameraOn, form.MicrophoneOn = false, false
	d := open(t, form)
	c := d.c
	c.openSettings(settings.General)
	d.pass(300 * time.Millisecond)
	if c.page.preview.HasPicture() || c.page.stop != nil {
		t.Fatal("a device is open, and nobody sees it")
	}
	c.openSettings(settings.Sound) // it is open: another section
	preview := c.page.preview
	d.until("a picture", func() bool { c.presenter.Flush(); return preview.HasPicture() })
	if c.cameraOn || c.joinView.Form().CameraOn || c.joinView.Form().MicrophoneOn {
		t.Error("the camera or the microphone counts as turned on")
	}
	c.page.view.GoTo(settings.About)
	d.until("no picture", func() bool { c.presenter.Flush(); return !preview.HasPicture() })
	c.page.view.GoTo(settings.Sound)
	d.until("a picture again", func() bool { c.presenter.Flush(); return preview.HasPicture() })
	c.toggleSettings()
	if c.page != nil {
		t.Fatal("the settings stay open")
	}
	d.until("no picture after all", func() bool { c.presenter.Flush(); return !preview.HasPicture() })
}

// TestSettingsInACall changes what is done to the voice, and the devices, while
// the call goes on.
func TestSettingsInACall(t *testing.T) {
	d, r := enter(t, "settings-call")
	c := d.c
	set := make(processorOf, 4)
	c.processor = set
	c.openSettings(settings.Sound)
	c.process(call.Processing{Echo: true})
	if got := <-set; got != (voice.Settings{Echo: true}) {
		t.Errorf("%+v", got)
	}
	if s := c.settingsState(); s.Processing != (settings.Processing{Echo: true}) || s.ProcessingMissing {
		t.Errorf("%+v", s.Processing)
	}
	on := c.microphoneOn
	c.press(keys.Microphone)
	if c.microphoneOn == on {
		t.Error("the microphone can't be muted beneath the settings")
	}
	open := r.chatOpen
	c.press(keys.Chat)
	if r.chatOpen != open {
		t.Error("the chat took the keyboard from the settings")
	}
	c.press(keys.Settings)
	if c.page != nil || c.room != r {
		t.Error("the keys of the settings do not close them, or end the call")
	}
	c.press(keys.Chat)
	if r.chatOpen == open {
		t.Error("the chat does not open afterwards")
	}
}

// TestAppearanceIsKept changes all of General, and starts again.
func TestAppearanceIsKept(t *testing.T) {
	form := synthetic("appearance")
	form.Host = true
	d := open(t, form)
	c := d.c
	c.openSettings(settings.General)
	want := settings.Preferences{Name: "Ada L.", Language: "zh", Theme: "dark", TextScale: 1.3, HighContrast: true, ReducedMotion: true, Nearby: settings.NearbyOpen}
	c.changeGeneral(want)
	if got := c.settingsState().General; got != want {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(d.shown(), "加入房间") || !strings.Contains(d.shown(), "高对比度") {
		t.Error("the views speak another language")
	}
	if theme.Scale() != 1.3 || !theme.Still() {
		t.Errorf("scale %v", theme.Scale())
	}
	if f := c.joinView.Form(); f.Name != "Ada L." || f.Room != "appearance" || f.Camera != devices.Synthetic || !f.CameraOn || !f.Host {
		t.Errorf("what was filled in is lost: %+v", f)
	}
	kept, err := LoadPreferences(c.data)
	if err != nil || kept.Name != "Ada L." || kept.look() != (theme.Look{Mode: theme.Dark, Scale: 1.3, Contrast: true, Still: true}) || kept.Language != "zh" || !kept.SoundsOff || !kept.NotificationsOff || !kept.CompactOff {
		t.Errorf("%+v, %v", kept, err)
	}
}

// TestLanguageInARoom changes the language in the middle of a conversation.
func TestLanguageInARoom(t *testing.T) {
	d, r := enter(t, "language")
	c := d.c
	if err := r.send(chatview.Written{Text: "hello there"}); err != nil {
		t.Fatal(err)
	}
	d.until("the message", func() bool { return strings.Contains(d.shown(), "hello there") })
	r.chat.SetDraft("half a sentence")
	general := c.settingsState().General
	general.Language = "zh"
	c.changeGeneral(general)
	d.until("the other language", func() bool {
		shown := d.shown()
		return strings.Contains(shown, "房间里只有你") && strings.Contains(shown, "邀请") && strings.Contains(shown, "hello there")
	})
	if shown := d.shown(); strings.Contains(shown, "Invite") || strings.Contains(shown, "You are") || r.chat.Draft() != "half a sentence" {
		t.Errorf("something stays as it was, or the draft does not: %q", r.chat.Draft())
	}
	if title := c.window.Title(); title != r.id+" · Parley" {
		t.Errorf("%q", title)
	}
}

func TestKeysAreKept(t *testing.T) {
	d := open(t, synthetic("keys"))
	c := d.c
	c.setKeys(c.keyTable().With(keys.Chat, keys.Chord{Key: fyne.KeyJ, Modifier: fyne.KeyModifierControl}))
	if c.named(keys.Chat) != "Ctrl+J" {
		t.Errorf("%q", c.named(keys.Chat))
	}
	if kept, err := LoadPreferences(c.data); err != nil || kept.Keys["chat"] != "Ctrl+J" {
		t.Errorf("%+v, %v", kept.Keys, err)
	}
	c.press(keys.Chat) // outside a room
	c.press(keys.Shortcuts)
	if c.page == nil || c.page.view.Section() != settings.Shortcuts {
		t.Error("the list of the keys is not shown")
	}
	for _, a := range keys.All() {
		if c.shortcutOf(a).act == nil {
			t.Errorf("%s does nothing", a)
		}
	}
}

// TestAlerts tells of what others write and of who comes, while another window
// is in front, and where the person wants it.
func TestAlerts(t *testing.T) {
	d, r := enter(t, "alerts")
	c := d.c
	sent := make(chan *fyne.Notification, 10)
	c.sendNotification = func(n *fyne.Notification) { sent <- n }
	next := func() string {
		select {
		case n := <-sent:
			return n.Title + ": " + n.Content
		case <-time.After(300 * time.Millisecond):
			return ""
		}
	}
	m := chat.Message{Kind: chat.KindText, Text: "tea?", Name: "Bo", UserID: "bo", Time: time.Now()}
	c.inFront = true
	r.wrote(m)
	if got := next(); got != "" {
		t.Errorf("while it is seen: %q", got)
	}
	c.inFront = false
	r.wrote(m)
	if got := next(); got != "Bo in "+r.id+": tea?" {
		t.Errorf("%q", got)
	}
	m.Kind = chat.KindVoice
	r.wrote(m)
	if got := next(); got != "Bo in "+r.id+": Voice message" {
		t.Errorf("%q", got)
	}
	r.moved(session.User{ID: "bo", Name: "Bo"}, true)
	if got := next(); got != "Parley: Bo joined "+r.id {
		t.Errorf("%q", got)
	}
	m.Time = time.Now().Add(-time.Hour)
	r.wrote(m)
	if got := next(); got != "" {
		t.Errorf("of an old message: %q", got)
	}
	c.preferences.NotificationsOff, m.Time = true, time.Now()
	r.wrote(m)
	if got := next(); got != "" {
		t.Errorf("though it is switched off: %q", got)
	}
}

func TestTunes(t *testing.T) {
	for name, tune := range map[string]tones{"test": testTune(), "joined": joinedTune(), "left": leftTune(), "message": messageTune()} {
		samples := tune.samples(700 * time.Millisecond)
		var most float32
		for _, s := range samples {
			most = max(most, s, -s)
		}
		if most < 0.02 || most > 0.6 || len(samples) != devices.SampleRate*7/10 {
			t.Errorf("%s: %d samples up to %v", name, len(samples), most)
		}
		if end := samples[len(samples)-1]; end > 0.001 || end < -0.001 {
			t.Errorf("%s clicks at its end: %v", name, end)
		}
	}
}

func TestAbout(t *testing.T) {
	d := about(fyne.AppMetadata{Version: "1.2.3", Build: 7}, "text")
	if d.Version != "1.2.3 (7)" || d.Licences != "text" || d.System == "" {
		t.Errorf("%+v", d)
	}
}

// FuzzPreferences has a file with anything in it start the program, and be
// written again as what was taken from it.
func FuzzPreferences(f *testing.F) {
	for _, s := range []string{
		"", "{", "null", "[]", `{"width":1e38,"height":-5,"text_scale":-1,"language":"xx","theme":7}`, `{"keys":{"chat":"Ctrl+D"},"user_id":"../x"}`,
		`{"emoji":null,"skin_tone":99,"text_scale":1e9,"name":"Ada"}`, "\x00\xff",
	} {
		f.Add([]byte(s))
	}
	data := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(filepath.Join(data, preferencesFile), content, 0o600); err != nil {
			t.Fatal(err)
		}
		p, _ := LoadPreferences(data)
		if wire.CheckUserID(p.UserID) != nil || p.Width < 0 || p.Width > windowMost || p.Height < 0 || p.Height > windowMost {
			t.Fatalf("%+v", p)
		}
		if p.TextScale != 0 && (p.TextScale < theme.ScaleLeast || p.TextScale > theme.ScaleMost) {
			t.Fatalf("scale %v", p.TextScale)
		}
		if err := p.Save(data); err != nil {
			t.Fatal(err)
		}
		again, err := LoadPreferences(data)
		if err != nil || len(p.Emoji) == 0 != (len(again.Emoji) == 0) {
			t.Fatal(err)
		}
		p.Emoji, again.Emoji = nil, nil
		if !reflect.DeepEqual(p, again) {
			t.Fatalf("%+v\n%+v", p, again)
		}
	})
}

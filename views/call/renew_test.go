package call

import (
	"image"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/keys"
	"parley/views/theme"
)

// TestRenew has the view in another language, at another text size and with
// other keys, and as it was.
func TestRenew(t *testing.T) {
	v, w, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	chosen := "Ctrl+J"
	v.controls.actions.Keys = func(a keys.Action) string { return chosen }
	s := State{Room: "standup", People: people(t, p, 3), Elapsed: 754 * time.Second, MicrophoneOn: true, CameraOn: true, MicrophoneAvailable: true, CameraAvailable: true, ShareAvailable: true}
	v.Update(s)
	before := w.Canvas().Capture()
	settings := fyne.CurrentApp().Settings()
	settings.SetTheme(theme.NewLook(theme.Look{Mode: theme.Light, Scale: 1.5}))
	v.loc.Use("zh")
	v.Renew()
	if v.header.invite.text.Text != "邀请" || v.stage.self.tile.name.Text != "你" || v.controls.leave.label != "离开" || v.controls.chat.keys != chosen {
		t.Errorf("%q, %q, %q, %q", v.header.invite.text.Text, v.stage.self.tile.name.Text, v.controls.leave.label, v.controls.chat.keys)
	}
	if v.header.room.TextSize != theme.TextLarge*1.5 {
		t.Errorf("the room's name has size %v", v.header.room.TextSize)
	}
	test.AssertImageMatches(t, "call/large-light-zh.png", w.Canvas().Capture())
	settings.SetTheme(theme.New(theme.Light))
	v.loc.Use("en")
	v.Renew()
	if !equal(before, w.Canvas().Capture()) {
		t.Error("it does not come back to what it was")
	}
}

// TestNarrowControls have all buttons in the narrowest window.
func TestNarrowControls(t *testing.T) {
	v, w, p, _ := open(t, theme.Light, "en", fyne.NewSize(420, 500))
	v.Update(State{Room: "standup", People: people(t, p, 2), ChatOpen: false})
	for _, c := range v.controls.all() {
		if x := c.Position().X; x < 0 || x+c.Size().Width > w.Canvas().Size().Width {
			t.Errorf("%s stands at %v", c.label, x)
		}
	}
}

func equal(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

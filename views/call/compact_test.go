package call

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/i18n"
	"parley/views/theme"
	"parley/views/video"
)

func TestCompact(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		people         int
	}{{"compact-light-en", "en", theme.Light, 4}, {"compact-dark-zh", "zh", theme.Dark, 4}, {"compact-alone-light-zh", "zh", theme.Light, 1}} {
		t.Run(look.name, func(t *testing.T) {
			app := test.NewTempApp(t)
			app.Settings().SetTheme(theme.New(look.mode))
			presenter := video.NewPresenter(video.Params{Dispatch: func(func()) {}, Raster: true})
			t.Cleanup(presenter.Close)
			var did []string
			note := func(what string) func() { return func() { did = append(did, what) } }
			w := test.NewTempWindow(t, nil)
			c := NewCompact(w.Canvas(), i18n.New(look.language), CompactActions{ToggleMicrophone: note("microphone"), ToggleCamera: note("camera"), Leave: note("leave"), Back: note("back")})
			w.SetContent(c.CanvasObject())
			w.SetPadded(false)
			w.Resize(fyne.NewSize(compactWidth, compactHeight))
			c.Update(State{People: people(t, presenter, look.people), MicrophoneOn: true, CameraOn: false, MicrophoneAvailable: true, CameraAvailable: true})
			want := "me"
			if look.people > 1 {
				want = "u2" // who talks
			}
			if got := c.tile.person.UserID; got != want {
				t.Errorf("%s is shown, want %s", got, want)
			}
			test.AssertImageMatches(t, "call/"+look.name+".png", w.Canvas().Capture())
			for _, b := range c.buttons() {
				test.Tap(b)
			}
			if want := []string{"microphone", "camera", "back", "leave"}; !slices.Equal(did, want) {
				t.Errorf("%q, want %q", did, want)
			}
			if c.Over() {
				t.Error("the mouse is nowhere")
			}
			c.home.MouseIn(nil)
			if !c.Over() {
				t.Error("the mouse is on a button")
			}
			c.home.MouseOut()
			c.MouseOut()
			if c.Over() {
				t.Error("the mouse left")
			}
			c.Close()
		})
	}
}

package crash

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/i18n"
	"parley/views/theme"
)

const report = "Parley 0.1.0\nlinux/amd64, go1.26, 2 CPUs\n2026-03-09T10:00:00Z\n\npanic: runtime error: index out of range [3] with length 2\n\ngoroutine 18 [running]:\nparley/app.(*controller).join(...)\n\tcontroller.go:245\ncreated by parley/app.newController\n\tcontroller.go:108\n"

func TestLooks(t *testing.T) {
	for _, look := range []struct {
		name, language, title string
		look                  theme.Look
		size                  fyne.Size
	}{
		{"light-en", "en", "crash.title", theme.Look{Mode: theme.Light}, fyne.NewSize(900, 600)},
		{"dark-zh", "zh", "crash.server_title", theme.Look{Mode: theme.Dark}, fyne.NewSize(900, 600)},
		{"large-light-en", "en", "crash.server_title", theme.Look{Mode: theme.Light, Scale: 1.5}, fyne.NewSize(640, 480)},
	} {
		t.Run(look.name, func(t *testing.T) {
			test.NewTempApp(t).Settings().SetTheme(theme.NewLook(look.look))
			loc := i18n.New(look.language)
			w := test.NewTempWindow(t, theme.NewPanel(theme.ColorStage))
			w.SetPadded(false)
			w.Resize(look.size)
			o := Show(w.Canvas(), loc, loc.T(look.title), report, Actions{})
			if size := o.popUp.Size(); size.Width > look.size.Width || size.Height > look.size.Height {
				t.Errorf("%v in a window of %v", size, look.size)
			}
			test.AssertImageMatches(t, "crash/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

func TestActs(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	var did []string
	w := test.NewTempWindow(t, theme.NewPanel(theme.ColorStage))
	o := Show(w.Canvas(), i18n.New("en"), "", report, Actions{
		Copy: func(text string) { did = append(did, "copy", text) },
		Save: func() { did = append(did, "save") }, Delete: func() { did = append(did, "delete") }, Close: func() { did = append(did, "close") },
	})
	test.Tap(o.copy)
	test.Tap(o.save)
	test.Tap(o.remove)
	test.Tap(o.close)
	if got := strings.Join(did, " "); got != "copy "+report+" save delete close" || o.text.Text != report {
		t.Errorf("%q", got)
	}
}

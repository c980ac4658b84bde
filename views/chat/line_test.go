package chat

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"parley/views/theme"
)

// TestLongNames are cut where the window ends, and not before.
func TestLongNames(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(320, 600))
	name := strings.Repeat("Maximiliane ", 8)
	v.SetActivity(name + "is typing…")
	m := Message{ID: "1", Name: name, UserID: "u", Text: strings.Repeat("What was said goes on. ", 8), Time: now()}
	v.composer.reply(m)
	for what, l := range map[string]*line{"who types": v.activity, "who is answered": v.composer.bar.title, "what is answered": v.composer.bar.text} {
		if !strings.HasSuffix(l.text.Text, "…") {
			t.Errorf("%s: %q is not cut", what, l.text.Text)
		}
		if width := l.text.MinSize().Width; width > l.Size().Width || width < l.Size().Width/2 {
			t.Errorf("%s takes %v of %v", what, width, l.Size().Width)
		}
	}
	if least := v.root.MinSize().Width; least > 320 {
		t.Errorf("the panel wants %v", least)
	}
	before := len(v.composer.bar.text.text.Text)
	w.Resize(fyne.NewSize(700, 600))
	if len(v.composer.bar.text.text.Text) <= before {
		t.Error("a wider window shows no more")
	}
}

// TestLongReason leaves what can be done to be read.
func TestLongReason(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(320, 600))
	fyne.CurrentApp().Settings().SetTheme(theme.NewLook(theme.Look{Mode: theme.Light, Scale: theme.ScaleMost}))
	v.Renew()
	v.Reset([]Message{{ID: "1", Own: true, Text: "Here it is", Time: now(), Status: Failed, Reason: "file_missing"}}, Opening{})
	failed := v.list.rows.byID["1"].cell.failed
	if !strings.HasSuffix(failed.text.Text, "… · Retry") || failed.text.MinSize().Width > failed.Size().Width {
		t.Errorf("%q takes %v of %v", failed.text.Text, failed.text.MinSize().Width, failed.Size().Width)
	}
}

// TestRecordingFits in the narrowest panel at the largest text size.
func TestRecordingFits(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(320, 600))
	fyne.CurrentApp().Settings().SetTheme(theme.NewLook(theme.Look{Mode: theme.Light, Scale: theme.ScaleMost}))
	v.Renew()
	v.SetRecording(Recording{State: RecordingPaused, Length: 47e9})
	if least := v.composer.root.MinSize().Width; least > 320 {
		t.Errorf("the composer wants %v", least)
	}
}

package reading

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	chatview "parley/views/chat"
	"parley/views/i18n"
	"parley/views/problem"
	"parley/views/theme"
)

func open(t *testing.T, mode theme.Mode, language string, size fyne.Size, a Actions) (*View, *chatview.View, fyne.Window) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(mode))
	loc := i18n.New(language)
	chat := chatview.New(loc, chatview.Actions{Dispatch: func(f func()) { f() }})
	v := New(loc, "standup", chat.CanvasObject(), a)
	w := test.NewTempWindow(t, v.CanvasObject())
	w.SetPadded(false)
	w.Resize(size)
	chat.SetAway(true)
	return v, chat, w
}

func TestLooks(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		size           fyne.Size
	}{
		{"light-en", "en", theme.Light, fyne.NewSize(1280, 800)},
		{"dark-zh", "zh", theme.Dark, fyne.NewSize(900, 600)},
	} {
		t.Run(look.name, func(t *testing.T) {
			v, chat, w := open(t, look.mode, look.language, look.size, Actions{Copy: func(string) {}})
			at := time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC)
			chat.Reset([]chatview.Message{
				{ID: "1", Order: 1, UserID: "lin", Name: "Lin", Text: "Shall we meet at nine tomorrow?", Time: at, Progress: -1},
				{ID: "2", Order: 2, UserID: "me", Name: "Ada", Own: true, Text: "好的，没有问题。", Time: at.Add(time.Minute), Status: chatview.Seen, Progress: -1},
				{ID: "3", Order: 3, UserID: "me", Name: "Ada", Own: true, Text: "I will bring the plans.", Time: at.Add(2 * time.Minute), Status: chatview.Queued, Progress: -1},
			}, chatview.Opening{})
			if look.language == "zh" {
				loc := i18n.New("zh")
				v.Fail(problem.Problem{What: loc.T("notice.file.unsaved"), Why: loc.T("notice.file.unsaved.why"), Do: loc.T("notice.file.unsaved.advice"), Details: "x"})
			}
			test.AssertImageMatches(t, "reading/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

func TestActs(t *testing.T) {
	back, joined := 0, 0
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600), Actions{Back: func() { back++ }, Join: func() { joined++ }, Copy: func(string) {}})
	test.Tap(v.back)
	test.Tap(v.join)
	if back != 1 || joined != 1 {
		t.Errorf("back %d, join %d", back, joined)
	}
	v.Fail(problem.Problem{What: "No", Do: "Again"})
	if !v.problem.Visible() || !v.problemBox.Visible() {
		t.Error("a problem is not shown")
	}
	v.closeProblem()
	if v.problemBox.Visible() {
		t.Error("a closed problem stays")
	}
	v.loc.Use("zh")
	v.Renew()
	if v.join.Text != v.loc.T("join.button") || v.join.Text == "Join" {
		t.Errorf("it still says %q", v.join.Text)
	}
}

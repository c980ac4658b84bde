package problem

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"parley/views/i18n"
	"parley/views/theme"
)

func TestLooks(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		width          float32
	}{
		{"light-en", "en", theme.Light, 460},
		{"dark-zh", "zh", theme.Dark, 400},
	} {
		t.Run(look.name, func(t *testing.T) {
			test.NewTempApp(t).Settings().SetTheme(theme.New(look.mode))
			loc := i18n.New(look.language)
			card := New(loc, Actions{Copy: func(string) {}, Close: func() {}})
			card.Set(Problem{What: loc.T("error.media_unreachable.title"), Why: loc.T("error.media_unreachable.why"), Do: loc.T("error.media_unreachable.advice"), Details: "x"})
			short := New(loc, Actions{})
			short.Set(Problem{What: loc.T("error.room_empty.title"), Do: loc.T("error.room_empty.advice"), Details: "x"})
			w := test.NewTempWindow(t, container.NewWithoutLayout(card, short))
			w.Resize(fyne.NewSize(look.width+20, 280))
			y := float32(10)
			for _, c := range []*Card{card, short} {
				height := c.HeightFor(look.width)
				c.Move(fyne.NewPos(10, y))
				c.Resize(fyne.NewSize(look.width, height))
				y += height + 10
			}
			test.AssertImageMatches(t, "problem/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

func TestButtons(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	copied, closed := "", 0
	card := New(i18n.New("en"), Actions{Copy: func(details string) { copied = details }, Close: func() { closed++ }})
	card.Set(Problem{What: "What", Do: "Do", Details: "the details"})
	if card.why.Visible() || !card.do.Visible() || !card.copy.Visible() || !card.close.Visible() {
		t.Error("other lines are shown than there are")
	}
	test.Tap(card.copy)
	if card.copy.Text != "Copied" {
		t.Error("it is not said that it was copied")
	}
	test.Tap(card.close)
	if copied != "the details" || closed != 1 {
		t.Errorf("%q, %d", copied, closed)
	}
	low, high := card.HeightFor(500), card.HeightFor(60)
	if low <= 0 || high <= low {
		t.Errorf("%v high where it is wide, %v where it is narrow", low, high)
	}
	card.Set(Problem{What: "What"})
	if card.copy.Visible() || card.do.Visible() {
		t.Error("a button without details")
	}
}

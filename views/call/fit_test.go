package call

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

// enlarge shows a view at the largest text size.
func enlarge(v *View) {
	fyne.CurrentApp().Settings().SetTheme(theme.NewLook(theme.Look{Mode: theme.Light, Scale: theme.ScaleMost}))
	v.Renew()
}

// TestHeaderFits has a host record in headers of many widths: no word lies below a
// button, or outside.
func TestHeaderFits(t *testing.T) {
	for _, width := range []float32{420, 460, 580, 700, 748, 900} {
		for _, large := range []bool{false, true} {
			t.Run(fmt.Sprint(width, " ", large), func(t *testing.T) {
				v, _, _ := crowd(t, theme.Light, "en", fyne.NewSize(width, 600), 12, func(s *State) {
					lively(s)
					s.Recording, s.Elapsed = true, 75*time.Minute
					s.Room = "the room with the longest name of all"
				})
				if large {
					enlarge(v)
				}
				h := v.header
				from := h.buttonsFrom()
				for what, o := range map[string]fyne.CanvasObject{"room": h.room, "people": h.people, "time": h.about, "quality": h.quality, "light": h.light, "recording": h.records} {
					if end := o.Position().X + o.Size().Width; o.Visible() && end > from {
						t.Errorf("%s ends at %v, and the buttons begin at %v", what, end, from)
					}
				}
				if !h.light.Visible() {
					t.Error("nothing says that the call is recorded")
				}
				if from < 0 || h.invite.Position().X+h.invite.Size().Width > h.Size().Width {
					t.Error("the buttons have no room")
				}
			})
		}
	}
}

// TestBareInvite says under the mouse what a button without its word does.
func TestBareInvite(t *testing.T) {
	v, _, r := crowd(t, theme.Light, "en", fyne.NewSize(420, 600), 12, lively)
	enlarge(v)
	if !v.header.invite.bare || v.header.invite.text.Visible() {
		t.Fatal("there is a word without room")
	}
	v.header.invite.MouseIn(nil)
	if !v.header.hint.Visible() || v.header.hint.text.Text != "Invite" {
		t.Errorf("it says %q", v.header.hint.text.Text)
	}
	v.header.invite.MouseOut()
	if v.header.hint.Visible() {
		t.Error("the hint stays")
	}
	test.Tap(v.header.invite)
	if r.invite != 1 {
		t.Error("nobody is invited")
	}
}

// TestLongNotice has notices of all lengths inside the stage, beside the chat.
func TestLongNotice(t *testing.T) {
	for _, width := range []float32{420, 720, 900, 1100} {
		for _, large := range []bool{false, true} {
			v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(width, 600))
			s := standup(t, v, people(t, p, 2))
			s.ChatOpen = true
			v.Update(s)
			if large {
				enlarge(v)
			}
			for _, words := range []string{"Saved as /home/ada/Downloads/Minutes-of-the-meeting-of-the-board-final-version-3.pdf", "Ben joined", strings.Repeat("A notice goes on. ", 20)} {
				v.Notice(words)
				v.toast.Show() // here animations end as they begin
				if x, end := v.toast.Position().X, v.toast.Position().X+v.toast.Size().Width; x < 0 || end > v.header.Size().Width {
					t.Errorf("%v, %v: %q lies from %v to %v of %v", width, large, words, x, end, v.header.Size().Width)
				}
				said := ""
				for _, line := range v.toast.lines {
					if line.MinSize().Width > v.toast.Size().Width {
						t.Errorf("%v, %v: %q is wider than the notice", width, large, line.Text)
					}
					said += line.Text
				}
				if len(words) < 100 && strings.ReplaceAll(said, " ", "") != strings.ReplaceAll(words, " ", "") {
					t.Errorf("%v, %v: %q is said of %q", width, large, said, words)
				}
			}
		}
	}
}

// TestCoveredStage costs nothing while a panel lies over it.
func TestCoveredStage(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(460, 600))
	all := people(t, p, 4)
	all[2].Screen = picture(t, p, 200)
	s := standup(t, v, all)
	s.ChatOpen = true
	v.Update(s)
	for id, tile := range v.stage.tiles {
		if tile.Visible() || tile.video != nil && tile.video.Visible() {
			t.Errorf("%s is drawn below the chat", id)
		}
	}
	if v.stage.screens["u2"].Visible() || v.stage.self.Visible() || v.stage.self.tile.Visible() {
		t.Error("a screen or oneself is drawn below the chat")
	}
	s.ChatOpen = false
	v.Update(s)
	if !v.stage.screens["u2"].Visible() || !v.stage.self.tile.Visible() || !v.stage.tiles["u1"].Visible() {
		t.Error("not all is back")
	}
}

// TestNamesOfThoseWhoWait can be read at every text size.
func TestNamesOfThoseWhoWait(t *testing.T) {
	v, _, _ := crowd(t, theme.Light, "en", fyne.NewSize(900, 600), 14, lively)
	row := func() *peopleRow { return v.people.rows.used["waits w1"] }
	if row() == nil {
		t.Fatal("nobody waits")
	}
	if row().admit.bare || row().name.Text != "Priya" {
		t.Error("a short name has no room beside words")
	}
	enlarge(v)
	if !row().admit.bare || row().name.Text != "Priya" {
		t.Errorf("at the largest text size the name is %q", row().name.Text)
	}
}

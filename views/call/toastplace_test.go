package call

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"parley/views/theme"
)

// TestNoticeCoversNoMark raises hands in windows of many shapes.
func TestNoticeCoversNoMark(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 900, Height: 600}, {Width: 1100, Height: 720}, {Width: 1920, Height: 1080}} {
		for _, layout := range []Layout{LayoutGrid, LayoutSpeaker} {
			for n := 2; n < 12; n++ {
				t.Run(fmt.Sprint(size.Width, " ", layout, " ", n), func(t *testing.T) {
					v, _, p, _ := open(t, theme.Light, "en", size)
					all := people(t, p, n)
					s := standup(t, v, all)
					s.Layout, s.ChatOpen = layout, true
					v.Update(s)
					v.Notice("Bartholomew raised their hand")
					v.toast.Show() // here animations end as they begin
					for i := range all {
						all[i].Hand = i + 1
					}
					v.Update(s) // the mark may come after the notice
					at, to := v.toast.Position(), v.toast.Position().Add(v.toast.Size())
					if to.Y > v.controls.Position().Y {
						t.Error("the notice lies over the controls")
					}
					stage := v.stage.Position()
					hands := 0
					for _, tile := range v.stage.tiles {
						if !tile.Visible() || !tile.hand.Visible() {
							continue
						}
						hands++
						mark := stage.Add(tile.Position()).Add(tile.hand.Position())
						end := mark.Add(tile.hand.Size())
						if at.X < end.X && mark.X < to.X && at.Y < end.Y && mark.Y < to.Y {
							t.Errorf("the notice at %v to %v covers a hand at %v to %v", at, to, mark, end)
						}
					}
					if hands == 0 {
						t.Error("no hand is shown")
					}
				})
			}
		}
	}
}

package call

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
	"parley/views/video"
)

// TestTilesOutliveLayouts has pictures go on while everything is moved.
func TestTilesOutliveLayouts(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(1000, 700))
	s := State{People: people(t, p, 6)}
	v.Update(s)
	tiles, pictures := make(map[string]*personTile), make(map[string]*video.Tile)
	for id, tile := range v.stage.tiles {
		tiles[id], pictures[id] = tile, tile.video
	}
	same := func(when string) {
		t.Helper()
		for id, tile := range v.stage.tiles {
			if tile != tiles[id] || tile.video != pictures[id] {
				t.Errorf("%s: the tile of %s was made anew", when, id)
			}
		}
	}
	s.Layout = LayoutSpeaker
	v.Update(s)
	same("speaker")
	test.DoubleTap(v.stage.tiles["u4"])
	same("pinned")
	s.People[3].Screen = screen(t, p)
	v.Update(s)
	shared := v.stage.screens["u3"].video
	same("screen")
	test.DoubleTap(v.stage.tiles["u4"])
	test.DoubleTap(v.stage.tiles["u2"])
	same("pinned beside a screen")
	s.Layout, s.Sharing = LayoutGrid, true
	v.Update(s)
	same("sharing")
	if v.stage.screens["u3"].video != shared {
		t.Error("the screen was made anew")
	}
	s.People[3].Screen, s.Sharing = nil, false
	v.Update(s)
	test.DoubleTap(v.stage.tiles["u2"])
	same("grid")
	if len(v.stage.screens) != 0 || v.stage.large() != (tileID{}) {
		t.Error("something is still large")
	}
}

func TestPagesHideWhatIsNotSeen(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(1000, 700))
	all := people(t, p, 36)
	v.Update(State{People: all})
	seen := func(i int) bool {
		w, h := all[i].Video.Wanted()
		return w > 0 && h > 0
	}
	on := func(from, to int) {
		t.Helper()
		for i := 1; i < len(all); i++ {
			want := i >= from && i <= to
			if got := v.stage.tiles[all[i].UserID].Visible(); got != want {
				t.Errorf("%d is on the page: %v", i, got)
			}
			if got := seen(i); got != (want && !all[i].CameraOff) {
				t.Errorf("the picture of %d is wanted: %v", i, got)
			}
		}
	}
	on(1, 16)
	test.Tap(v.stage.forward)
	on(17, 32)
	v.Update(State{People: all})
	on(17, 32)
	test.Tap(v.stage.forward)
	test.Tap(v.stage.forward) // there is no other
	on(33, 35)
	if v.stage.count.Text != "3/3" {
		t.Error(v.stage.count.Text)
	}
	test.Tap(v.stage.back)
	on(17, 32)
	v.stage.forward.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageUp})
	on(1, 16)
	v.stage.forward.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	on(17, 32)
	all = all[:10]
	v.Update(State{People: all})
	on(1, 9)
	if v.stage.back.Visible() || v.stage.count.Visible() {
		t.Error("one page can be turned")
	}
}

func TestSpeakerIsLarge(t *testing.T) {
	v, _, p, r := open(t, theme.Light, "en", fyne.NewSize(1000, 700))
	now := time.Unix(0, 0)
	v.stage.now = func() time.Time { return now }
	s := State{People: people(t, p, 5), Layout: LayoutSpeaker}
	talk := func(id string) {
		for i := range s.People {
			s.People[i].Speaking = s.People[i].UserID == id
			s.People[i].Muted = false
		}
		v.Update(s)
	}
	talk("u1")
	large := func(id string) {
		t.Helper()
		w := v.stage.tiles[id].Size().Width
		for other, tile := range v.stage.tiles {
			if other != id && w < 2*tile.Size().Width {
				t.Errorf("%s is not larger than %s", id, other)
			}
		}
	}
	large("u1")
	talk("u3")
	now = now.Add(takeOver - 1)
	talk("u3")
	large("u1")
	now = now.Add(breath)
	talk("u3")
	large("u1") // an update each 100 ms would have said that it goes on
	for range 16 {
		now = now.Add(100 * time.Millisecond)
		talk("u3")
	}
	large("u3")
	test.DoubleTap(v.stage.tiles["u2"])
	large("u2")
	test.DoubleTap(v.stage.tiles["u2"])
	large("u3")
	if v.header.layout.AccessibilityLabel() != "Show all the same size" {
		t.Error(v.header.layout.AccessibilityLabel())
	}
	r.layout = LayoutSpeaker
	test.Tap(v.header.layout)
	if r.layout != LayoutGrid {
		t.Error("the switch does not lead to the grid")
	}
}

func TestScreensTakeTheStage(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(1000, 700))
	s := State{People: people(t, p, 4)}
	s.People[0].Screen = screen(t, p) // the own one is not shown
	v.Update(s)
	if len(v.stage.screens) != 0 {
		t.Fatal("the own screen is shown")
	}
	s.People[2].Screen = screen(t, p)
	v.Update(s)
	s.People[1].Screen = screen(t, p)
	v.Update(s)
	if got := v.stage.large(); got != (tileID{"u1", true}) {
		t.Errorf("%+v is large, not the newest screen", got)
	}
	if older := v.stage.screens["u2"]; !older.Visible() || older.Size().Width > 300 {
		t.Error("the older screen is not in the strip")
	}
	test.DoubleTap(v.stage.screens["u2"])
	if got := v.stage.large(); got != (tileID{"u2", true}) {
		t.Errorf("%+v is large, not the pinned screen", got)
	}
	test.DoubleTap(v.stage.tiles["u3"])
	if got := v.stage.large(); got != (tileID{user: "u3"}) {
		t.Errorf("%+v is large, not the pinned person", got)
	}
	test.DoubleTap(v.stage.tiles["u3"])
	s.People[1].Screen = nil
	v.Update(s)
	if got := v.stage.large(); got != (tileID{"u2", true}) {
		t.Errorf("%+v is large, not the screen that is left", got)
	}
	v.Update(State{People: s.People[:2]})
	if got := v.stage.large(); got != (tileID{}) {
		t.Errorf("%+v is large after who shared left", got)
	}
}

func TestShareButton(t *testing.T) {
	v, _, p, r := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	s := State{People: people(t, p, 2)}
	v.Update(s)
	test.Tap(v.controls.share)
	if r.share != 0 || v.controls.share.AccessibilityLabel() != "No screen to share" {
		t.Error("what can't be shared is asked for")
	}
	s.ShareAvailable = true
	v.Update(s)
	test.Tap(v.controls.share)
	s.Sharing, s.SharingName = true, "Slides"
	v.Update(s)
	test.Tap(v.controls.share)
	v.ToggleShare()
	test.Tap(v.stage.bar.stop)
	if r.share != 1 || r.stop != 3 {
		t.Errorf("%+v", *r)
	}
	if !v.stage.bar.Visible() || v.stage.bar.AccessibilityLabel() != "You are sharing Slides" {
		t.Error("that one shares is not said")
	}
}

func TestProblemsAreSaid(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	all := people(t, p, 3)
	all[1].CameraOff = false
	v.Update(State{People: all})
	tile := v.stage.tiles["u1"]
	all[1].Frozen = true
	v.Update(State{People: all})
	if !tile.dim.Visible() || tile.note.text.Text != "Picture frozen" || !tile.video.Visible() {
		t.Error("that the picture stands still is not said")
	}
	all[1].Frozen, all[1].Unplayable = false, "H.265"
	v.Update(State{People: all})
	if tile.dim.Visible() || tile.video.Visible() || !tile.disc.Visible() || tile.AccessibilityLabel() != "Maya Chen, H.265 video can’t be shown here" {
		t.Errorf("that the video can't be shown is not said: %q", tile.AccessibilityLabel())
	}
	all[1].Unplayable = ""
	v.Update(State{People: all})
	if tile.note.Visible() || !tile.video.Visible() {
		t.Error("the picture does not come back")
	}
}

func TestHintsOfTheHeader(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	v.Update(State{People: people(t, p, 2)})
	v.header.layout.MouseIn(&desktop.MouseEvent{})
	if got, want := v.header.hint.text.Text, "Show who talks large  ·  Ctrl+L"; !v.header.hint.Visible() || got != want {
		t.Errorf("%q, want %q", got, want)
	}
	v.header.layout.MouseOut()
	if v.header.hint.Visible() {
		t.Error("the hint stays")
	}
}

// TestNothingIsRearrangedForNothing keeps an update cheap: they come ten times
// a second.
func TestNothingIsRearrangedForNothing(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	s := State{People: people(t, p, 5), Layout: LayoutSpeaker}
	v.Update(s)
	placed := 0
	place := v.stage.arrange
	v.stage.arrange = func(size fyne.Size) {
		placed++
		place(size)
	}
	for i := range 20 {
		s.People[3].Level = i
		v.Update(s)
	}
	if placed != 0 {
		t.Error(fmt.Sprint("placed again ", placed, " times"))
	}
}

package call

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/session/wire"
	"parley/views/i18n"
	"parley/views/keys"
	"parley/views/theme"
)

// held keeps animations from running: the test says how far they are.
func held(v *View) (tick func(done float32)) {
	var running []*fyne.Animation
	v.stage.reactions.start = func(a *fyne.Animation) { running = append(running, a) }
	return func(done float32) {
		for _, a := range running {
			a.Tick(done)
		}
	}
}

func standup(t *testing.T, v *View, all []Person) State {
	t.Helper()
	s := State{Room: "standup", People: all, Elapsed: 754 * time.Second, MicrophoneOn: true, CameraOn: true,
		MicrophoneAvailable: true, CameraAvailable: true, ShareAvailable: true}
	v.Update(s)
	return s
}

func TestHandsAndReactionsLook(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		size           fyne.Size
		people         int
		layout         Layout
	}{
		{"reactions-light-en", "en", theme.Light, fyne.NewSize(900, 600), 5, LayoutGrid},
		{"reactions-dark-zh", "zh", theme.Dark, fyne.NewSize(900, 600), 4, LayoutSpeaker},
		{"reactions-narrow-dark-en", "en", theme.Dark, fyne.NewSize(460, 700), 20, LayoutGrid},
	} {
		t.Run(look.name, func(t *testing.T) {
			v, w, p, _ := open(t, look.mode, look.language, look.size)
			tick := held(v)
			all := people(t, p, look.people)
			all[0].Hand, all[1].Hand, all[3].Hand = 3, 1, 2
			s := standup(t, v, all)
			s.HandUp, s.Layout = true, look.layout
			v.Update(s)
			for _, user := range []string{"u1", "u2", "u3", "me", "u19"} {
				v.React(user, "🎉")
				v.React(user, "👍")
			}
			tick(0.45)
			v.controls.openReactions()
			test.AssertImageMatches(t, "call/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

func TestReactionsRiseAndEnd(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	tick := held(v)
	standup(t, v, people(t, p, 4))
	v.React("u2", "👍")
	f := v.stage.reactions.list[0]
	tick(0.2)
	low := f.image.Position()
	tick(0.8)
	tile := v.stage.tiles["u2"]
	if high := f.image.Position(); high.Y >= low.Y || high.X < tile.Position().X || high.X > tile.Position().X+tile.Size().Width {
		t.Errorf("it goes from %v to %v", low, f.image.Position())
	}
	tick(1)
	if len(v.stage.reactions.list) != 0 || len(v.stage.reactions.objects) != 0 {
		t.Error("it stays")
	}
	for range 3 * reactionsMost {
		v.React("u2", "👍")
	}
	v.React("u2", "no emoji")
	if n := len(v.stage.reactions.list); n != reactionsMost {
		t.Errorf("%d at once", n)
	}
}

func TestReactionsStandStill(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	fyne.CurrentApp().Settings().SetTheme(theme.NewLook(theme.Look{Mode: theme.Light, Still: true}))
	tick := held(v)
	standup(t, v, people(t, p, 4))
	v.React("u2", "👍")
	f := v.stage.reactions.list[0]
	at, size := f.image.Position(), f.image.Size()
	for _, done := range []float32{0.01, 0.5, 0.99} {
		if tick(done); f.image.Position() != at || f.image.Size() != size {
			t.Errorf("it moves from %v to %v", at, f.image.Position())
		}
	}
}

// TestReactionsByKeyboard goes along the row, chooses, and leaves it.
func TestReactionsByKeyboard(t *testing.T) {
	v, w, p, r := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	standup(t, v, people(t, p, 2))
	press := func(names ...fyne.KeyName) {
		for _, name := range names {
			w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
		}
	}
	v.OpenReactions()
	press(fyne.KeyLeft, fyne.KeyLeft, fyne.KeyRight, fyne.KeyReturn)
	if want := Reactions()[len(Reactions())-1]; len(r.reactions) != 1 || r.reactions[0] != want {
		t.Errorf("%q, want %q", r.reactions, want)
	}
	v.OpenReactions()
	press(fyne.KeyEscape)
	if w.Canvas().Overlays().Top() != nil || len(r.reactions) != 1 {
		t.Error("Escape does not close it")
	}
	v.OpenReactions()
	v.OpenReactions()
	if w.Canvas().Overlays().Top() != nil {
		t.Error("asked again it does not close")
	}
}

func TestHandButton(t *testing.T) {
	v, _, p, r := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	s := standup(t, v, people(t, p, 2))
	test.Tap(v.controls.hand)
	if r.hand != 1 || v.controls.hand.on || v.controls.hand.label != "Raise hand" || v.controls.hand.keys != keys.Default(keys.Hand).String() {
		t.Errorf("%d, %v %q %q", r.hand, v.controls.hand.on, v.controls.hand.label, v.controls.hand.keys)
	}
	s.HandUp, s.People[1].Hand = true, 2
	v.Update(s)
	if !v.controls.hand.on || v.controls.hand.label != "Lower hand" {
		t.Error("a raised hand is not shown")
	}
	tile := v.stage.tiles["u1"]
	if !tile.hand.Visible() || tile.hand.order.Text != "2" || tile.AccessibilityLabel() != "Maya Chen, hand raised" {
		t.Errorf("%q, %q", tile.hand.order.Text, tile.AccessibilityLabel())
	}
	s.People[1].Hand = 0
	v.Update(s)
	if tile.hand.Visible() {
		t.Error("it stays up")
	}
	// A host takes it down.
	asked := map[wire.Action]string{}
	menu := personMenu(i18n.New("en"), Person{UserID: "u1", Hand: 1}, HostActions{Act: func(a wire.Action, u wire.User) { asked[a] = u.ID }})
	for _, item := range menu.Items {
		if item.Label == "Lower hand" && !item.Disabled {
			item.Action()
		}
	}
	if asked[wire.ActionLowerHand] != "u1" {
		t.Errorf("%v", asked)
	}
}

func TestReactionsOfNobodyAreNotShown(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	held(v)
	standup(t, v, people(t, p, 2))
	v.React("u77", "👍")
	if len(v.stage.reactions.list) != 0 {
		t.Error("who left still reacts")
	}
}

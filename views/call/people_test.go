package call

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/session/wire"
	"parley/views/theme"
)

// crowd opens the list of the people with some of each kind.
func crowd(t *testing.T, mode theme.Mode, language string, size fyne.Size, n int, change func(*State)) (*View, fyne.Window, *record) {
	t.Helper()
	v, w, p, r := open(t, mode, language, size)
	all := people(t, p, min(n, 5))
	for i := len(all); i < n; i++ {
		all = append(all, Person{UserID: fmt.Sprint("u", i), Name: fmt.Sprintf("Guest %02d", i), Muted: i%2 == 0, CameraOff: true, Quality: QualityGood})
	}
	all[0].Role = RoleHost
	s := State{Room: "standup", People: all, Elapsed: 754 * time.Second, MicrophoneOn: true, CameraOn: true,
		MicrophoneAvailable: true, CameraAvailable: true, ShareAvailable: true, PeopleOpen: true}
	if change != nil {
		change(&s)
	}
	v.Update(s)
	return v, w, r
}

func lively(s *State) {
	s.People[1].Hand, s.People[2].Hand = 2, 1
	s.People[1].Gain = 0.5
	s.People[3].Role, s.People[3].Gain = RoleListener, -1
	s.People[4].Screen = s.People[0].Video
	s.People[4].Name = "Maximiliane Freifrau von und zu Hohenlohe-Langenburg"
	s.Hosting = &Hosting{Lobby: true, Waiting: []wire.User{{ID: "w1", Name: "Priya"}, {ID: "w2", Name: "A rather long name of somebody"}}}
}

func TestPeopleLook(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		size           fyne.Size
		people         int
		change         func(*State)
	}{
		{"people-light-en", "en", theme.Light, fyne.NewSize(1100, 720), 5, nil},
		{"people-host-dark-zh", "zh", theme.Dark, fyne.NewSize(1100, 720), 14, lively},
		{"people-host-light-en", "en", theme.Light, fyne.NewSize(900, 600), 14, lively},
		{"people-narrow-dark-en", "en", theme.Dark, fyne.NewSize(460, 600), 6, lively},
	} {
		t.Run(look.name, func(t *testing.T) {
			_, w, _ := crowd(t, look.mode, look.language, look.size, look.people, look.change)
			test.AssertImageMatches(t, "call/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

func TestPersonCardLooks(t *testing.T) {
	for name, language := range map[string]string{"card-light-en": "en", "card-dark-zh": "zh"} {
		mode := theme.Light
		if language == "zh" {
			mode = theme.Dark
		}
		v, w, _ := crowd(t, mode, language, fyne.NewSize(900, 600), 6, lively)
		v.people.rows.open(v.people.rows.used["person u1"])
		test.AssertImageMatches(t, "call/"+name+".png", w.Canvas().Capture())
	}
}

func TestPeopleAreSorted(t *testing.T) {
	list := listed([]Person{
		{UserID: "1", Name: "zoe"}, {UserID: "2", Name: "Ann"}, {UserID: "3", Name: "Ben", Role: RoleHost}, {UserID: "4", Name: "Carl", Hand: 2},
		{UserID: "5", Name: "Dan", Hand: 1}, {UserID: "abe"}, {UserID: "6", Name: "ann"},
	}, "")
	var order []string
	for _, p := range list {
		order = append(order, p.UserID)
	}
	if want := []string{"5", "4", "3", "abe", "2", "6", "1"}; !slices.Equal(order, want) {
		t.Errorf("%v, want %v", order, want)
	}
	if found := listed(list, " AN "); len(found) != 3 {
		t.Errorf("%+v", found)
	}
}

// TestPeopleByKeyboard goes through a long list, changes a volume, and leaves.
func TestPeopleByKeyboard(t *testing.T) {
	v, w, r := crowd(t, theme.Light, "en", fyne.NewSize(900, 600), 50, nil)
	press := func(names ...fyne.KeyName) {
		for _, name := range names {
			w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
		}
	}
	v.FocusPeople()
	if w.Canvas().Focused() != fyne.Focusable(v.people.search) {
		t.Error("the field does not have the keyboard")
	}
	test.Type(v.people.search, "maya")
	v.people.rows.focus(0, 1)
	press(fyne.KeyReturn, fyne.KeyLeft, fyne.KeyLeft)
	if len(r.gains) != 2 || r.gains[1] != "u1 -0.10" {
		t.Errorf("%v", r.gains)
	}
	press(fyne.KeyEscape)
	row, is := w.Canvas().Focused().(*peopleRow)
	if !is || row.entry.person.UserID != "u1" || w.Canvas().Overlays().Top() != nil {
		t.Fatalf("%v has the keyboard", w.Canvas().Focused())
	}
	v.people.search.SetText("")
	press(fyne.KeyHome)
	for range 60 {
		press(fyne.KeyDown)
	}
	row, is = w.Canvas().Focused().(*peopleRow)
	if !is || row.entry.person.Name != "小林" || row.Position().Y+row.Size().Height > v.people.scroll.Offset.Y+v.people.scroll.Size().Height {
		t.Errorf("%+v has the keyboard", row.entry.person)
	}
	press(fyne.KeyEscape)
	if r.people != 1 {
		t.Error("Escape does not close the list")
	}
	v.people.search.SetText("nobody at all")
	if !v.people.none.Visible() {
		t.Error("it is not said that nobody was found")
	}
}

// TestPeopleRowsArePooled has no more rows than fit, and keeps those that stay.
func TestPeopleRowsArePooled(t *testing.T) {
	v, _, _ := crowd(t, theme.Light, "en", fyne.NewSize(900, 600), 50, nil)
	rows := v.people.rows
	fit := int(v.people.scroll.Size().Height/entryHeight()) + 2
	if n := len(rows.used); n == 0 || n > fit {
		t.Fatalf("%d rows for %d", n, fit)
	}
	first := rows.used["person u9"]
	s := v.state
	s.People = slices.Clone(s.People)
	s.People[9].Hand = 1
	v.Update(s)
	if rows.used["person u9"] != first || rows.list[0].person.UserID != "u9" {
		t.Error("who raises a hand gets another row")
	}
	for range 40 {
		v.people.scroll.ScrollToOffset(fyne.NewPos(0, v.people.scroll.Offset.Y+200))
	}
	if n := len(rows.used) + len(rows.free); n > fit+1 {
		t.Errorf("%d rows were made", n)
	}
}

func TestHostLetsPeopleIn(t *testing.T) {
	v, _, r := crowd(t, theme.Light, "en", fyne.NewSize(900, 600), 6, lively)
	row := v.people.rows.used["waits w1"]
	test.Tap(row.admit)
	test.Tap(v.people.rows.used["waits w2"].deny)
	card := newPersonCard(v.loc, v.state.People[1], true, func(float32) {}, func(a wire.Action) { v.people.actions.Host.Act(a, wire.User{ID: "u1"}) })
	closed := 0
	card.done = func() { closed++ }
	for _, b := range card.buttons {
		test.Tap(b)
	}
	if want := []string{"admit w1", "deny w2", "lower_hand u1", "remove u1", "ban u1"}; !slices.Equal(r.acts, want) {
		t.Errorf("%q, want %q", r.acts, want)
	}
	if closed != 3 {
		t.Errorf("the card closed %d times", closed)
	}
}

func TestPeopleAreSaid(t *testing.T) {
	v, _, _ := crowd(t, theme.Light, "en", fyne.NewSize(900, 600), 6, lively)
	for key, want := range map[string]string{
		"person u1": "Maya Chen, Volume: 150%, hand raised, microphone off",
		"person u2": "小林, hand raised, camera on, speaking",
		"person u3": "Tom, Listener · Silent for you, camera on",
		"person me": "Ada, Host, camera on",
		"waits w1":  "Priya",
	} {
		row := v.people.rows.used[key]
		if row == nil {
			t.Errorf("no row %s", key)
		} else if got := row.AccessibilityLabel(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestFiftyPeopleCostLittle has the list of fifty changed as often as in a call, ten
// times a second: it may take a tenth of that time.
func TestFiftyPeopleCostLittle(t *testing.T) {
	v, _, _ := crowd(t, theme.Light, "en", fyne.NewSize(900, 600), 50, nil)
	s := v.state
	began := time.Now()
	const updates = 100
	for i := range updates {
		s.People = slices.Clone(s.People)
		s.People[i%50].Speaking = !s.People[i%50].Speaking
		v.people.set(s)
	}
	each := time.Since(began) / updates
	t.Logf("an update of the list takes %v", each)
	if each > 10*time.Millisecond {
		t.Errorf("an update of the list takes %v", each)
	}
}

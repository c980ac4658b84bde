package join

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"parley/views/i18n"
	"parley/views/keys"
	"parley/views/problem"
	"parley/views/theme"
)

// record is what the view asked for.
type record struct {
	joined    []Form
	cancelled int
	camera    []bool
	tested    int
}

func open(t *testing.T, mode theme.Mode, language string, size fyne.Size, form Form) (*View, fyne.Window, *record) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(mode))
	r := &record{}
	v := New(i18n.New(language), canvas.NewRectangle(color.Transparent), form, Actions{
		Join:              func(f Form) { r.joined = append(r.joined, f) },
		Cancel:            func() { r.cancelled++ },
		CameraChanged:     func(on bool, _ string) { r.camera = append(r.camera, on) },
		MicrophoneChanged: func(bool, string) {},
		SpeakerChanged:    func(string) {},
		TestSound:         func(string) { r.tested++ },
		ParseInvite: func(text string) (Invite, bool) {
			return Invite{Room: "tea", Server: "host:7880", Token: "T", ServerID: "S"}, text == "parley://host:7880/join?room=tea&token=T"
		},
	})
	w := test.NewTempWindow(t, v.CanvasObject())
	w.SetPadded(false)
	w.Resize(size)
	return v, w, r
}

func TestLooks(t *testing.T) {
	for _, test := range []struct {
		name     string
		mode     theme.Mode
		language string
		size     fyne.Size
	}{
		{"light-en", theme.Light, "en", fyne.NewSize(1100, 720)},
		{"dark-zh", theme.Dark, "zh", fyne.NewSize(900, 600)},
		{"narrow-en", theme.Light, "en", fyne.NewSize(480, 800)},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, w, _ := open(t, test.mode, test.language, test.size, Form{Name: "Ada", Room: "hello", Server: "example.org", MicrophoneOn: true})
			v.SetLevel(55)
			v.SetRecents([]Recent{{Room: "standup", Server: "10.0.0.2:7880", Last: "See you tomorrow at nine", Time: "Yesterday", Unread: 3}, {Room: "tea", Last: "Is anybody in the kitchen, and has the kettle been on", Time: "8 March", Unread: 240}, {Room: "plans", Time: "Today"}}, func(Recent) {}, func(Recent) {})
			loc := i18n.New(test.language)
			v.SetError(problem.Problem{What: loc.T("error.server_unreachable.title"), Why: loc.T("error.server_unreachable.why"), Do: loc.T("error.server_unreachable.advice"), Details: "x"})
			matches(t, "join/"+test.name+".png", w)
		})
	}
}

func TestNearbyLooks(t *testing.T) {
	for _, test := range []struct {
		name     string
		mode     theme.Mode
		language string
		size     fyne.Size
	}{
		{"nearby-light-en", theme.Light, "en", fyne.NewSize(1100, 820)},
		{"nearby-dark-zh", theme.Dark, "zh", fyne.NewSize(900, 820)},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, w, _ := open(t, test.mode, test.language, test.size, Form{Name: "Ada", Room: "hello", Host: true, MicrophoneOn: true})
			v.SetNearby([]Nearby{
				{ID: "1", Room: "standup", Host: "小林", Entry: EntryAsk}, {ID: "2", Room: "tea", Host: "Maya Okonkwo-Lindqvist of the third floor", Entry: EntryInvite},
				{ID: "3", Room: "games", Entry: EntryOpen}, {ID: "4", Room: "plans", Host: "Tom", Entry: EntryPasscode},
			}, func(Nearby) {})
			v.SetRecents([]Recent{{Room: "standup", Server: "10.0.0.2:7880", Last: "See you tomorrow at nine", Time: "Yesterday", Unread: 3}}, func(Recent) {}, func(Recent) {})
			matches(t, "join/"+test.name+".png", w)
		})
	}
}

func TestNearbyRoomsAreEntered(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{Name: "Ada"})
	if v.nearbyBox.Visible() {
		t.Error("a title over nothing")
	}
	var entered []Nearby
	enter := func(n Nearby) { entered = append(entered, n) }
	list := []Nearby{{ID: "1", Room: "tea", Host: "Ann"}, {ID: "2", Room: "tea", Host: "Bob", Entry: EntryAsk}}
	v.SetNearby(list, enter)
	row, ok := v.nearby.Objects[1].(*nearbyRow)
	if !ok || !v.nearbyBox.Visible() {
		t.Fatal("no row")
	}
	if got := row.AccessibilityLabel(); got != "tea, Hosted by Bob, Ask to join" {
		t.Error(got)
	}
	test.Tap(row)
	w.Canvas().Focus(row)
	list[1].Host = "Eve" // the list is the caller's
	v.SetNearby([]Nearby{{ID: "1", Room: "tea", Host: "Ann"}, {ID: "2", Room: "tea", Host: "Bob", Entry: EntryAsk}}, enter)
	if w.Canvas().Focused() != row {
		t.Error("the same rooms again take the focus away")
	}
	row.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if len(entered) != 2 || entered[0].ID != "2" || entered[1] != entered[0] {
		t.Errorf("%+v", entered)
	}
	v.SetNearby(nil, enter)
	if v.nearbyBox.Visible() {
		t.Error("a title over what is gone")
	}
}

func matches(t *testing.T, golden string, w fyne.Window) {
	t.Helper()
	test.AssertImageMatches(t, golden, w.Canvas().Capture())
}

func TestEnterAndButtonJoin(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{Room: "hello", Host: true, CameraOn: true})
	test.Type(v.name, "Ada")
	v.name.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Tap(v.join)
	if len(r.joined) != 2 || r.joined[0] != r.joined[1] {
		t.Fatalf("%+v", r.joined)
	}
	want := Form{Name: "Ada", Room: "hello", Host: true, CameraOn: true}
	if r.joined[0] != want {
		t.Errorf("%+v", r.joined[0])
	}
}

func TestProgressCancelAndError(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{Name: "Ada", Room: "hello", Host: true})
	if v.spinner.Running() {
		t.Error("the bar moves before anything is done")
	}
	v.SetProgress("Connecting…")
	if !v.spinner.Running() {
		t.Error("the bar stands still")
	}
	v.submit()
	if len(r.joined) != 0 {
		t.Error("joined twice at once")
	}
	v.SetError(problem.Problem{What: "No", Do: "Because"})
	if !v.problem.Visible() || !v.join.Visible() || v.progress.Visible() {
		t.Error("the failure is not shown")
	}
	if v.spinner.Running() {
		t.Error("the bar goes on moving where nobody sees it")
	}
	if f := v.Form(); f.Name != "Ada" || f.Room != "hello" {
		t.Errorf("what was typed is lost: %+v", f)
	}
	v.SetProgress("Connecting…")
	if v.problem.Visible() {
		t.Error("an old failure beside a new try")
	}
}

func TestInvitePastedIntoAnyFieldFillsAll(t *testing.T) {
	for name, of := range map[string]func(*View) *field{
		"name": func(v *View) *field { return v.name }, "room": func(v *View) *field { return v.room }, "server": func(v *View) *field { return v.server },
	} {
		t.Run(name, func(t *testing.T) {
			v, _, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{Host: true})
			of(v).SetText("parley://host:7880/join?room=tea&token=T")
			f := v.Form()
			if f.Room != "tea" || f.Server != "host:7880" || f.Token != "T" || f.ServerID != "S" || f.Host || f.Name != "" {
				t.Errorf("%+v", f)
			}
			// Another room is not what the token was for.
			v.room.SetText("coffee")
			if f := v.Form(); f.Token != "" || f.ServerID != "" {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestTogglesSayWhatTheyAre(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{})
	if v.camera.AccessibilityLabel() != "Turn camera on" {
		t.Error(v.camera.AccessibilityLabel())
	}
	test.Tap(v.camera)
	if len(r.camera) != 1 || !r.camera[0] || v.camera.AccessibilityLabel() != "Turn camera off" {
		t.Errorf("%v %q", r.camera, v.camera.AccessibilityLabel())
	}
	for i, k := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyTab} {
		v.camera.TypedKey(&fyne.KeyEvent{Name: k})
		if want := []int{2, 3, 3}[i]; len(r.camera) != want {
			t.Errorf("after %s it was turned on or off %d times", k, len(r.camera))
		}
	}
	v.SetCamera(false, "No camera was found.")
	if v.camera.on || !v.preview.notice.Visible() {
		t.Error("the missing camera is not said")
	}
}

// TestHelpOpensFromWhereverTheKeyboardIs has the key of the help reach the window.
func TestHelpOpensFromWhereverTheKeyboardIs(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{})
	v.SetRecents([]Recent{{Room: "a"}}, func(Recent) {}, func(Recent) {})
	v.SetNearby([]Nearby{{ID: "1", Room: "b"}}, func(Nearby) {})
	helped := 0
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { helped++ })
	all := []fyne.Focusable{v.name, v.camera, v.microphone}
	for _, o := range test.LaidOutObjects(w.Canvas().Content()) {
		switch o := o.(type) {
		case *gear:
			all = append(all, o)
		case *recentRow:
			all = append(all, o)
		case *nearbyRow:
			all = append(all, o)
		}
	}
	for i, f := range all {
		w.Canvas().Focus(f)
		if f.TypedKey(&fyne.KeyEvent{Name: keys.Help}); helped != i+1 {
			t.Fatalf("not from %T", f)
		}
	}
	if len(all) != 6 {
		t.Errorf("%d places", len(all))
	}
}

// TestUnreadCountsGrowWithTheText has the text size change beneath rows that are there.
func TestUnreadCountsGrowWithTheText(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{})
	v.SetRecents([]Recent{{Room: "a", Unread: 3}}, func(Recent) {}, func(Recent) {})
	row, ok := v.recents.Objects[0].(*recentRow)
	if !ok {
		t.Fatal("no row")
	}
	size, badge := row.count.TextSize, row.badge.MinSize()
	fyne.CurrentApp().Settings().SetTheme(theme.NewLook(theme.Look{Scale: 1.5}))
	row.Refresh() // the driver does
	if row.count.TextSize != size*1.5 || row.badge.MinSize().Height <= badge.Height {
		t.Errorf("%v on %v", row.count.TextSize, row.badge.MinSize())
	}
}

func TestTroublesAreSaid(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{})
	if v.microphoneTrouble.Visible() || v.speakerTrouble.Visible() {
		t.Error("lines of nothing")
	}
	v.SetTroubles("No microphone.", "")
	if !v.microphoneTrouble.Visible() || v.microphoneTrouble.String() != "No microphone." || v.speakerTrouble.Visible() {
		t.Error("the missing microphone is not said")
	}
}

func TestDevicesKeepTheChoice(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{Microphone: "USB"})
	v.SetDevices(Devices{Microphones: []string{"Built-in"}})
	if f := v.Form(); f.Microphone != "USB" || f.Camera != "" {
		t.Errorf("%+v", f)
	}
	if got := v.microphonePick.object.Options; len(got) != 3 {
		t.Errorf("%q", got)
	}
}

func TestRecentRoomsAreEntered(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720), Form{})
	var entered, read []Recent
	v.SetRecents([]Recent{{Room: "a"}, {Room: "b"}}, func(r Recent) { entered = append(entered, r) }, func(r Recent) { read = append(read, r) })
	row, ok := v.recents.Objects[1].(*recentRow)
	if !ok {
		t.Fatal("no row")
	}
	test.Tap(row)
	row.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	test.Tap(row.read)
	if len(entered) != 2 || entered[0].Room != "b" || entered[1] != entered[0] || len(read) != 1 || read[0] != entered[0] {
		t.Errorf("entered %+v, read %+v", entered, read)
	}
	v.SetRecents([]Recent{{Room: "a", Unread: 2, Last: "See you"}}, nil, nil)
	if row, ok := v.recents.Objects[0].(*recentRow); !ok || row.AccessibilityLabel() != "a, See you, 2 unread messages" {
		t.Error(row.AccessibilityLabel())
	}
}

package settings

import (
	"image/color"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/views/i18n"
	"parley/views/keys"
	"parley/views/problem"
	"parley/views/theme"
)

// record is what the page asked for.
type record struct {
	shown      []Section
	closed     int
	changed    []Preferences
	microphone []string
	speaker    []string
	camera     []string
	tested     []string
	processed  []Processing
	opened     int
	asked      []string // of the storage
	copied     []string
	tables     []keys.Table
}

func (r *record) actions() Actions {
	return Actions{
		Show: func(s Section) { r.shown = append(r.shown, s) }, Closed: func() { r.closed++ },
		Change:        func(p Preferences) { r.changed = append(r.changed, p) },
		UseMicrophone: func(name string) { r.microphone = append(r.microphone, name) },
		UseSpeaker:    func(name string) { r.speaker = append(r.speaker, name) },
		UseCamera:     func(name string) { r.camera = append(r.camera, name) },
		TestSound:     func(name string) { r.tested = append(r.tested, name) },
		Process:       func(p Processing) { r.processed = append(r.processed, p) },
		OpenFolder:    func() { r.opened++ },
		ChooseFolder:  func() { r.asked = append(r.asked, "folder") },
		Export:        func() { r.asked = append(r.asked, "export") },
		Import:        func() { r.asked = append(r.asked, "import") },
		Stop:          func() { r.asked = append(r.asked, "stop") },
		Copy:          func(text string) { r.copied = append(r.copied, text) },
		SetKeys:       func(t keys.Table) { r.tables = append(r.tables, t) },
	}
}

func state() State {
	return State{
		General:    Preferences{Name: "Ada", Sounds: true, Notifications: true, Compact: true, Nearby: NearbyAsk},
		Microphone: Device{Names: []string{"Built-in", "Headset"}, Chosen: "Headset"},
		Speaker:    Device{Names: []string{"Desk"}},
		Camera:     Device{Names: []string{"HD camera"}, Chosen: "Gone", Problem: "The camera is used by another program."},
		Processing: Processing{Echo: true, Noise: true},
		Storage:    Stored{Folder: "/home/ada/.local/share/parley/history"},
		Keys:       keys.NewTable(nil),
		About: Details{Version: "0.1.0 (1)", System: "linux/amd64 · go1.26", Licences: "one\n\ttwo\n",
			Engines: []Engine{{"LiveKit", "v1.13.5"}, {"NATS JetStream", "v2.15.2"}}},
	}
}

// bench is a window with the page over it.
type bench struct {
	*View
	record  *record
	window  fyne.Window
	preview fyne.CanvasObject
	loc     *i18n.Localizer
}

func open(t *testing.T, look theme.Look, language string, size fyne.Size, s State, section Section) *bench {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.NewLook(look))
	w := test.NewTempWindow(t, canvas.NewRectangle(theme.Color(theme.ColorStage)))
	w.SetPadded(false)
	w.Resize(size)
	b := &bench{record: &record{}, window: w, preview: canvas.NewRectangle(color.NRGBA{R: 60, G: 110, B: 90, A: 255}), loc: i18n.New(language)}
	b.View = Open(w.Canvas(), b.loc, b.preview, s, section, b.record.actions())
	return b
}

var usual = fyne.NewSize(900, 600)

func TestLooks(t *testing.T) {
	wide := fyne.NewSize(1100, 720)
	for _, c := range []struct {
		name, language string
		look           theme.Look
		size           fyne.Size
		section        Section
		change         func(*State)
	}{
		{"general-light-en", "en", theme.Look{Mode: theme.Light}, usual, General, nil},
		{"general-dark-zh", "zh", theme.Look{Mode: theme.Dark}, wide, General, nil},
		{"general-large-contrast-light-en", "en", theme.Look{Mode: theme.Light, Scale: 1.5, Contrast: true}, usual, General, func(s *State) {
			s.General.TextScale, s.General.HighContrast = 1.5, true
		}},
		{"general-contrast-dark-zh", "zh", theme.Look{Mode: theme.Dark, Contrast: true}, usual, General, func(s *State) { s.General.HighContrast = true }},
		{"general-narrow-light-zh", "zh", theme.Look{Mode: theme.Light}, fyne.NewSize(480, 700), General, nil},
		{"general-whole-light-en", "en", theme.Look{Mode: theme.Light}, fyne.NewSize(480, 1100), General, nil},
		{"general-whole-dark-zh", "zh", theme.Look{Mode: theme.Dark}, fyne.NewSize(480, 1100), General, nil},
		{"sound-light-en", "en", theme.Look{Mode: theme.Light}, fyne.NewSize(900, 1200), Sound, nil},
		{"sound-dark-zh", "zh", theme.Look{Mode: theme.Dark}, usual, Sound, func(s *State) { s.Processing.Music = true }},
		{"sound-missing-light-zh", "zh", theme.Look{Mode: theme.Light}, wide, Sound, func(s *State) { s.ProcessingMissing = true }},
		{"storage-dark-en", "en", theme.Look{Mode: theme.Dark}, usual, Storage, nil},
		{"storage-doing-light-zh", "zh", theme.Look{Mode: theme.Light}, usual, Storage, func(s *State) {
			loc := i18n.New("zh")
			s.Storage.Next, s.Storage.Doing, s.Storage.Done = "/media/ada/disk/parley", loc.T("settings.exporting"), 0.4
		}},
		{"storage-problem-light-en", "en", theme.Look{Mode: theme.Light}, fyne.NewSize(900, 800), Storage, func(s *State) {
			loc := i18n.New("en")
			s.Storage.Problem = problem.Problem{What: loc.T("error.import.title"), Why: loc.T("error.import.why"), Do: loc.T("error.import.advice"), Details: "x"}
		}},
		{"shortcuts-light-zh", "zh", theme.Look{Mode: theme.Light}, wide, Shortcuts, nil},
		{"shortcuts-dark-en", "en", theme.Look{Mode: theme.Dark}, usual, Shortcuts, func(s *State) {
			s.Keys = s.Keys.With(keys.Chat, keys.Chord{Key: fyne.KeyJ, Modifier: fyne.KeyModifierControl})
		}},
		{"about-light-en", "en", theme.Look{Mode: theme.Light}, usual, About, nil},
		{"about-dark-zh", "zh", theme.Look{Mode: theme.Dark}, wide, About, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := state()
			if c.change != nil {
				c.change(&s)
			}
			b := open(t, c.look, c.language, c.size, s, c.section)
			b.SetLevel(55)
			test.AssertImageMatches(t, "settings/"+c.name+".png", b.window.Canvas().Capture())
		})
	}
}

// find gives the control of the row with this title.
func (b *bench) find(t *testing.T, title string) fyne.CanvasObject {
	t.Helper()
	for _, block := range b.page.blocks {
		c, ok := block.(*card)
		if !ok {
			continue
		}
		for _, r := range c.rows {
			if r, ok := r.(*row); ok && r.title.Text == title {
				return r.control
			}
		}
	}
	t.Fatalf("there is no row %q", title)
	return nil
}

func (b *bench) tap(t *testing.T, title string) {
	t.Helper()
	o, ok := b.find(t, title).(fyne.Tappable)
	if !ok {
		t.Fatalf("%q can't be tapped", title)
	}
	o.Tapped(&fyne.PointEvent{})
}

// pick taps a segment.
func (b *bench) pick(t *testing.T, title string, n int) {
	t.Helper()
	s, ok := b.find(t, title).(*segments)
	if !ok {
		t.Fatalf("%q has no segments", title)
	}
	s.Tapped(&fyne.PointEvent{Position: fyne.NewPos((float32(n)+0.5)*s.Size().Width/float32(len(s.choices)), 5)})
}

func last[T any](t *testing.T, list []T) T {
	t.Helper()
	if len(list) == 0 {
		t.Fatal("nothing was told")
	}
	return list[len(list)-1]
}

func TestGeneralIsChangedAtOnce(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), General)
	want := state().General
	b.pick(t, "Language", 1)
	want.Language = "zh"
	if got := last(t, b.record.changed); got != want {
		t.Errorf("%+v", got)
	}
	b.pick(t, "Theme", 2)
	b.pick(t, "Text size", 3)
	b.tap(t, "High contrast")
	b.tap(t, "Reduced motion")
	b.tap(t, "Sounds")
	b.tap(t, "Notifications")
	b.tap(t, "Small window")
	b.pick(t, "On the same network", 3)
	want = Preferences{Name: "Ada", Language: "zh", Theme: "dark", TextScale: 1.3, HighContrast: true, ReducedMotion: true, Nearby: NearbyOpen}
	if got := last(t, b.record.changed); got != want {
		t.Errorf("%+v", got)
	}
	name, ok := b.find(t, "Your name").(*field)
	if !ok {
		t.Fatal("no field")
	}
	test.Type(name, " Lovelace")
	if got := last(t, b.record.changed); got.Name != " LovelaceAda" && got.Name != "Ada Lovelace" {
		t.Errorf("%q", got.Name)
	}
}

func TestSoundIsChangedAtOnce(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), General)
	if b.preview.Visible() {
		t.Error("the preview is shown in another section")
	}
	b.GoTo(Sound)
	if !slices.Equal(b.record.shown, []Section{General, Sound}) || !b.preview.Visible() {
		t.Errorf("shown: %v", b.record.shown)
	}
	var choosers []*chooser
	for _, f := range b.focusable() {
		if c, ok := f.(*chooser); ok {
			choosers = append(choosers, c)
		}
	}
	if len(choosers) != 3 {
		t.Fatalf("%d choosers", len(choosers))
	}
	if c := choosers[0]; c.Selected != "Headset" || !slices.Equal(c.Options, []string{"System default", "Built-in", "Headset"}) {
		t.Errorf("%q of %q", c.Selected, c.Options)
	}
	if c := choosers[2]; c.Selected != "Gone" || len(c.Options) != 3 {
		t.Errorf("the camera that is gone is not shown as chosen: %q of %q", c.Selected, c.Options)
	}
	choosers[0].SetSelected("System default")
	choosers[1].SetSelected("Desk")
	choosers[2].SetSelected("HD camera")
	b.tap(t, "Hear a test sound")
	if last(t, b.record.microphone) != "" || last(t, b.record.speaker) != "Desk" || last(t, b.record.camera) != "HD camera" || last(t, b.record.tested) != "Desk" {
		t.Errorf("%+v", b.record)
	}
	b.tap(t, "Remove noise")
	b.tap(t, "Even out loudness")
	if got := last(t, b.record.processed); got != (Processing{Echo: true, Gain: true}) {
		t.Errorf("%+v", got)
	}
	b.tap(t, "Original sound, for music")
	before := len(b.record.processed)
	b.tap(t, "Remove echo")
	if got := last(t, b.record.processed); !got.Music || len(b.record.processed) != before {
		t.Errorf("with music the rest can be chosen: %+v", got)
	}
	b.SetLevel(100)
	if b.meter.lit() != meterBars {
		t.Errorf("%d bars", b.meter.lit())
	}
	b.GoTo(About)
	if b.preview.Visible() || b.meter != nil {
		t.Error("the preview goes on in another section")
	}
}

func TestDevicesComeAndGo(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), Sound)
	s := state()
	s.Microphone.Names = append(s.Microphone.Names, "USB")
	s.Microphone.Problem, s.Camera.Problem = "It is gone.", ""
	b.Update(s)
	for c, device := range b.choosers {
		if device().Chosen == "Headset" && !slices.Contains(c.Options, "USB") {
			t.Errorf("what was plugged in is not offered: %q", c.Options)
		}
	}
	if len(b.record.microphone)+len(b.record.camera) != 0 {
		t.Error("a device is chosen by nobody")
	}
	heights := 0
	for n, words := range b.notes {
		if h := n.heightFor(300); (h > 0) != (words() != "") {
			t.Errorf("%q is %v high", words(), h)
		}
		heights++
	}
	if heights != 3 {
		t.Errorf("%d notes", heights)
	}
}

func TestKeyboard(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), General)
	press := func(k fyne.KeyName) {
		t.Helper()
		f := b.window.Canvas().Focused()
		if f == nil {
			t.Fatal("nothing has the keyboard")
		}
		f.TypedKey(&fyne.KeyEvent{Name: k})
	}
	press(fyne.KeyDown)
	press(fyne.KeyDown)
	press(fyne.KeyUp)
	if b.Section() != Sound {
		t.Errorf("section %d", b.Section())
	}
	press(fyne.KeyUp)
	press(fyne.KeyUp) // there is none above
	for range 20 {
		if s, ok := b.window.Canvas().Focused().(*segments); ok && s.label == "Theme" {
			break
		}
		b.window.Canvas().FocusNext()
	}
	press(fyne.KeyRight)
	if got := last(t, b.record.changed); got.Theme != "light" {
		t.Errorf("%+v", got)
	}
	b.Renew()
	if s, ok := b.window.Canvas().Focused().(*segments); !ok || s.label != "Theme" {
		t.Errorf("the keyboard is elsewhere after a change: %T", b.window.Canvas().Focused())
	}
	b.window.Canvas().FocusNext()
	b.window.Canvas().FocusNext()
	press(fyne.KeySpace)
	if got := last(t, b.record.changed); !got.HighContrast {
		t.Errorf("%+v", got)
	}
	press(fyne.KeyEscape)
	if b.record.closed != 1 || len(b.window.Canvas().Overlays().List()) != 0 {
		t.Error("Escape does not close the page")
	}
	b.Close()
	if b.record.closed != 1 {
		t.Error("closed twice")
	}
}

// TestEscapeClosesFromEverywhere looks at all that the keyboard can be at.
func TestEscapeClosesFromEverywhere(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), General)
	for _, s := range sections() {
		for i := 0; ; i++ {
			b.Close()
			b.View = Open(b.window.Canvas(), b.loc, b.preview, state(), s, b.record.actions())
			all := b.focusable()
			if i == len(all) {
				break
			}
			closed := b.record.closed
			b.window.Canvas().Focus(all[i])
			all[i].TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			if b.record.closed != closed+1 {
				t.Errorf("section %d: %T keeps the page open", s, all[i])
			}
		}
	}
}

func TestTapBesideCloses(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), General)
	test.TapCanvas(b.window.Canvas(), fyne.NewPos(450, 590/2+280))
	if b.record.closed != 0 {
		t.Error("a tap on the page closes it")
	}
	test.TapCanvas(b.window.Canvas(), fyne.NewPos(4, 4))
	if b.record.closed != 1 {
		t.Error("a tap beside does not close the page")
	}
}

func TestAnotherLanguage(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), General)
	b.loc.Use("zh")
	b.Renew()
	if b.title.Text != "通用" || b.names[Sound].text.Text != "声音与画面" {
		t.Errorf("%q, %q", b.title.Text, b.names[Sound].text.Text)
	}
	b.find(t, "文字大小")
}

func TestKeysAreChosen(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), Shortcuts)
	of := func() *chord {
		c, ok := b.find(t, "Show or hide the chat").(*chord)
		if !ok {
			t.Fatal("no keys")
		}
		return c
	}
	ctrl := func(k fyne.KeyName) fyne.Shortcut {
		return &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault}
	}
	if of().text.Text != "Ctrl+G" {
		t.Errorf("%q", of().text.Text)
	}
	of().TypedShortcut(ctrl(fyne.KeyJ))
	if len(b.record.tables) != 0 {
		t.Error("keys are taken that nobody asked for")
	}
	of().Tapped(nil)
	if of().text.Text != "Press keys…" {
		t.Errorf("%q", of().text.Text)
	}
	for name, s := range map[string]fyne.Shortcut{"another's": ctrl(fyne.KeyD), "those of a field": &fyne.ShortcutCopy{}} {
		of().TypedShortcut(s)
		if len(b.record.tables) != 0 {
			t.Errorf("%s are taken", name)
		}
	}
	of().TypedKey(&fyne.KeyEvent{Name: fyne.KeyK})
	if len(b.record.tables) != 0 {
		t.Error("a key that is written with is taken")
	}
	of().TypedShortcut(ctrl(fyne.KeyJ))
	if got := last(t, b.record.tables).Chord(keys.Chat).String(); got != "Ctrl+J" || of().text.Text != "Ctrl+J" {
		t.Errorf("%q, shown %q", got, of().text.Text)
	}
	of().Tapped(nil)
	of().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if b.record.closed != 0 || of().text.Text != "Ctrl+J" {
		t.Error("Escape does more than to give up")
	}
	b.tap(t, "As they were at first")
	if got := last(t, b.record.tables); len(got.Kept()) != 0 {
		t.Errorf("%v", got.Kept())
	}
}

func TestStorageAndAbout(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), Storage)
	b.tap(t, "Show it")
	b.tap(t, "Copy its path")
	if b.record.opened != 1 || last(t, b.record.copied) != state().Storage.Folder {
		t.Errorf("%+v", b.record)
	}
	b.tap(t, "Another folder")
	b.tap(t, "Export")
	b.tap(t, "Import")
	s := state()
	s.Storage.Doing = "Exporting"
	b.Update(s)
	s.Storage.Done = 0.5
	b.Update(s)
	if b.bar == nil || b.bar.Value != 0.5 {
		t.Error("the progress is not shown")
	}
	b.tap(t, "")
	if got := strings.Join(b.record.asked, " "); got != "folder export import stop" {
		t.Error(got)
	}
	b.GoTo(About)
	b.tap(t, "Parley 0.1.0 (1)")
	if got := last(t, b.record.copied); got != "Parley 0.1.0 (1)\nlinux/amd64 · go1.26\nLiveKit v1.13.5\nNATS JetStream v2.15.2\n" {
		t.Errorf("%q", got)
	}
	b.tap(t, "Licences")
	if b.text == nil || b.title.Text != "Licences" {
		t.Fatal("the licences are not shown")
	}
	b.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if b.text != nil || b.record.closed != 0 || b.title.Text != "About" {
		t.Error("Escape does not lead back")
	}
	s = state()
	s.About.Licences, s.About.Engines = "", nil
	b = open(t, theme.Look{Mode: theme.Light}, "en", usual, s, About)
	if len(b.page.blocks) != 1 {
		t.Errorf("%d blocks for what is not there", len(b.page.blocks))
	}
}

// TestHelpReachesTheWindow has the key of the help do something wherever the keyboard
// is, but where keys are chosen.
func TestHelpReachesTheWindow(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), General)
	helped := 0
	b.window.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { helped++ })
	for _, s := range sections() {
		b.GoTo(s)
		for _, f := range b.focusable() {
			before := helped
			if f.TypedKey(&fyne.KeyEvent{Name: keys.Help}); helped != before+1 {
				t.Errorf("not from a %T of %s", f, s.title())
			}
		}
	}
	b.GoTo(Shortcuts)
	before := helped
	for _, f := range b.focusable() {
		if c, is := f.(*chord); is {
			c.Tapped(nil)
			c.TypedKey(&fyne.KeyEvent{Name: keys.Help})
			break
		}
	}
	if helped != before {
		t.Error("the keys of an action are those of the help")
	}
}

// TestCopyingIsSaid has a button say that it did what can't be seen.
func TestCopyingIsSaid(t *testing.T) {
	b := open(t, theme.Look{Mode: theme.Light}, "en", usual, state(), Storage)
	copying, ok := b.find(t, "Copy its path").(*button)
	if !ok {
		t.Fatal("no button")
	}
	width := copying.MinSize().Width
	copying.Tapped(nil)
	if copying.text.Text != "Copied" || copying.MinSize().Width != width || last(t, b.record.copied) != b.state.Storage.Folder {
		t.Errorf("%q, %v wide instead of %v", copying.text.Text, copying.MinSize().Width, width)
	}
}

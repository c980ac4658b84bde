package call

import (
	"fmt"
	"image/color"
	"reflect"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/session/frame"
	"parley/session/wire"
	"parley/views/i18n"
	"parley/views/problem"
	"parley/views/theme"
	"parley/views/video"
)

// record counts what the view asked for.
type record struct {
	microphone, camera, chat, leave, invite, share, stop, hand, people, stats, full int
	copied                                                                          string
	gains, acts                                                                     []string
	layout                                                                          Layout
	reactions                                                                       []string
}

func open(t *testing.T, mode theme.Mode, language string, size fyne.Size) (*View, fyne.Window, *video.Presenter, *record) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(mode))
	presenter := video.NewPresenter(video.Params{Dispatch: func(func()) {}, Raster: true})
	t.Cleanup(presenter.Close)
	r := &record{}
	chat := canvas.NewRectangle(color.NRGBA{R: 120, G: 120, B: 160, A: 255})
	v := New(i18n.New(language), presenter, chat, Actions{
		Copy:             func(string) {},
		ToggleMicrophone: func() { r.microphone++ }, ToggleCamera: func() { r.camera++ }, ToggleChat: func() { r.chat++ },
		TogglePeople: func() { r.people++ }, SetGain: func(user string, g float32) { r.gains = append(r.gains, fmt.Sprintf("%s %.2f", user, g)) },
		Host:             HostActions{Act: func(a wire.Action, u wire.User) { r.acts = append(r.acts, string(a)+" "+u.ID) }},
		ToggleFullScreen: func() { r.full++ },
		ToggleStats:      func() { r.stats++ }, CopyText: func(text string) { r.copied = text },
		ToggleHand: func() { r.hand++ }, React: func(text string) { r.reactions = append(r.reactions, text) },
		Leave: func() { r.leave++ }, Invite: func() { r.invite++ },
		Share: func() { r.share++ }, StopSharing: func() { r.stop++ }, SetLayout: func(l Layout) { r.layout = l },
	})
	w := test.NewTempWindow(t, v.CanvasObject())
	w.SetPadded(false)
	w.Resize(size)
	return v, w, presenter, r
}

// picture is a feed with a frame of one grey on it.
func picture(t *testing.T, p *video.Presenter, luma byte) *video.Feed {
	t.Helper()
	var pool frame.Pool
	f, err := pool.Get(64, 36)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Y {
		f.Y[i] = luma
	}
	for i := range f.U {
		f.U[i], f.V[i] = 128, 110
	}
	feed := p.NewFeed()
	feed.Show(f)
	f.Release()
	p.Flush()
	return feed
}

// screen is a feed with something like a window with lines of text on it.
func screen(t *testing.T, p *video.Presenter) *video.Feed {
	t.Helper()
	var pool frame.Pool
	f, err := pool.Get(320, 180)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 180 {
		for x := range 320 {
			luma := byte(220)
			switch {
			case y < 16:
				luma = 70
			case x > 16 && x < 80+y*37%220 && y%12 < 4 && y > 24:
				luma = 110
			}
			f.Y[y*f.StrideY+x] = luma
		}
	}
	for i := range f.U {
		f.U[i], f.V[i] = 128, 128
	}
	feed := p.NewFeed()
	feed.Show(f)
	f.Release()
	p.Flush()
	return feed
}

func people(t *testing.T, p *video.Presenter, n int) []Person {
	t.Helper()
	all := []Person{{UserID: "me", Name: "Ada", Self: true, Quality: QualityExcellent, Video: picture(t, p, 90)}}
	for i := 1; i < n; i++ {
		person := Person{UserID: fmt.Sprint("u", i), Name: []string{"Lin", "Maya Chen", "小林", "Tom"}[i%4], Quality: QualityGood, Video: picture(t, p, byte(60+20*i))}
		switch i % 4 {
		case 1:
			person.Muted, person.CameraOff = true, true
		case 2:
			person.Speaking = true
		case 3:
			person.Quality = QualityBad
		}
		all = append(all, person)
	}
	return all
}

func TestLooks(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
		size           fyne.Size
		people         int
		change         func(*State)
	}{
		{"alone-light-en", "en", theme.Light, fyne.NewSize(900, 600), 1, func(*State) {}},
		{"two-dark-zh", "zh", theme.Dark, fyne.NewSize(900, 600), 2, func(s *State) { s.ChatOpen = true }},
		{"five-light-en", "en", theme.Light, fyne.NewSize(1100, 720), 5, func(s *State) { s.MicrophoneOn, s.CameraOn, s.Unread = false, false, 12 }},
		{"nine-dark-en", "en", theme.Dark, fyne.NewSize(1100, 720), 9, func(s *State) { s.Connection = Reconnecting }},
		{"narrow-light-zh", "zh", theme.Light, fyne.NewSize(460, 700), 3, func(*State) {}},
		{"twenty-light-en", "en", theme.Light, fyne.NewSize(1100, 720), 21, func(*State) {}},
		{"speaker-light-en", "en", theme.Light, fyne.NewSize(1100, 720), 5, func(s *State) { s.Layout = LayoutSpeaker }},
		{"speaker-many-dark-zh", "zh", theme.Dark, fyne.NewSize(700, 560), 14, func(s *State) { s.Layout = LayoutSpeaker }},
		{"screen-light-en", "en", theme.Light, fyne.NewSize(1100, 720), 5, shareTwo},
		{"screen-dark-en", "en", theme.Dark, fyne.NewSize(1100, 720), 5, shareTwo},
		{"screen-narrow-light-zh", "zh", theme.Light, fyne.NewSize(460, 700), 4, func(s *State) { s.People[2].Screen = s.People[0].Screen }},
		{"sharing-light-en", "en", theme.Light, fyne.NewSize(900, 600), 3, func(s *State) { s.Sharing, s.SharingName = true, "Slides - LibreOffice Impress" }},
		{"sharing-dark-zh", "zh", theme.Dark, fyne.NewSize(460, 600), 2, func(s *State) { s.Sharing, s.Layout = true, LayoutSpeaker }},
		{"frozen-light-en", "en", theme.Light, fyne.NewSize(900, 600), 5, func(s *State) {
			s.People[2].Frozen, s.People[3].Unplayable, s.People[4].Frozen = true, "H.265", true
			s.ShareAvailable = false
		}},
	} {
		t.Run(look.name, func(t *testing.T) {
			v, w, p, _ := open(t, look.mode, look.language, look.size)
			s := State{Room: "standup", People: people(t, p, look.people), Elapsed: 754 * time.Second,
				MicrophoneOn: true, CameraOn: true, MicrophoneAvailable: true, CameraAvailable: true, ShareAvailable: true}
			s.People[0].Screen = screen(t, p)
			look.change(&s)
			v.Update(s)
			test.AssertImageMatches(t, "call/"+look.name+".png", w.Canvas().Capture())
		})
	}
}

// shareTwo gives two people a screen.
func shareTwo(s *State) {
	s.People[1].Screen, s.People[3].Screen = s.People[0].Screen, s.People[0].Screen
}

func TestPinnedLooks(t *testing.T) {
	v, w, p, _ := open(t, theme.Light, "en", fyne.NewSize(1100, 720))
	s := State{Room: "standup", People: people(t, p, 12), Elapsed: 754 * time.Second, MicrophoneOn: true, CameraOn: true,
		MicrophoneAvailable: true, CameraAvailable: true, ShareAvailable: true}
	s.People[4].Hand, s.People[6].Hand = 1, 2
	v.Update(s)
	test.DoubleTap(v.stage.tiles["u4"])
	v.header.layout.MouseIn(&desktop.MouseEvent{})
	test.AssertImageMatches(t, "call/pinned-light-en.png", w.Canvas().Capture())
}

func TestControlsAct(t *testing.T) {
	v, _, p, r := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	v.Update(State{Room: "r", People: people(t, p, 1), MicrophoneOn: true, CameraOn: false, MicrophoneAvailable: true, CameraAvailable: true})
	for _, c := range []*control{v.controls.microphone, v.controls.camera, v.controls.chat, v.controls.leave} {
		test.Tap(c)
	}
	test.Tap(v.header.invite)
	test.Tap(v.stage.invite)
	if !reflect.DeepEqual(*r, record{microphone: 1, camera: 1, chat: 1, leave: 1, invite: 2}) {
		t.Errorf("%+v", *r)
	}
	for c, want := range map[*control]string{v.controls.microphone: "Mute", v.controls.camera: "Start camera", v.controls.leave: "Leave"} {
		if got := c.AccessibilityLabel(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	v.Update(State{Room: "r", People: people(t, p, 1), MicrophoneAvailable: false})
	if got := v.controls.microphone.AccessibilityLabel(); got != "No microphone" {
		t.Error(got)
	}
}

func TestTilesOfThoseWhoStayAreKept(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	all := people(t, p, 4)
	v.Update(State{People: all})
	lin := v.stage.tiles["u1"]
	all[1].Muted = false
	v.Update(State{People: append(all[:2:2], all[3])})
	if v.stage.tiles["u1"] != lin {
		t.Error("a tile was made anew")
	}
	if len(v.stage.tiles) != 2 || v.stage.tiles["u2"] != nil {
		t.Errorf("%d tiles", len(v.stage.tiles))
	}
	v.Update(State{People: all[:1]})
	if len(v.stage.tiles) != 0 || !v.stage.title.Visible() {
		t.Error("being alone is not said")
	}
}

func TestPinMakesOneLarge(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	v.Update(State{People: people(t, p, 4)})
	test.DoubleTap(v.stage.tiles["u2"])
	if large, small := v.stage.tiles["u2"].Size(), v.stage.tiles["u1"].Size(); large.Width < 2*small.Width {
		t.Errorf("%v beside %v", large, small)
	}
	test.DoubleTap(v.stage.tiles["u2"])
	if a, b := v.stage.tiles["u2"].Size(), v.stage.tiles["u1"].Size(); a != b {
		t.Errorf("%v beside %v", a, b)
	}
}

func TestOwnPictureIsDraggedAndHidden(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	v.Update(State{People: people(t, p, 2)})
	self := v.stage.self
	self.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-600, -400)})
	self.DragEnd()
	if self.corner != (corner{}) || self.Position().X > 20 {
		t.Errorf("%+v at %v", self.corner, self.Position())
	}
	test.Tap(self.toggle)
	if self.tile.Visible() || self.toggle.AccessibilityLabel() != "Show your picture" {
		t.Error("the own picture is not hidden")
	}
	test.Tap(self.toggle)
	if !self.tile.Visible() || self.Size().Width < 100 {
		t.Error("the own picture does not come back")
	}
}

func TestChatLiesOverANarrowStage(t *testing.T) {
	v, w, p, _ := open(t, theme.Light, "en", fyne.NewSize(500, 600))
	v.Update(State{People: people(t, p, 2), ChatOpen: true})
	if got := v.chat.Size().Width; got != 500 {
		t.Errorf("the chat is %v wide", got)
	}
	w.Resize(fyne.NewSize(1000, 600))
	if got := v.chat.Size().Width; got < chatLeast || got > chatMost {
		t.Errorf("the chat is %v wide", got)
	}
	if right := v.stage.Position().X + v.stage.Size().Width; right > v.chat.Position().X {
		t.Error("the chat lies over a wide stage")
	}
}

// TestProblemLooks has a problem over the stage, with buttons that act.
func TestProblemLooks(t *testing.T) {
	for _, look := range []struct {
		name, language string
		mode           theme.Mode
	}{{"problem-light-en", "en", theme.Light}, {"problem-dark-zh", "zh", theme.Dark}} {
		t.Run(look.name, func(t *testing.T) {
			v, w, p, _ := open(t, look.mode, look.language, fyne.NewSize(900, 600))
			v.Update(State{Room: "standup", People: people(t, p, 3), Elapsed: 754 * time.Second, MicrophoneOn: true, MicrophoneAvailable: true, ChatOpen: look.language == "zh"})
			loc := i18n.New(look.language)
			v.Fail(problem.Problem{What: loc.T("notice.camera.busy"), Why: loc.T("notice.camera.busy.why"), Do: loc.T("notice.camera.busy.advice"), Details: "x"})
			test.AssertImageMatches(t, "call/"+look.name+".png", w.Canvas().Capture())
			v.closeProblem()
			if v.problem.Visible() {
				t.Error("a closed problem stays")
			}
		})
	}
}

func TestNotice(t *testing.T) {
	v, _, p, _ := open(t, theme.Light, "en", fyne.NewSize(900, 600))
	v.Update(State{People: people(t, p, 1)})
	v.Notice("Invite link copied")
	if v.toast.words != "Invite link copied" {
		t.Error("nothing is said")
	}
}

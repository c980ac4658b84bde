package chat

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"

	"parley/session/wire"
	"parley/views/i18n"
	"parley/views/theme"
)

// RecordingState is what happens with a voice message before it is sent.
type RecordingState int

// The states.
const (
	NotRecording RecordingState = iota
	RecordingNow
	RecordingPaused
	RecordingPlayed // the user listens to it
)

// Recording is a voice message before it is sent.
type Recording struct {
	State    RecordingState
	Levels   []byte // loudness so far, 0 to 255
	Length   time.Duration
	Position float32 // of what is played, 0 to 1
	Closed   bool    // nothing can be added any more
}

// recorderRow stands in the composer while a voice message is recorded.
type recorderRow struct {
	loc   *i18n.Localizer
	state Recording
	dot   *canvas.Circle
	time  *canvas.Text
	wave  *canvas.Image
	bin   *roundButton
	pause *roundButton
	play  *roundButton
	root  *fyne.Container
}

func newRecorderRow(loc *i18n.Localizer, a Actions) *recorderRow {
	r := &recorderRow{loc: loc, dot: canvas.NewCircle(nil), time: canvas.NewText("0:00", nil), wave: canvas.NewImageFromImage(nil)}
	call := func(act func()) func() {
		return func() {
			if act != nil {
				act()
			}
		}
	}
	r.bin = newRoundButton("bin", loc.T("recorder.discard"), false, call(a.DiscardRecording))
	r.pause = newRoundButton("pause", loc.T("recorder.pause"), false, func() {
		if a.PauseRecording != nil {
			a.PauseRecording(r.state.State == RecordingNow)
		}
	})
	r.play = newRoundButton("play", loc.T("recorder.listen"), false, func() {
		if a.ListenRecording != nil {
			a.ListenRecording(r.state.State != RecordingPlayed)
		}
	})
	for _, b := range []*roundButton{r.bin, r.pause, r.play} {
		b.enable(true)
	}
	r.wave.FillMode, r.wave.ScaleMode = canvas.ImageFillStretch, canvas.ImageScaleFastest
	r.wave.SetMinSize(fyne.NewSize(32, 28)) // there is a row of buttons beside it, in any window
	r.dot.Resize(fyne.NewSquareSize(dotSide))
	dot := container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(dotSide), r.dot))
	left := container.NewHBox(r.bin, dot, container.NewCenter(container.New(timeRoom{}, r.time)))
	r.root = container.NewBorder(nil, nil, left, container.NewHBox(r.pause, r.play), container.New(layout.NewCustomPaddedLayout(4, 4, theme.SpaceS, theme.SpaceS), r.wave))
	r.root.Hide()
	return r
}

const dotSide = 10

// timeRoom is as wide as any time: what is beside it does not move with it.
type timeRoom struct{}

func (timeRoom) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.MeasureText("00:00", theme.Scaled(theme.TextBody), fyne.TextStyle{})
}

func (timeRoom) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

func (r *recorderRow) show(s Recording) {
	r.state = s
	r.dot.FillColor = theme.Color(theme.ColorDanger)
	if s.State != RecordingNow {
		r.dot.FillColor = theme.Color(theme.ColorMuted)
	} else if s.Length/(500*time.Millisecond)%2 == 1 && !theme.Still() {
		r.dot.FillColor = color.Transparent
	}
	r.time.TextSize = theme.Scaled(theme.TextBody)
	r.time.Text, r.time.Color = lengthText(s.Length.Truncate(time.Second)), theme.Color("foreground")
	if wire.VoiceMax-s.Length < 10*time.Second {
		r.time.Color = theme.Color(theme.ColorDanger)
	}
	if s.State == RecordingNow {
		r.pause.setIcon("pause", r.loc.T("recorder.pause"))
	} else {
		r.pause.setIcon("microphone", r.loc.T("recorder.resume"))
	}
	if s.State == RecordingPlayed {
		r.play.setIcon("stop", r.loc.T("recorder.stop"))
	} else {
		r.play.setIcon("play", r.loc.T("recorder.listen"))
	}
	r.pause.Hidden, r.play.Hidden = s.Closed, s.State == RecordingNow
	size := r.wave.Size()
	key := waveKey{width: int(size.Width), height: int(size.Height)}
	key.litColour, key.unlitColour = waveColours(false)
	bars := key.bars()
	levels := s.Levels
	switch {
	case s.State == RecordingNow && len(levels) > bars:
		levels = levels[len(levels)-bars:] // it runs through
	case s.State == RecordingNow:
		levels = append(make([]byte, bars-len(levels)), levels...)
	}
	if s.State != RecordingPaused {
		key.lit = bars
	}
	if s.State == RecordingPlayed {
		key.lit = int(s.Position * float32(bars))
	}
	r.wave.Image = wave(levels, key)
	r.wave.Refresh()
	r.dot.Refresh()
	r.time.Refresh()
	r.root.Show()
	r.root.Refresh()
}

// mainButton sends what is written, and where there is nothing, records: a
// click begins a recording, and so does holding it, which ends with letting it
// go: beside the button, the recording is thrown away.
type mainButton struct {
	roundButton
	press   func() (records bool)
	release func(away bool)
	now     func() time.Time
	holds   bool
	pressed time.Time
	away    bool
	tapped  bool // the next tap is of the press that began a recording
}

var (
	_ desktop.Mouseable = (*mainButton)(nil)
	_ fyne.Draggable    = (*mainButton)(nil)
)

func newMainButton(label string, tapOn func(), press func() bool, release func(away bool)) *mainButton {
	b := &mainButton{press: press, release: release, now: time.Now}
	b.name, b.label, b.main, b.side = "send", label, true, 36
	b.circle, b.icon = canvas.NewCircle(nil), canvas.NewImageFromResource(nil)
	b.icon.FillMode = canvas.ImageFillContain
	b.tapOn = func() {
		if b.tapped {
			b.tapped = false
			return
		}
		tapOn()
	}
	b.ExtendBaseWidget(b)
	return b
}

const (
	// holdFrom is how long a press lasts that is no click.
	holdFrom = 350 * time.Millisecond
	// slideAway is how far the pointer goes to throw a recording away.
	slideAway = 60
)

// MouseDown implements desktop.Mouseable.
func (b *mainButton) MouseDown(e *desktop.MouseEvent) {
	if e.Button != desktop.MouseButtonPrimary || !b.enabled || !b.press() {
		return
	}
	b.holds, b.away, b.tapped, b.pressed = true, false, true, b.now()
}

// MouseUp implements desktop.Mouseable.
func (b *mainButton) MouseUp(*desktop.MouseEvent) { b.let() }

// Dragged implements fyne.Draggable.
func (b *mainButton) Dragged(e *fyne.DragEvent) {
	b.away = e.Position.X < -slideAway || e.Position.Y < -slideAway
}

// DragEnd implements fyne.Draggable.
func (b *mainButton) DragEnd() {
	b.let()
	b.tapped = false
}

func (b *mainButton) let() {
	if !b.holds {
		return
	}
	b.holds = false
	if b.away || b.now().Sub(b.pressed) >= holdFrom {
		b.release(b.away)
	}
}

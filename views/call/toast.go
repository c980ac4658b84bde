package call

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/views/chat/frames"
	"parley/views/theme"
)

const (
	// toastTime is how long a notice can be read.
	toastTime = 4 * time.Second
	// toastLines is how many lines one has at most.
	toastLines = 3
	// toastWide is how wide a notice becomes before it has a line more.
	toastWide float32 = 520
)

// toast is a notice that goes away.
type toast struct {
	part
	words string
	room  float32 // that it may take of the width
	back  *canvas.Rectangle
	lines [toastLines]*canvas.Text
	fade  *fyne.Animation
}

func newToast() *toast {
	t := &toast{back: canvas.NewRectangle(nil), room: toastWide}
	t.objects = []fyne.CanvasObject{t.back}
	for i := range t.lines {
		t.lines[i] = newText(theme.TextSmall, false)
		t.lines[i].Alignment = fyne.TextAlignCenter
		t.objects = append(t.objects, t.lines[i])
	}
	t.minimum = func() fyne.Size {
		var width, height float32
		for _, line := range t.lines {
			if line.Text != "" {
				text := line.MinSize()
				width, height = max(width, text.Width), height+text.Height
			}
		}
		return fyne.NewSize(width+2*theme.SpaceL, max(34, height+12))
	}
	t.arrange = func(size fyne.Size) {
		t.back.CornerRadius = min(size.Height/2, 17*theme.Scale())
		put(t.back, 0, 0, size.Width, size.Height)
		h := t.lines[0].MinSize().Height
		y := (size.Height - h*float32(t.shown())) / 2
		for _, line := range t.lines {
			put(line, 0, y, size.Width, h)
			y += h
		}
	}
	t.paint = func() {
		t.back.FillColor = theme.Color(theme.ColorShade)
		for _, line := range t.lines {
			line.Color = theme.Color(theme.ColorOnShade)
		}
		t.wrap()
	}
	t.extend(t)
	t.Hide()
	return t
}

// shown is how many lines there are.
func (t *toast) shown() (n int) {
	for _, line := range t.lines {
		if line.Text != "" {
			n++
		}
	}
	return n
}

// within breaks the words for a width of the window.
func (t *toast) within(width float32) {
	if room := min(width, toastWide*theme.Scale()); room != t.room {
		t.room = room
		t.Refresh()
	}
}

// wrap breaks the words into lines about equally long: one that has little room
// should not have a single word below.
func (t *toast) wrap() {
	size, style := t.lines[0].TextSize, t.lines[0].TextStyle
	measure := func(s string) float32 { return fyne.MeasureText(s, size, style).Width }
	room := max(t.room-2*theme.SpaceL, 1)
	lines := frames.Break(t.words, room, measure)
	if n := len(lines); n > 1 && n <= toastLines {
		even := max(measure(t.words)/float32(n)*1.1, room/2)
		if balanced := frames.Break(t.words, min(even, room), measure); len(balanced) == n {
			lines = balanced
		}
	}
	for i, line := range t.lines {
		line.Text = ""
		switch {
		case i == toastLines-1 && len(lines) > toastLines:
			line.Text = ellipsis(lines[i]+"…", room, size, style)
		case i < len(lines):
			line.Text = strings.TrimSpace(lines[i])
		}
	}
}

func (t *toast) say(text string) {
	if t.fade != nil {
		t.fade.Stop()
	}
	t.words = text
	t.Show()
	t.Refresh()
	// The driver's own clock: no goroutine of ours touches the view.
	t.fade = fyne.NewAnimation(toastTime, func(done float32) {
		if done == 1 {
			t.Hide()
		}
	})
	t.fade.Curve = fyne.AnimationLinear
	t.fade.Start()
}

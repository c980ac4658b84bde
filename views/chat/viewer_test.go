package chat

import (
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"parley/views/i18n"
	"parley/views/theme"
)

func TestZoomHoldsThePicture(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	size := func() fyne.Size { return fyne.NewSize(1+random.Float32()*3000, 1+random.Float32()*3000) }
	for range 300 {
		z := zoom{view: size(), picture: size()}
		z.fit()
		for range 30 {
			p := fyne.NewPos(random.Float32()*z.view.Width, random.Float32()*z.view.Height)
			switch random.IntN(3) {
			case 0:
				z.to(z.scale*(0.5+random.Float32()), p)
			case 1:
				z.pan(fyne.NewDelta(random.Float32()*900-450, random.Float32()*900-450))
			case 2:
				z.resize(size())
			}
			got := z.size()
			const e = 0.1
			for _, axis := range [][3]float32{{z.at.X, got.Width, z.view.Width}, {z.at.Y, got.Height, z.view.Height}} {
				at, size, view := axis[0], axis[1], axis[2]
				if size <= view && math.Abs(float64(at-(view-size)/2)) > e || size > view && (at > e || at+size < view-e) {
					t.Fatalf("%+v", z)
				}
			}
			if z.scale < z.fitScale()-1e-4 || z.scale > zoomMost {
				t.Fatalf("scale %v in %+v", z.scale, z)
			}
		}
	}
}

func TestZoomKeepsWhatIsUnderThePointer(t *testing.T) {
	z := zoom{view: fyne.NewSize(800, 600), picture: fyne.NewSize(4000, 3000)}
	z.fit()
	p := fyne.NewPos(300, 200)
	before := fyne.NewPos((p.X-z.at.X)/z.scale, (p.Y-z.at.Y)/z.scale)
	z.to(1, p)
	after := fyne.NewPos((p.X-z.at.X)/z.scale, (p.Y-z.at.Y)/z.scale)
	if d := after.Subtract(before); math.Abs(float64(d.X))+math.Abs(float64(d.Y)) > 0.1 {
		t.Errorf("%v became %v", before, after)
	}
}

func TestViewer(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	w := test.NewTempWindow(t, canvas.NewRectangle(color.White))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(700, 500))
	steps, closed, copied := 0, 0, 0
	v := ShowViewer(w.Canvas(), i18n.New("en"), ViewerActions{Save: func() {}, Copy: func() { copied++ }, Step: func(by int) { steps += by }, Closed: func() { closed++ }})
	if w.Canvas().Focused() != v {
		t.Error("it has not the keyboard")
	}
	v.SetPicture("p", gradient(1600, 900), "The new office, seen from the street")
	v.SetSteps(true, false)
	test.AssertImageMatches(t, "chat/viewer.png", w.Canvas().Capture())
	fit := v.zoom.scale
	v.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 10), PointEvent: fyne.PointEvent{Position: fyne.NewPos(350, 250)}})
	if v.zoom.scale <= fit {
		t.Error("the wheel does not zoom")
	}
	v.DoubleTapped(&fyne.PointEvent{})
	v.DoubleTapped(&fyne.PointEvent{Position: fyne.NewPos(350, 250)})
	if v.zoom.scale != 1 {
		t.Errorf("scale %v", v.zoom.scale)
	}
	at := v.picture.Position()
	v.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(50, 20)})
	if v.picture.Position() == at {
		t.Error("it can't be moved")
	}
	v.TypedRune('0')
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight}) // there is none
	v.TypedShortcut(&fyne.ShortcutCopy{})
	if v.zoom.scale != fit || steps != -1 || copied != 1 {
		t.Errorf("scale %v, %d steps, %d copies", v.zoom.scale, steps, copied)
	}
	v.Tapped(&fyne.PointEvent{Position: fyne.NewPos(350, 250)})
	if closed != 0 {
		t.Error("a click on the picture closes it")
	}
	v.Tapped(&fyne.PointEvent{Position: fyne.NewPos(350, 2)})
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if closed != 1 || w.Canvas().Overlays().Top() != nil {
		t.Errorf("closed %d times", closed)
	}
}

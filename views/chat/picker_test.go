package chat

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

type picked struct {
	texts []string
	tones []int
}

// openPicker shows a picker by itself in a window.
func openPicker(t testing.TB, mode theme.Mode, language string, recents ...string) (*emojiPicker, fyne.Window, *picked) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(mode))
	got := &picked{}
	p := newEmojiPicker(i18n.New(language), &emojis{recents: recents},
		func(text string) { got.texts = append(got.texts, text) },
		func(tone int) { got.tones = append(got.tones, tone) })
	w := test.NewTempWindow(t, container.NewStack(theme.NewPanel(theme.ColorSurface), p))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(pickerWidth, pickerHeight))
	p.focus(w.Canvas())
	return p, w, got
}

func press(p *emojiPicker, keys ...fyne.KeyName) {
	for _, key := range keys {
		p.search.TypedKey(&fyne.KeyEvent{Name: key})
	}
}

// cellCentre is where a cell is in the grid.
func cellCentre(g *emojiGrid, cell int) fyne.Position {
	r := g.rows[g.rowOf[cell]]
	return fyne.NewPos((float32(cell-r.first)+0.5)*g.cellWidth(), r.y+emojiCellSize/2)
}

func tapCell(g *emojiGrid, cell int) {
	g.Tapped(&fyne.PointEvent{Position: cellCentre(g, cell)})
}

func tapStrip(s *choiceStrip, i int) {
	width := s.Size().Width / float32(len(s.items))
	s.Tapped(&fyne.PointEvent{Position: fyne.NewPos((float32(i)+0.5)*width, s.Size().Height/2)})
}

// inView are the emoji that the grid has objects for, row by row.
func inView(g *emojiGrid) string {
	type placed struct {
		fyne.Position
		text string
	}
	var all []placed
	for _, s := range g.slots {
		for _, f := range s.faces {
			if f.image.Visible() {
				all = append(all, placed{f.image.Position(), f.text})
			}
		}
	}
	slices.SortFunc(all, func(a, b placed) int {
		if a.Y != b.Y {
			return int(a.Y - b.Y)
		}
		return int(a.X - b.X)
	})
	var texts []string
	for _, p := range all {
		texts = append(texts, p.text)
	}
	return strings.Join(texts, " ")
}

func TestPickerLooks(t *testing.T) {
	t.Run("light-en", func(t *testing.T) {
		p, w, _ := openPicker(t, theme.Light, "en", "👍🏽", "❤", "🎉", "😂")
		p.grid.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: cellCentre(p.grid, 6)}})
		test.AssertImageMatches(t, "chat/picker-light-en.png", w.Canvas().Capture())
	})
	t.Run("dark-zh", func(t *testing.T) {
		p, w, _ := openPicker(t, theme.Dark, "zh")
		tapStrip(p.tones, 3)
		tapStrip(p.tabs, 1)
		p.grid.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: cellCentre(p.grid, len(p.grid.sections[0].cells))}})
		test.AssertImageMatches(t, "chat/picker-dark-zh.png", w.Canvas().Capture())
	})
	t.Run("found", func(t *testing.T) {
		p, w, _ := openPicker(t, theme.Light, "zh")
		test.Type(p.search, "猫")
		test.AssertImageMatches(t, "chat/picker-found.png", w.Canvas().Capture())
	})
}

func TestPickerSearches(t *testing.T) {
	p, _, got := openPicker(t, theme.Light, "en", "🎉")
	if p.tabs.chosen != 0 || !strings.HasPrefix(inView(p.grid), "🎉 😀") {
		t.Error(inView(p.grid))
	}
	press(p, fyne.KeyReturn)
	if len(got.texts) != 0 {
		t.Error("chose what nobody meant")
	}
	test.Type(p.search, "cat")
	if !strings.HasPrefix(inView(p.grid), "🐱 🐈") || strings.Contains(inView(p.grid), "😀") || p.tabs.chosen != -1 || p.name.Text != "cat face" {
		t.Errorf("%s, %s", inView(p.grid), p.name.Text)
	}
	press(p, fyne.KeyReturn)
	press(p, fyne.KeyRight, fyne.KeyEnter) // moves in the text
	press(p, fyne.KeyDown, fyne.KeyUp, fyne.KeyRight, fyne.KeyEnter)
	if want := []string{"🐱", "🐱", "🐈"}; !slices.Equal(got.texts, want) {
		t.Errorf("%q, want %q", got.texts, want)
	}
	test.Type(p.search, "qqq")
	if inView(p.grid) != "" || !p.none.Visible() || p.name.Text != "" {
		t.Error(inView(p.grid))
	}
	press(p, fyne.KeyReturn, fyne.KeyDown)
	p.search.SetText("")
	if p.none.Visible() || p.tabs.chosen != 0 || !strings.HasPrefix(inView(p.grid), "🎉 😀") {
		t.Error(inView(p.grid))
	}
	ended := false
	p.close = func() { ended = true }
	press(p, fyne.KeyEscape)
	if !ended || len(got.texts) != 3 {
		t.Error("Escape ends nothing")
	}
}

func TestPickerTones(t *testing.T) {
	p, w, got := openPicker(t, theme.Light, "en", "👍🏽")
	wave := func() int {
		return slices.IndexFunc(p.grid.cells, func(c emojiCell) bool { return c.emoji.Text == "👋" })
	}
	tapCell(p.grid, 0)
	tapCell(p.grid, wave())
	tapStrip(p.tones, 5)
	tapCell(p.grid, 0) // keeps the tone that it was used with
	tapCell(p.grid, wave())
	tapCell(p.grid, 1)
	tapStrip(p.tones, 0)
	tapCell(p.grid, wave())
	if want := []string{"👍🏽", "👋", "👍🏽", "👋🏿", "😀", "👋"}; !slices.Equal(got.texts, want) {
		t.Errorf("%q, want %q", got.texts, want)
	}
	if want := []int{5, 0}; !slices.Equal(got.tones, want) {
		t.Errorf("%v", got.tones)
	}
	w.Canvas().Unfocus()
	tapStrip(p.tones, 2)
	if w.Canvas().Focused() != fyne.Focusable(p.search) {
		t.Error("a tap takes the search its cursor")
	}
}

func TestPickerTabs(t *testing.T) {
	p, _, _ := openPicker(t, theme.Light, "en")
	for i, first := range []string{"😀", "👋", "🐵", "🍇", "🌍", "🎃"} {
		tapStrip(p.tabs, i)
		if shown := inView(p.grid); !strings.HasPrefix(shown, first) || p.tabs.chosen != i {
			t.Errorf("tab %d: %s", i, shown)
		}
	}
	tapStrip(p.tabs, 0)
	p.grid.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -1000)})
	if p.tabs.chosen != 1 {
		t.Errorf("scrolled to tab %d", p.tabs.chosen)
	}
	test.Type(p.search, "cat")
	tapStrip(p.tabs, 3)
	if !strings.HasPrefix(inView(p.grid), "🍇") || p.search.Text != "" {
		t.Error(inView(p.grid))
	}
	p.tabs.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(1, 1)}})
	if p.name.Text != "Smileys" {
		t.Error(p.name.Text)
	}
}

func TestPickerArrowsComeEverywhere(t *testing.T) {
	p, _, _ := openPicker(t, theme.Light, "en", "🎉", "👍")
	g := p.grid
	press(p, fyne.KeyDown, fyne.KeyRight, fyne.KeyRight)
	if g.current != 2 || g.cells[2].text != "😀" {
		t.Errorf("at %d", g.current)
	}
	press(p, fyne.KeyUp, fyne.KeyUp)
	if g.current != 0 {
		t.Errorf("at %d", g.current)
	}
	for range g.rows {
		press(p, fyne.KeyDown)
		r := g.rows[g.rowOf[g.current]]
		if r.y < g.scroll.Offset.Y || r.y+r.height() > g.scroll.Offset.Y+g.scroll.Size().Height+0.01 {
			t.Fatalf("cell %d is out of view", g.current)
		}
	}
	if last := g.rows[len(g.rows)-1]; g.current != last.first || p.tabs.chosen != 9 {
		t.Errorf("ends at %d, tab %d", g.current, p.tabs.chosen)
	}
}

func TestPickerStaysInTheWindow(t *testing.T) {
	for _, window := range []fyne.Size{{Width: 900, Height: 600}, {Width: 360, Height: 400}, {Width: 250, Height: 260}} {
		for _, at := range []fyne.Position{{}, {X: 890, Y: 590}, {X: 100, Y: 380}, {X: 400, Y: 10}} {
			pos, size := pickerPlace(window, at)
			if pos.X < 0 || pos.Y < 0 || pos.X+size.Width > window.Width || pos.Y+size.Height > window.Height {
				t.Errorf("at %v of %v: %v %v", at, window, pos, size)
			}
		}
	}
	if pos, size := pickerPlace(fyne.NewSize(900, 600), fyne.NewPos(100, 550)); pos.Y+size.Height > 550 {
		t.Errorf("%v %v covers what it is for", pos, size)
	}
}

func TestPickerPopsUp(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	entry := widget.NewEntry()
	w := test.NewTempWindow(t, container.NewStack(canvas.NewRectangle(nil), entry))
	w.Resize(fyne.NewSize(300, 280))
	c := w.Canvas()
	c.Focus(entry)
	var hide func()
	chosen := ""
	hide = showEmojiPicker(c, fyne.NewPos(200, 270), i18n.New("en"), &emojis{}, func(text string) {
		chosen = text
		hide()
	}, func(int) {})
	popUp, is := c.Focused().(*pickerSearch)
	if !is || c.Overlays().Top() == nil {
		t.Fatal("it is not open")
	}
	test.Type(popUp, "heart")
	popUp.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if chosen != "❤️" || c.Overlays().Top() != nil || c.Focused() != fyne.Focusable(entry) {
		t.Errorf("chose %q", chosen)
	}
	showEmojiPicker(c, fyne.NewPos(0, 0), i18n.New("en"), &emojis{}, func(string) {}, func(int) {})
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if c.Overlays().Top() != nil {
		t.Error("Escape does not close it")
	}
}

func BenchmarkPickerOpens(b *testing.B) {
	test.NewTempApp(b).Settings().SetTheme(theme.New(theme.Light))
	loc := i18n.New("en")
	w := test.NewTempWindow(b, theme.NewPanel(theme.ColorSurface))
	w.Resize(fyne.NewSize(900, 600))
	all := &emojis{recents: []string{"👍🏽", "❤", "🎉", "😂"}, tone: 2}
	for b.Loop() {
		showEmojiPicker(w.Canvas(), fyne.NewPos(400, 580), loc, all, func(string) {}, func(int) {})()
	}
}

func BenchmarkPickerOpensAndPaints(b *testing.B) {
	test.NewTempApp(b).Settings().SetTheme(theme.New(theme.Light))
	loc := i18n.New("en")
	w := test.NewTempWindow(b, theme.NewPanel(theme.ColorSurface))
	w.Resize(fyne.NewSize(400, 400))
	all := &emojis{}
	for b.Loop() {
		hide := showEmojiPicker(w.Canvas(), fyne.NewPos(0, 390), loc, all, func(string) {}, func(int) {})
		w.Canvas().Capture()
		hide()
	}
}

func BenchmarkPickerScrolls(b *testing.B) {
	p, _, _ := openPicker(b, theme.Light, "en")
	down := true
	for b.Loop() {
		before := p.grid.scroll.Offset.Y
		step := float32(-40)
		if !down {
			step = 40
		}
		p.grid.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, step)})
		if p.grid.scroll.Offset.Y == before {
			down = !down
		}
	}
}

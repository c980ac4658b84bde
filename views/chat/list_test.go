package chat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

// at is where a byte of a message's text is, in its row.
func textAt(v *View, id string, i int) fyne.Position {
	f := v.list.rows.byID[id].frames
	r := f.Range(i, i+1, fyneMetrics{})[0]
	return fyne.NewPos(r.X+1, r.Y+r.H/2)
}

func pressOn(v *View, id string, at fyne.Position) {
	v.list.rows.byID[id].cell.hit.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}, Button: desktop.MouseButtonPrimary})
}

func TestTextIsSelectedAndCopied(t *testing.T) {
	v, w, r := open(t, theme.Light, "en", fyne.NewSize(380, 640))
	v.Reset(conversation(), Opening{})
	copyIt := func() string {
		r.done = nil
		v.list.TypedShortcut(&fyne.ShortcutCopy{})
		return strings.Join(r.done, "|")
	}
	text := v.list.rows.byID["4"].message.Text // Yes, three is fine.
	hit := v.list.rows.byID["4"].cell.hit
	pressOn(v, "4", textAt(v, "4", 5))
	hit.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: textAt(v, "4", 10)}})
	hit.DragEnd()
	if got := copyIt(); got != "copy three" {
		t.Errorf("%q", got)
	}
	if w.Canvas().Focused() != v.list {
		t.Error("the list has not the keyboard")
	}
	// Again at the same place: the word, and then all of it.
	pressOn(v, "4", textAt(v, "4", 1))
	pressOn(v, "4", textAt(v, "4", 1))
	if got := copyIt(); got != "copy Yes" {
		t.Errorf("%q", got)
	}
	pressOn(v, "4", textAt(v, "4", 1))
	if got := copyIt(); got != "copy "+text {
		t.Errorf("%q", got)
	}
	// Another message takes over; a click beside text lets go.
	pressOn(v, "2", textAt(v, "2", 0))
	v.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := copyIt(); got != "copy "+v.list.rows.byID["2"].message.Text {
		t.Errorf("%q", got)
	}
	pressOn(v, "2", fyne.NewPos(1, 1))
	if got := copyIt(); got != "" {
		t.Errorf("%q", got)
	}
}

func TestLinksOpen(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 640))
	v.Reset(conversation(), Opening{})
	hit := v.list.rows.byID["5"].cell.hit
	at := textAt(v, "5", 10)
	if hit.Cursor() == nil {
		t.Fatal("no cursor before the first move: the driver needs one")
	}
	hit.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at}})
	if hit.Cursor() != desktop.PointerCursor {
		t.Error("a link looks like none")
	}
	hit.Tapped(&fyne.PointEvent{Position: at})
	if want := "link " + v.list.rows.byID["5"].message.Text; !slices.Equal(r.done, []string{want}) {
		t.Errorf("%q", r.done)
	}
}

func TestKeyboardInTheList(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 400), Opening{})
	key := func(name fyne.KeyName) { v.list.TypedKey(&fyne.KeyEvent{Name: name}) }
	v.list.focus()
	key(fyne.KeyUp)
	if v.list.current != "m000399" {
		t.Errorf("at %s", v.list.current)
	}
	for range 20 {
		key(fyne.KeyUp)
	}
	x := v.list.rows.byID[v.list.current]
	if v.list.current != "m000379" || x.cell == nil || v.list.rows.top(x) < v.list.scroll.Offset.Y {
		t.Errorf("at %s, in view: %v", v.list.current, x.cell != nil)
	}
	r.done = nil
	v.list.TypedShortcut(&fyne.ShortcutCopy{})
	if len(r.done) != 1 {
		t.Errorf("%q", r.done)
	}
	id, offset := onScreen(v)
	key(fyne.KeyPageUp)
	if x := v.list.rows.byID[id]; v.list.rows.top(x)-v.list.scroll.Offset.Y < 350 {
		t.Error("a page up is none")
	}
	key(fyne.KeyPageDown)
	if now, at := onScreen(v); now != id || at-offset > 1 || offset-at > 1 {
		t.Errorf("up and down leads from %s at %v to %s at %v", id, offset, now, at)
	}
	key(fyne.KeyEnd)
	if !v.AtBottom() {
		t.Error("End does not lead to the newest")
	}
	key(fyne.KeyHome)
	if r.done[len(r.done)-1] != "oldest" {
		t.Errorf("%q", r.done)
	}
	v.list.TypedRune('h')
	if v.Draft() != "h" {
		t.Errorf("what is typed is lost: %q", v.Draft())
	}
}

func TestTheWindowMovesWithTheReader(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	const all = 10_000
	v.Reset(many(all-50, all), Opening{})
	asked := r.older
	for v.Oldest() != "m000000" {
		scrollTo(v, 0)
		if r.older == asked {
			t.Fatalf("nothing is asked for at %s", v.Oldest())
		}
		asked = r.older
		var oldest int
		fmt.Sscanf(v.Oldest(), "m%d", &oldest)
		id, offset := onScreen(v)
		v.Prepend(many(max(oldest-50, 0), oldest)...)
		if now, at := onScreen(v); now != id || at-offset > 0.01 || offset-at > 0.01 {
			t.Fatalf("a page moved %s at %v to %s at %v", id, offset, now, at)
		}
		if v.list.rows.len() > rowsMost+50 {
			t.Fatalf("%d rows", v.list.rows.len())
		}
	}
	if !v.list.more || v.AtBottom() {
		t.Error("the newest are still there")
	}
	// What comes meanwhile is counted, not shown.
	v.Update(Message{ID: "new", UserID: "u", Text: "new", Time: now(), Order: all + 1})
	if v.Has("new") || v.list.unseen != 1 {
		t.Errorf("%d unseen", v.list.unseen)
	}
	newer := r.newer
	for v.Newest() != fmt.Sprintf("m%06d", all-1) {
		scrollTo(v, v.list.size.height)
		if r.newer == newer {
			t.Fatalf("nothing is asked for at %s", v.Newest())
		}
		newer = r.newer
		var newest int
		fmt.Sscanf(v.Newest(), "m%d", &newest)
		v.Append(newest+51 < all, many(newest+1, min(newest+51, all))...)
	}
	scrollTo(v, v.list.size.height)
	if !v.AtBottom() || v.list.unseen != 0 {
		t.Errorf("at the bottom: %v, %d unseen", v.AtBottom(), v.list.unseen)
	}
}

func TestSeenIsWhatWasInView(t *testing.T) {
	v, _, r := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 200), Opening{Unread: "m000100"})
	first := r.seen
	if first < "m000100" || first > "m000115" {
		t.Errorf("seen up to %s", first)
	}
	scrollTo(v, 0)
	if r.seen != first {
		t.Errorf("going back changed it to %s", r.seen)
	}
	scrollTo(v, v.list.size.height)
	if r.seen != "m000199" {
		t.Errorf("at the end it is %s", r.seen)
	}
}

func TestAPictureThatComesMovesNothing(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	list := many(0, 300)
	for i := range list {
		if i%5 == 0 {
			list[i].Kind, list[i].Width, list[i].Height, list[i].Text = 1, 400, 300, ""
		}
	}
	v.Reset(list, Opening{At: "m000150", Offset: 100})
	if id, _ := onScreen(v); v.list.rows.byID["m000150"].cell == nil {
		t.Fatalf("at %s", id)
	}
	id, offset := onScreen(v)
	check := func(what string) {
		t.Helper()
		if gotID, got := onScreen(v); gotID != id || got-offset > 0.01 || offset-got > 0.01 {
			t.Errorf("%s moved %s at %v to %s at %v", what, id, offset, gotID, got)
		}
	}
	for i := range list {
		v.Change(list[i].ID, func(m *Message) { m.Image = gradient(40, 30) })
	}
	check("the pictures")
	for i := range list[:140] {
		v.Change(list[i].ID, func(m *Message) { m.Reactions = []Reaction{{"👍", i + 1, false}} })
	}
	check("the reactions")
	w.Resize(fyne.NewSize(380, 420))
	check("a lower window")
	w.Resize(fyne.NewSize(600, 420))
	if gotID, _ := onScreen(v); gotID != id {
		t.Errorf("a wider window shows %s instead of %s", gotID, id)
	}
}

func TestSlowScrollLeavesTheBottom(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 500))
	v.Reset(many(0, 200), Opening{})
	end := v.list.scroll.Offset.Y
	for i := range 10 {
		scrollTo(v, end-float32(i+1))
	}
	if got := v.list.scroll.Offset.Y; got != end-10 {
		t.Errorf("ten steps of one lead from %v to %v", end, got)
	}
}

func TestHoverOffersWhatIsDoneMost(t *testing.T) {
	v, _, _ := open(t, theme.Light, "en", fyne.NewSize(380, 640))
	v.Reset(conversation(), Opening{})
	over := func(id string) bool {
		x := v.list.rows.byID[id]
		x.cell.hit.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x.frames.Bubble.X+5, x.frames.Bubble.Y+5)}})
		return v.list.hover.Visible()
	}
	for id, want := range map[string]bool{"2": true, "4": true, "6": false, "8": false, "9": false} {
		if over(id) != want {
			t.Errorf("%s: %v", id, !want)
		}
	}
	over("2")
	test.Tap(v.list.hover.buttons[1])
	if v.composer.about.id != "2" || v.list.hover.Visible() {
		t.Error("the button does not answer")
	}
}

func TestALongPressOpensTheMenu(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 640))
	var act func()
	v.list.after = func(d time.Duration, f func()) func() {
		act = f
		return func() { act = nil }
	}
	v.Reset(everything(), Opening{})
	f := v.list.rows.byID["f1"].frames
	pressOn(v, "f1", fyne.NewPos(f.Button.X+5, f.Button.Y+5))
	if act == nil {
		t.Fatal("nothing waits")
	}
	act()
	if w.Canvas().Overlays().Top() == nil {
		t.Error("there is no menu")
	}
}

func TestSearch(t *testing.T) {
	v, w, r := open(t, theme.Light, "en", fyne.NewSize(380, 520))
	v.Reset(conversation(), Opening{})
	v.OpenSearch()
	e := v.header.entry
	if w.Canvas().Focused() != e {
		t.Error("nowhere to write")
	}
	test.Type(e, "the")
	v.SetFound("th", []string{"8"}) // of an earlier moment
	v.SetFound("the", []string{"8", "1"})
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) // there is none
	test.AssertImageMatches(t, "chat/search.png", w.Canvas().Capture())
	test.Tap(v.header.newer)
	if want := []string{"search t", "search th", "search the", "jump 8", "jump 1", "jump 8"}; !slices.Equal(r.done, want) {
		t.Errorf("%q", r.done)
	}
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if v.header.search.Visible() || len(v.list.words) != 0 || e.Text != "" {
		t.Error("it does not end")
	}
}

func TestCalendar(t *testing.T) {
	for name, mode := range map[string]theme.Mode{"en": theme.Light, "zh": theme.Dark} {
		v, w, r := open(t, mode, name, fyne.NewSize(380, 420))
		v.Reset(conversation(), Opening{})
		test.Tap(v.header.date)
		test.AssertImageMatches(t, "chat/calendar-"+name+".png", w.Canvas().Capture())
		month := newCalendar(v.header.loc, now(), now(), v.header.actions.ToDate)
		if month.later.enabled {
			t.Error("the future can be chosen")
		}
		test.Tap(month.days[15]) // 23 February is the first that is shown
		month.month = month.month.AddDate(0, -1, 0)
		month.show()
		test.Tap(month.days[0])
		if want := []string{"date 2026-03-10", "date 2026-01-26"}; !slices.Equal(r.done, want) {
			t.Errorf("%q, want %q", r.done, want)
		}
	}
}

func TestFoundWordsAreMarked(t *testing.T) {
	for _, c := range []struct {
		text  string
		words string
		want  []string
	}{
		{"Hello, hello world", "hello", []string{"Hello", "hello"}},
		{"unhelpful help", "help", []string{"help"}},
		{"明天开会讨论", "开会", []string{"开会"}},
		{"İstanbul ÄPFEL äpfel", "äpfel", []string{"ÄPFEL", "äpfel"}},
		{"", "x", nil},
	} {
		var got []string
		for _, at := range found(c.text, strings.Fields(c.words)) {
			got = append(got, c.text[at[0]:at[1]])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q in %q: %q", c.words, c.text, got)
		}
	}
}

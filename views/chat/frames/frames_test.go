package frames

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// ruler is a font whose every character is half as wide as high, Han twice.
type ruler struct{ scale float32 }

func (r ruler) Width(text string, size float32, _ Face) float32 {
	w := float32(0)
	for _, c := range text {
		if c > 0x2e80 {
			w += size
		} else {
			w += size / 2
		}
	}
	return w * r.scale
}

func (r ruler) LineHeight(size float32) float32 { return size * 1.4 * r.scale }

func sizes() Sizes {
	return Sizes{Margin: 12, Avatar: 36, Gap: 8, GroupGap: 3, BubblePadding: 10, Text: 14, Emoji: 36, Caption: 11, Mark: 14, MaxBubble: 460,
		PictureMost: 320, PictureLeast: 80, VoiceLeast: 60, VoiceMost: 260, Button: 36}
}

func corpus() []Message {
	at := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	texts := []string{
		"Hi", "你好，世界", strings.Repeat("word ", 60), strings.Repeat("长", 200), strings.Repeat("x", 4000), "one\ntwo\n\nfour",
		"👍", "👨‍👩‍👧‍👦🎉", "مرحبا بالعالم", "🇩🇪 flag in text", strings.Repeat("👍🏽", 50), " ", "é́́́́", "a",
		"see https://example.org/a?b=c, or www.example.org/" + strings.Repeat("long/", 40) + ".", "مرحبا world بالعالم 123 " + strings.Repeat("مرحبا ", 30),
		"look:\n```go\nfunc main() {\n\tprintln(\"" + strings.Repeat("x", 100) + "\")\n}\n```\nnice", "```\n```", "```\nopen",
	}
	var all []Message
	for i := range 60 {
		m := Message{UserID: []string{"ann", "bob"}[i/3%2], Own: i/3%2 == 0, Text: texts[i%len(texts)], Time: at, Clock: "09:00", Day: at.Format("Jan 2")}
		m.Marked = m.Own
		if i%17 == 0 {
			m.Failed = "Too long"
		}
		switch i % 7 {
		case 1:
			m.Kind, m.Width, m.Height = Picture, []int{4000, 10, 300, 0}[i%4], []int{3000, 4000, 20, 0}[i%4]
			if i%2 == 0 {
				m.Text = ""
			}
		case 3:
			m.Kind, m.Text, m.Duration = Voice, "", time.Duration(i)*time.Second
		case 5:
			m.Kind, m.FileName, m.FileNote = File, strings.Repeat("long name ", i%12)+"report.pdf", "1.2 MB"
			m.Text = ""
		}
		if i%5 == 2 {
			m.QuoteName, m.QuoteText = strings.Repeat("Ann ", i%9+1), strings.Repeat("quoted ", i)
		}
		for j := range i % 8 {
			m.Reactions = append(m.Reactions, []Reaction{{"👍", "2"}, {"❤️", ""}, {"😂", "99+"}}[j%3])
		}
		if i%13 == 4 {
			m.Unread = "New messages"
		}
		all = append(all, m)
		at = at.Add(time.Duration(i%9) * time.Minute)
		if i%20 == 19 {
			at = at.Add(24 * time.Hour)
		}
	}
	return all
}

func inside(r, of Rect) bool {
	const e = 0.01
	return r.X >= of.X-e && r.Y >= of.Y-e && r.X+r.W <= of.X+of.W+e && r.Y+r.H <= of.Y+of.H+e
}

func overlap(a, b Rect) bool {
	const e = 0.01
	return !a.Empty() && !b.Empty() && a.X+a.W > b.X+e && b.X+b.W > a.X+e && a.Y+a.H > b.Y+e && b.Y+b.H > a.Y+e
}

func TestFramesHoldTheirProperties(t *testing.T) {
	messages := corpus()
	for _, scale := range []float32{0.8, 1, 1.4, 2} {
		for width := float32(200); width <= 2000; width += 173 {
			for i, m := range messages {
				var before *Message
				if i > 0 {
					before = &messages[i-1]
				}
				f := Compute(m, before, width, ruler{scale}, sizes())
				row := Rect{0, 0, width, f.Height}
				for name, r := range map[string]Rect{"divider": f.Divider, "avatar": f.Avatar, "name": f.Name, "bubble": f.Bubble, "failed": f.Failed, "unread": f.Unread} {
					if !r.Empty() && !inside(r, row) {
						t.Fatalf("width %v scale %v message %d: %s %+v outside %+v", width, scale, i, name, r, row)
					}
				}
				for _, pair := range [][2]Rect{{f.Divider, f.Bubble}, {f.Avatar, f.Bubble}, {f.Name, f.Bubble}, {f.Failed, f.Bubble}, {f.Divider, f.Avatar}, {f.Clock, f.Mark}} {
					if overlap(pair[0], pair[1]) {
						t.Fatalf("width %v scale %v message %d: %+v overlaps %+v", width, scale, i, pair[0], pair[1])
					}
				}
				content := map[string]Rect{"quote": f.Quote, "picture": f.Picture, "button": f.Button, "wave": f.Wave, "length": f.Length, "file": f.FileName.Rect, "note": f.FileNote.Rect}
				for name, r := range content {
					if !r.Empty() && !inside(r, f.Bubble) {
						t.Fatalf("width %v scale %v message %d: %s %+v outside bubble %+v", width, scale, i, name, r, f.Bubble)
					}
					for other, o := range content {
						if name != other && overlap(r, o) {
							t.Fatalf("width %v scale %v message %d: %s %+v overlaps %s %+v", width, scale, i, name, r, other, o)
						}
					}
					for _, line := range f.Lines {
						if overlap(r, line.Rect) {
							t.Fatalf("width %v scale %v message %d: %s %+v overlaps %+v", width, scale, i, name, r, line)
						}
					}
					if overlap(r, f.Clock) || overlap(r, f.Mark) {
						t.Fatalf("width %v scale %v message %d: %s %+v under the clock %+v", width, scale, i, name, r, f.Clock)
					}
				}
				for _, line := range []Line{f.QuoteName, f.QuoteText} {
					if !line.Empty() && !inside(line.Rect, f.Quote) {
						t.Fatalf("width %v scale %v message %d: %+v outside the quote %+v", width, scale, i, line, f.Quote)
					}
				}
				if !f.Picture.Empty() && (max(f.Picture.W, f.Picture.H) > 320 || f.Picture.H < 80) {
					t.Fatalf("width %v message %d: a picture of %+v", width, i, f.Picture)
				}
				for j, chip := range f.Reactions {
					if !inside(chip.Rect, row) || overlap(chip.Rect, f.Bubble) || overlap(chip.Rect, f.Failed) || j > 0 && overlap(chip.Rect, f.Reactions[j-1].Rect) {
						t.Fatalf("width %v scale %v message %d: chip %+v", width, scale, i, chip)
					}
				}
				if len(f.Reactions) != len(m.Reactions) {
					t.Fatalf("%d chips", len(f.Reactions))
				}
				for j, line := range f.Lines {
					if !inside(line.Rect, f.Bubble) {
						t.Fatalf("width %v scale %v message %d: line %+v outside bubble %+v", width, scale, i, line.Rect, f.Bubble)
					}
					for k, p := range line.Pieces {
						if !inside(p.Rect, line.Rect) || k > 0 && overlap(p.Rect, line.Pieces[k-1].Rect) || m.Text[p.From:p.To] != p.Text {
							t.Fatalf("width %v scale %v message %d: piece %+v of %+v", width, scale, i, p, line.Rect)
						}
					}
					if j > 0 && overlap(line.Rect, f.Lines[j-1].Rect) {
						t.Fatalf("lines overlap")
					}
					if overlap(line.Rect, f.Clock) || overlap(line.Rect, f.Mark) {
						t.Fatalf("width %v scale %v message %d: line %+v under the clock %+v", width, scale, i, line, f.Clock)
					}
				}
				if again := Compute(m, before, width, ruler{scale}, sizes()); !reflect.DeepEqual(f, again) {
					t.Fatal("the same message has two layouts")
				}
			}
		}
	}
}

func TestBreakLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("ab cd，。你好世界 👍🏽é\u0301-/")
	measure := func(s string) float32 { return float32(utf8.RuneCountInString(s)) }
	for range 500 {
		var b strings.Builder
		for range random.IntN(80) {
			b.WriteRune(alphabet[random.IntN(len(alphabet))])
		}
		text := b.String()
		lines := Break(text, 12, measure)
		strip := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := strip(strings.Join(lines, "")); got != strip(text) {
			t.Fatalf("%q became %q", text, got)
		}
		for _, line := range lines {
			if measure(line) > 12 && utf8.RuneCountInString(line) > 12+6 {
				t.Errorf("%q is wider than a line", line)
			}
		}
	}
}

func TestEmojiAlone(t *testing.T) {
	for text, want := range map[string]bool{
		"👍": true, "👍👍👍": true, "👍👍👍👍": false, "👨‍👩‍👧‍👦": true, "🇩🇪🇨🇳": true, "❤️": true, "a👍": false, "": false, "123": false, "☎︎": false,
	} {
		if got := emojiAlone(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestGroupsAndDividers(t *testing.T) {
	at := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	first := Message{UserID: "ann", Text: "a", Time: at, Clock: "09:00", Day: "Fri"}
	soon, late, other, nextDay := first, first, first, first
	soon.Time = at.Add(time.Minute)
	late.Time, late.Clock = at.Add(6*time.Minute), "09:06"
	other.UserID = "bob"
	nextDay.Time, nextDay.Day = at.Add(15*time.Hour), "Sat"
	for _, test := range []struct {
		name    string
		m       Message
		before  *Message
		divider string
		avatar  bool
	}{
		{"the first", first, nil, "Fri", true},
		{"the same person soon after", soon, &first, "", false},
		{"after a pause", late, &first, "09:06", true},
		{"somebody else", other, &first, "", true},
		{"another day", nextDay, &first, "Sat", true},
	} {
		f := Compute(test.m, test.before, 400, ruler{1}, sizes())
		if f.Says != test.divider || f.Avatar.Empty() == test.avatar {
			t.Errorf("%s: divider %q, avatar %+v", test.name, f.Says, f.Avatar)
		}
	}
}

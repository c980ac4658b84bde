package frames

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLinks(t *testing.T) {
	for text, want := range map[string][]string{
		"see https://example.org/a_(b)?c=d#e. And":   {"https://example.org/a_(b)?c=d#e"},
		"(https://example.org)":                      {"https://example.org"},
		"请看https://example.org/路径。谢谢":                {"https://example.org/路径"},
		"www.example.org, WWW.Example.org/x":         {"https://www.example.org", "https://WWW.Example.org/x"},
		"mailto:ann@example.org parley://host/room":  {"mailto:ann@example.org", "parley://host/room"},
		"xhttps://example.org http:// www.x file:/x": nil,
		"javascript:alert(1) ftp://example.org":      nil,
		"HTTP://A.B":                                 {"HTTP://A.B"},
	} {
		var got []string
		for _, l := range Links(text) {
			got = append(got, l.Address)
			if l.From < 0 || l.To > len(text) || l.From >= l.To {
				t.Errorf("%q: %+v", text, l)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func texts(lines []TextLine) (all []string) {
	for _, l := range lines {
		s := ""
		for _, p := range l.Pieces {
			s += "[" + p.Text + "]"
		}
		all = append(all, s)
	}
	return all
}

func TestPiecesStandAsTheyAreRead(t *testing.T) {
	for text, want := range map[string][]string{
		"abc def":                   {"[abc def]"},
		"a שלום b":                  {"[a ][שלום][ b]"},
		"שלום abc עולם":             {"[עולם][ ][abc][ ][שלום]"},
		"שלום (עולם)!":              {"[)!][עולם][ (][שלום]"},
		"go to http://a.b/c now":    {"[go to ][http://a.b/c][ now]"},
		"x\n```go\nif {\n}\n```\ny": {"[x]", "[if {]", "[}]", "[y]"},
		"```\nnot closed":           {"[```]", "[not closed]"},
		"":                          {""},
		"a\r\nb":                    {"[a]", "[b]"},
	} {
		got := texts(layText(text, 1000, 14, sizes(), ruler{1}))
		for i := range got {
			if got[i] == "[]" {
				got[i] = ""
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRightToLeftStandsAtTheRight(t *testing.T) {
	m := Message{UserID: "a", Text: "שלום\nan answer that is longer", Clock: "09:00", Day: "Fri"}
	f := Compute(m, nil, 400, ruler{1}, sizes())
	first, second := f.Lines[0], f.Lines[1]
	if !first.RTL || second.RTL || first.X <= second.X || first.X+first.W > f.Bubble.X+f.Bubble.W {
		t.Errorf("%+v, %+v in %+v", first.Rect, second.Rect, f.Bubble)
	}
}

func FuzzText(f *testing.F) {
	for _, m := range corpus() {
		f.Add(m.Text)
	}
	f.Add("a\xffb https://\xff ```\n\xff\n```")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 8192 {
			return
		}
		at := 0
		for _, line := range layText(text, 200, 14, sizes(), ruler{1}) {
			if line.From < at || line.To < line.From || line.To > len(text) {
				t.Fatalf("%q: line %+v after %d", text, line, at)
			}
			at = line.To
			drawn := 0
			for _, p := range line.Pieces {
				if p.From < line.From || p.To > line.To || p.Text != text[p.From:p.To] {
					t.Fatalf("%q: piece %+v of line %+v", text, p, line)
				}
				drawn += p.To - p.From
			}
			if drawn != line.To-line.From {
				t.Fatalf("%q: %d of %d bytes are drawn in %+v", text, drawn, line.To-line.From, line)
			}
		}
		for _, end := range Clusters(text) {
			if end > len(text) || utf8.ValidString(text) && !utf8.ValidString(text[:end]) {
				t.Fatalf("%q: a cluster ends at %d", text, end)
			}
		}
		_ = strings.Join(Break(text, 100, func(s string) float32 { return float32(len(s)) }), "")
	})
}

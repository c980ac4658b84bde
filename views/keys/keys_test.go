package keys

import (
	"errors"
	"maps"
	"testing"

	"fyne.io/fyne/v2"
)

func TestDefaultsDiffer(t *testing.T) {
	table := NewTable(nil)
	for _, a := range All() {
		c := table.Chord(a)
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v: %v", a, c, err)
		}
		if other := table.Holder(c, a); other != "" {
			t.Errorf("%s and %s both have %v", a, other, c)
		}
		if again, err := Parse(c.String()); err != nil || again != c {
			t.Errorf("%v is read as %v, %v", c, again, err)
		}
	}
}

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text string
		want Chord
		err  error
	}{
		{"Ctrl+D", Chord{fyne.KeyD, fyne.KeyModifierControl}, nil},
		{"Ctrl+Shift+E", Chord{fyne.KeyE, fyne.KeyModifierControl | fyne.KeyModifierShift}, nil},
		{"Ctrl+,", Chord{fyne.KeyComma, fyne.KeyModifierControl}, nil},
		{"Alt+F4", Chord{fyne.KeyF4, fyne.KeyModifierAlt}, nil},
		{"D", Chord{}, ErrPlain},
		{"Shift+D", Chord{}, ErrPlain},
		{"Ctrl+C", Chord{}, ErrReserved},
		{"Ctrl+", Chord{}, ErrUnknown},
		{"Ctrl+Ctrl+D", Chord{}, ErrUnknown},
		{"Ctrl+LeftShift", Chord{}, ErrUnknown},
		{"", Chord{}, ErrUnknown},
	} {
		got, err := Parse(test.text)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%q: %v, %v", test.text, got, err)
		}
	}
	if none := (Chord{}).String(); none != "" {
		t.Errorf("no keys are named %q", none)
	}
}

func TestTable(t *testing.T) {
	for name, test := range map[string]struct {
		kept, after map[string]string
	}{
		"nothing":               {nil, map[string]string{}},
		"a choice":              {map[string]string{"chat": "Ctrl+J"}, map[string]string{"chat": "Ctrl+J"}},
		"the default":           {map[string]string{"chat": "Ctrl+G"}, map[string]string{"chat": "Ctrl+G"}},
		"damage":                {map[string]string{"chat": "what?", "layout": "Ctrl+V", "nobody": "Ctrl+J"}, map[string]string{}},
		"another's":             {map[string]string{"chat": "Ctrl+D"}, map[string]string{}},
		"swapped":               {map[string]string{"chat": "Ctrl+D", "microphone": "Ctrl+G"}, map[string]string{"chat": "Ctrl+D", "microphone": "Ctrl+G"}},
		"of one that gives way": {map[string]string{"chat": "Ctrl+D", "microphone": "Ctrl+C"}, map[string]string{}},
	} {
		table := NewTable(test.kept)
		if got := table.Kept(); !maps.Equal(got, test.after) {
			t.Errorf("%s: %v", name, got)
		}
		for _, a := range All() {
			if other := table.Holder(table.Chord(a), a); other != "" {
				t.Errorf("%s: %s and %s have the same keys", name, a, other)
			}
		}
	}
	first := NewTable(nil)
	second := first.With(Chat, Chord{fyne.KeyJ, fyne.KeyModifierControl})
	if first.Chord(Chat).String() != "Ctrl+G" || second.Chord(Chat).String() != "Ctrl+J" {
		t.Error("the table that was is another now")
	}
	if back := second.With(Chat, Default(Chat)); len(back.Kept()) != 0 {
		t.Errorf("the default is kept as a choice: %v", back.Kept())
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"Ctrl+D", "Ctrl+Alt+Super+Shift+F12", "Ctrl+`", "+", "Ctrl++", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(c.String()); err != nil || again != c {
			t.Errorf("%q: %v, then %v, %v", s, c, again, err)
		}
	})
}

package emoji

import (
	"slices"
	"strings"
	"testing"
)

func load(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func texts(list []Emoji) string {
	all := make([]string, len(list))
	for i, e := range list {
		all[i] = e.Text
	}
	return strings.Join(all, " ")
}

func TestIsComplete(t *testing.T) {
	c := load(t)
	total, newest := 0, 0.0
	for _, g := range c.Groups() {
		in := c.InGroup(g)
		if len(in) < 80 {
			t.Errorf("group %d has %d", g, len(in))
		}
		total += len(in)
		for _, e := range in {
			newest = max(newest, e.Version)
			if e.Text == "" || e.English == "" || e.Chinese == "" || len(e.Shortcodes) == 0 || len(e.Skins) != 0 && len(e.Skins) != 5 {
				t.Errorf("%+v", e)
			}
			if found, is := c.Find(e.Text); !is || found.Text != e.Text {
				t.Errorf("%s is not found", e.Text)
			}
		}
	}
	if total < 1800 || total != len(c.all) || newest < 15 {
		t.Errorf("%d emoji of %d up to version %v", total, len(c.all), newest)
	}
	for _, text := range strings.Fields(usual) {
		if _, is := c.Find(text); !is {
			t.Errorf("the usual %s does not exist", text)
		}
	}
}

func TestSearch(t *testing.T) {
	c := load(t)
	for _, test := range []struct{ query, language, first string }{
		{"heart", "en", "❤️"},
		{"red heart", "en", "❤️"},
		{"Heart Red", "en", "❤️"},
		{":smile:", "en", "😄"},
		{"SMILE", "zh", "😄"},
		{"thumbs_up", "en", "👍"},
		{"+1", "en", "👍"},
		{"cat", "en", "🐱"},
		{"猫", "zh", "🐈️"},
		{"猫", "en", "🐈️"},
		{"狗", "zh", "🐕️"},
		{"红心", "zh", "❤️"},
		{"中国", "zh", "🇨🇳"},
		{"china", "en", "🇨🇳"},
		{"❤", "en", "❤️"},
		{"👋🏽", "en", "👋"},
	} {
		got := c.Search(test.query, test.language, 5)
		if len(got) == 0 || bare(got[0].Text) != bare(test.first) {
			t.Errorf("%s: %s, want %s", test.query, texts(got), test.first)
		}
	}
	for _, none := range []string{"", "  ", ":", "qqqq", "没有这样的东西"} {
		if got := c.Search(none, "en", 0); len(got) != 0 {
			t.Errorf("%q: %s", none, texts(got))
		}
	}
	if flags := c.Search("flag", "en", 0); len(flags) < 250 {
		t.Errorf("%d flags", len(flags))
	}
	if !strings.Contains(texts(c.Search("笑", "zh", 0)), "😂") {
		t.Error("no laughter")
	}
	// An English word is not looked for inside of others.
	if strings.Contains(texts(c.Search("art", "en", 0)), "❤️") {
		t.Error("the heart is art")
	}
	if got := texts(c.Search("e", "en", 30)); got != texts(c.Search("e", "en", 30)) || len(c.Search("e", "en", 30)) != 30 {
		t.Error("not the same again")
	}
}

func TestRanks(t *testing.T) {
	c := load(t)
	list := c.Search("sun", "en", 0)
	place := func(text string) int {
		return slices.IndexFunc(list, func(e Emoji) bool { return bare(e.Text) == bare(text) })
	}
	// The thing itself, a name that starts so, a name with such a word, a tag.
	if order := []int{place("☀️"), place("🌻"), place("😎"), place("⛅")}; !slices.IsSorted(order[:2]) || order[0] != 0 || order[1] < 0 {
		t.Errorf("%v in %s", order, texts(list))
	}
}

func TestCompletes(t *testing.T) {
	c := load(t)
	for prefix, want := range map[string]string{":smi": "😄", "heart": "❤️", "hear": "❤️", "thumb": "👍", "jo": "😂", "ta": "🎉", "cat": "🐱", ":+1": "👍"} {
		if got := c.Complete(prefix, 6); len(got) == 0 || got[0].Text != want {
			t.Errorf("%s: %s", prefix, texts(got))
		}
	}
	if got := c.Complete("s", 8); len(got) != 8 || texts(got) != texts(c.Complete("s", 8)) {
		t.Error(texts(got))
	}
	if c.Complete("", 8) != nil || c.Complete(":", 8) != nil || len(c.Complete("zzzz", 8)) != 0 {
		t.Error("completes nothing")
	}
	smile, is := c.ByShortcode("smile")
	other, _ := c.ByShortcode(":Smile:")
	if _, none := c.ByShortcode("smi"); !is || none || smile.Text != "😄" || other.Text != smile.Text {
		t.Errorf("%+v", smile)
	}
}

func TestTones(t *testing.T) {
	c := load(t)
	wave, _ := c.ByShortcode("wave")
	cat, _ := c.ByShortcode("cat")
	for tone, want := range []string{"👋", "👋🏻", "👋🏼", "👋🏽", "👋🏾", "👋🏿"} {
		if got := Tone(wave, tone); got != want {
			t.Errorf("%d: %s", tone, got)
		}
		if got := Tone(cat, tone); got != cat.Text {
			t.Errorf("%d: %s", tone, got)
		}
	}
	if Tone(wave, -1) != "👋" || Tone(wave, 6) != "👋" {
		t.Error("a tone that does not exist")
	}
	toned, is := c.Find("👋🏿")
	if !is || toned.Text != "👋" || toned.Name("zh") != "挥手" || toned.Name("en") != "waving hand" {
		t.Errorf("%+v", toned)
	}
}

func TestPictures(t *testing.T) {
	p, err := LoadPictures()
	if err != nil {
		t.Fatal(err)
	}
	c := load(t)
	without := 0
	for _, r := range c.all {
		if !p.Has(r.Text) {
			without++
			if r.Version < 17 {
				t.Errorf("%s %s of version %g has no picture", r.Text, r.English, r.Version)
			}
		}
	}
	drawn := c.Only(p)
	if len(drawn.all) != len(c.all)-without || without == len(c.all) {
		t.Error(len(drawn.all), len(c.all), without)
	}
	for _, text := range []string{"😀", "❤", "❤️", "1️⃣", "©️", "🇨🇳", "👨‍👩‍👧‍👦", "👋🏽", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"} {
		img := p.Image(text)
		if img == nil || img.Bounds().Dx() != 64 || img.Bounds().Dy() != 64 {
			t.Errorf("%s: %v", text, img)
			continue
		}
		if again := p.Image(text); again != img {
			t.Errorf("%s was decoded twice", text)
		}
	}
	for _, text := range []string{"", "a", "🇽🇽", strings.Repeat("😀", 3)} {
		if p.Image(text) != nil {
			t.Errorf("%q has a picture", text)
		}
	}
}

func BenchmarkPictures(b *testing.B) {
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := LoadPictures(); err != nil {
				b.Fatal(err)
			}
		}
	})
	p, err := LoadPictures()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			clear(p.recent)
			p.Image("👋🏽")
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b)
	}
}

func BenchmarkSearch(b *testing.B) {
	c := load(b)
	for _, query := range []string{"s", "heart", "red heart", "猫", "nothing"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				c.Search(query, "en", 0)
			}
		})
	}
}

func BenchmarkComplete(b *testing.B) {
	c := load(b)
	for b.Loop() {
		c.Complete("s", 8)
	}
}

package emoji

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// words are the name and the tags of an emoji in one language, in lower case.
type words struct {
	name   string
	inside []string // the words of the name
	tags   []string
}

func newWords(name, tags string) words {
	w := words{name: strings.ToLower(name)}
	w.inside = split(w.name)
	if tags != "" {
		w.tags = strings.Split(strings.ToLower(tags), "|")
	}
	return w
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && r != '+' && r != '\''
	})
}

// How well an emoji fits a query, the best first. What fits by the person's
// own language is a little better than by the other.
const (
	fitsWholly = 2 * iota
	fitsStart
	fitsWord
	fitsTag
	fitsTagStart
	fitsNot

	fitsByOther = 1
)

// Search finds emoji by their names, tags and shortcodes: English ones by how
// words start, Chinese ones by any part. Both languages are looked through;
// language, "en" or "zh", is preferred. The best come first, at most limit of
// them, or all when it is 0.
func (c *Catalogue) Search(query string, language string, limit int) []Emoji {
	query = strings.TrimSpace(query)
	if i, is := c.texts[bare(query)]; is {
		return []Emoji{c.all[i].Emoji}
	}
	q := newQuery(query)
	if q.whole == "" {
		return nil
	}
	type found struct{ fit, at int }
	var hits []found
	for i := range c.all {
		if fit := q.fit(&c.all[i], language); fit < fitsNot {
			hits = append(hits, found{fit, i})
		}
	}
	slices.SortFunc(hits, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare(c.all[a.at].usual, c.all[b.at].usual), cmp.Compare(a.at, b.at))
	})
	if limit > 0 && len(hits) > limit {
		hits = hits[:limit]
	}
	emoji := make([]Emoji, len(hits))
	for i, hit := range hits {
		emoji[i] = c.all[hit.at].Emoji
	}
	return emoji
}

type query struct {
	whole     string
	shortcode string // as one would be written
	parts     []string
}

func newQuery(text string) query {
	whole := strings.Trim(strings.ToLower(text), ": \t")
	return query{whole: whole, shortcode: strings.ReplaceAll(whole, " ", "_"), parts: strings.Fields(strings.ReplaceAll(whole, "_", " "))}
}

func (q query) fit(r *record, language string) int {
	english, chinese := r.english.fit(q), r.chinese.fit(q)
	if language == "zh" {
		english += fitsByOther
	} else {
		chinese += fitsByOther
	}
	best := min(english, chinese)
	for _, code := range r.Shortcodes {
		switch {
		case code == q.shortcode:
			return fitsWholly
		case strings.HasPrefix(code, q.shortcode):
			best = min(best, fitsWord)
		}
	}
	return best
}

// fit tells how well the words fit. Of several words of a query, the one that
// fits worst decides.
func (w words) fit(q query) int {
	switch {
	case w.name == q.whole:
		return fitsWholly
	case strings.HasPrefix(w.name, q.whole):
		return fitsStart
	}
	worst := fitsWholly
	for _, part := range q.parts {
		worst = max(worst, w.fitWord(part))
		if worst == fitsNot {
			break
		}
	}
	return worst
}

func (w words) fitWord(part string) int {
	anywhere := han(part)
	if anywhere && strings.Contains(w.name, part) {
		return fitsWord
	}
	for _, word := range w.inside {
		if strings.HasPrefix(word, part) {
			return fitsWord
		}
	}
	best := fitsNot
	for _, tag := range w.tags {
		switch {
		case tag == part:
			return fitsTag
		case strings.HasPrefix(tag, part) || anywhere && strings.Contains(tag, part):
			best = fitsTagStart
		}
	}
	return best
}

// han tells whether a text is written without spaces between its words.
func han(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// usualLead is how much longer the shortcode of a usual emoji may be and still
// come before that of an unusual one.
const usualLead = 8

// Complete gives emoji whose shortcodes start with a prefix, with its colon or
// without: the one that is called so first, then those with short shortcodes,
// where usual ones have a lead.
func (c *Catalogue) Complete(prefix string, limit int) []Emoji {
	prefix = strings.ToLower(strings.Trim(prefix, ":"))
	if prefix == "" || limit <= 0 {
		return nil
	}
	first, _ := slices.BinarySearch(c.shortcodes, prefix)
	shortest := make(map[int]int) // of each emoji's shortcodes that fit
	for _, code := range c.shortcodes[first:] {
		if !strings.HasPrefix(code, prefix) {
			break
		}
		at := c.byShortcode[code]
		if known, is := shortest[at]; !is || len(code) < known {
			shortest[at] = len(code)
		}
	}
	type found struct{ length, at int }
	hits := make([]found, 0, len(shortest))
	for at, length := range shortest {
		switch {
		case length == len(prefix):
			length = -usualLead
		case c.all[at].usual < notUsual:
			length -= usualLead
		}
		hits = append(hits, found{length, at})
	}
	slices.SortFunc(hits, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.length, b.length), cmp.Compare(c.all[a.at].usual, c.all[b.at].usual), cmp.Compare(a.at, b.at))
	})
	hits = hits[:min(limit, len(hits))]
	emoji := make([]Emoji, len(hits))
	for i, hit := range hits {
		emoji[i] = c.all[hit.at].Emoji
	}
	return emoji
}

// Command gen writes the data of package emoji.
//
// The data comes from the npm package emojibase-data (MIT licence, Copyright
// (c) 2017-2019 Miles Johnson), which takes names and tags from Unicode's CLDR
// (Unicode licence) and adds shortcodes of its own and those of GitHub. The
// licence is beside the data. Version 17.0.0 is what the data was made of. To
// write it anew:
//
//	npm pack emojibase-data && tar xzf emojibase-data-*.tgz
//	go run ./views/chat/emoji/gen package views/chat/emoji/emoji.tsv.gz
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// component is the number of emojibase's group of parts that are no emoji of
// their own: tones and hair.
const component = 2

type entry struct {
	Hexcode string
	Emoji   string
	Label   string
	Tags    []string
	Group   *int
	Order   int
	Type    int // 1 when it is drawn in colour without being told so
	Version float64
	Tone    tones
	Skins   []entry
}

// tones are a tone or several of them: a couple can have two.
type tones []int

// UnmarshalJSON implements json.Unmarshaler.
func (t *tones) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]int)(t))
	}
	*t = make(tones, 1)
	return json.Unmarshal(data, &(*t)[0])
}

// codes are one shortcode or several.
type codes []string

// UnmarshalJSON implements json.Unmarshaler.
func (c *codes) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(c))
	}
	*c = make(codes, 1)
	return json.Unmarshal(data, &(*c)[0])
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen <unpacked emojibase-data> <file to write>")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	var english, chinese []entry
	var github, emojibase map[string]codes
	for path, into := range map[string]any{
		"en/data.json":                 &english,
		"zh/data.json":                 &chinese,
		"en/shortcodes/github.json":    &github,
		"en/shortcodes/emojibase.json": &emojibase,
	} {
		data, err := os.ReadFile(filepath.Join(from, path))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	translated := make(map[string]entry, len(chinese))
	for _, e := range chinese {
		translated[e.Hexcode] = e
	}
	slices.SortStableFunc(english, func(a, b entry) int { return cmp.Compare(a.Order, b.Order) })
	shortcodes := settle(english, github, emojibase)
	var table bytes.Buffer
	for _, e := range english {
		if e.Group == nil || *e.Group == component {
			continue
		}
		zh := translated[e.Hexcode]
		skins, since := plain(e.Skins)
		columns := []string{
			qualified(e), strconv.Itoa(*e.Group), number(e.Version),
			e.Label, zh.Label,
			strings.Join(shortcodes[e.Hexcode], " "),
			strings.Join(besides(e.Label, e.Tags), "|"), strings.Join(besides(zh.Label, zh.Tags), "|"),
			strings.Join(skins, " "), number(since),
		}
		for _, column := range columns {
			if strings.ContainsAny(column, "\t\n") {
				return fmt.Errorf("%s: %q breaks the table", e.Hexcode, column)
			}
		}
		fmt.Fprintln(&table, strings.Join(columns, "\t"))
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(table.Bytes()); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(to, packed.Bytes(), 0o644)
}

// qualified is the text that Unicode recommends: emojibase asks for the emoji's
// looks (FE0F) where they are the usual ones, and keyboards don't.
func qualified(e entry) string {
	if runes := []rune(e.Emoji); e.Type == 1 && len(runes) == 2 && runes[1] == 0xfe0f {
		return string(runes[:1])
	}
	return e.Emoji
}

func number(version float64) string { return strconv.FormatFloat(version, 'g', -1, 64) }

// settle gives every shortcode to one emoji only. GitHub's come first, since
// people know those; the others fill in where they mean nothing else.
func settle(all []entry, sources ...map[string]codes) map[string][]string {
	taken := make(map[string]bool)
	settled := make(map[string][]string)
	for _, source := range sources {
		for _, e := range all {
			for _, code := range source[e.Hexcode] {
				if !taken[code] {
					taken[code] = true
					settled[e.Hexcode] = append(settled[e.Hexcode], code)
				}
			}
		}
	}
	return settled
}

// plain are the five variants in which everybody has the same tone, and the
// version that they all exist since.
func plain(skins []entry) (texts []string, since float64) {
	for tone := 1; tone <= 5; tone++ {
		for _, s := range skins {
			if len(s.Tone) == 1 && s.Tone[0] == tone {
				texts = append(texts, s.Emoji)
				since = max(since, s.Version)
			}
		}
	}
	if len(texts) != 5 {
		return nil, 0
	}
	return texts, since
}

// besides are the tags that say more than the name does.
func besides(name string, tags []string) []string {
	words := strings.Fields(strings.ToLower(name))
	return slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return slices.Contains(words, strings.ToLower(tag)) })
}

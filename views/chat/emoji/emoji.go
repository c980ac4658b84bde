// Package emoji knows the emoji: their names in English and Chinese, what else
// they are looked for by, their shortcodes, their tones, and how they look.
package emoji

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the data
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// data is a gzipped table, written by gen.
//
//go:embed emoji.tsv.gz
var data []byte

// usual are emoji that people use the most, the most usual first. Among equals
// they are suggested first.
const usual = "😂 ❤️ 🤣 👍 😭 🙏 😘 🥰 😍 😊 😄 🎉 😁 💕 🥺 😅 🔥 ☺️ 🤦 🤷 🙄 😆 🤗 😉 🎂 🤔 👏 🙂 😳 🥳 😎 👌 💜 😔 💪 ✨ 💖 👀 😋 😏 😢 👉 💗 😩 💯 🌹 💞 🎈 💙 😃 😡 💐 😜 🙈 🤞 🤤 🙌 🤪 ❣️ 😀 💋 👋 😱 😒 😌 ✅ ☕ 🚀 🐱 🐶"

const notUsual = 1000

// Group is one of the groups that emoji are shown in.
type Group int

// The groups, in their order.
const (
	Smileys Group = iota
	People
	Nature
	Food
	Travel
	Activities
	Objects
	Symbols
	Flags
	groupCount
)

// Emoji is one emoji. It is known by its text without a tone.
type Emoji struct {
	Text             string
	English, Chinese string // names
	Shortcodes       []string
	Group            Group
	Skins            []string // in the five tones, from light to dark; empty when it has none
	Version          float64  // of Unicode's emoji that it came with
}

// Name is its name in a language, "en" or "zh".
func (e Emoji) Name(language string) string {
	if language == "zh" && e.Chinese != "" {
		return e.Chinese
	}
	return e.English
}

// Tone is the text of an emoji in a tone from 1 to 5. Tone 0 is the yellow
// one, and all that an emoji without tones has.
func Tone(e Emoji, tone int) string {
	if tone < 1 || tone > len(e.Skins) {
		return e.Text
	}
	return e.Skins[tone-1]
}

// Catalogue holds the emoji. It doesn't change, and may be shared.
type Catalogue struct {
	all         []record
	texts       map[string]int // bare texts, with and without tones
	byShortcode map[string]int
	shortcodes  []string // all of them, sorted
}

// record is an emoji with what it is found by.
type record struct {
	Emoji
	english, chinese words
	usual            int // the place among the usual ones, or notUsual
}

// Load unpacks the catalogue. It takes some milliseconds: do it once.
func Load() (*Catalogue, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("emoji: %w", err)
	}
	table, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("emoji: %w", err)
	}
	places := make(map[string]int)
	for i, text := range strings.Fields(usual) {
		places[bare(text)] = i
	}
	var all []record
	for line := range strings.Lines(string(table)) {
		r, err := parse(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("emoji: line %d: %w", len(all)+1, err)
		}
		place, is := places[bare(r.Text)]
		if !is {
			place = notUsual
		}
		r.usual = place
		all = append(all, r)
	}
	return index(all), nil
}

func parse(line string) (record, error) {
	columns := strings.Split(line, "\t")
	if len(columns) != 10 {
		return record{}, fmt.Errorf("%d columns", len(columns))
	}
	var r record
	group, err := strconv.Atoi(columns[1])
	if err != nil {
		return r, err
	}
	if group > 2 { // the data counts the group of components, which is left out
		group--
	}
	if group < 0 || group >= int(groupCount) {
		return r, fmt.Errorf("group %d", group)
	}
	if r.Version, err = strconv.ParseFloat(columns[2], 64); err != nil {
		return r, err
	}
	r.Text, r.Group = columns[0], Group(group)
	r.English, r.Chinese = columns[3], columns[4]
	r.Shortcodes, r.Skins = strings.Fields(columns[5]), strings.Fields(columns[8])
	r.english, r.chinese = newWords(r.English, columns[6]), newWords(r.Chinese, columns[7])
	return r, nil
}

// bare is a text without the character that asks for an emoji's looks: programs
// don't agree on where it is written.
func bare(text string) string { return strings.ReplaceAll(text, "\ufe0f", "") }

func index(all []record) *Catalogue {
	c := &Catalogue{all: all, texts: make(map[string]int, 2*len(all)), byShortcode: make(map[string]int, 2*len(all))}
	for i, r := range all {
		c.texts[bare(r.Text)] = i
		for _, text := range r.Skins {
			c.texts[bare(text)] = i
		}
		for _, code := range r.Shortcodes {
			c.byShortcode[code] = i
			c.shortcodes = append(c.shortcodes, code)
		}
	}
	slices.Sort(c.shortcodes)
	return c
}

// Only is the part of the catalogue that there are pictures of.
func (c *Catalogue) Only(p *Pictures) *Catalogue {
	var all []record
	for _, r := range c.all {
		if !p.Has(r.Text) {
			continue
		}
		if slices.ContainsFunc(r.Skins, func(text string) bool { return !p.Has(text) }) {
			r.Skins = nil
		}
		all = append(all, r)
	}
	return index(all)
}

// Groups are the groups in their order.
func (c *Catalogue) Groups() []Group {
	groups := make([]Group, groupCount)
	for i := range groups {
		groups[i] = Group(i)
	}
	return groups
}

// InGroup are the emoji of a group, in Unicode's order.
func (c *Catalogue) InGroup(g Group) []Emoji {
	var in []Emoji
	for _, r := range c.all {
		if r.Group == g {
			in = append(in, r.Emoji)
		}
	}
	return in
}

// Find gives the emoji of a text, with a tone or without.
func (c *Catalogue) Find(text string) (Emoji, bool) {
	if i, is := c.texts[bare(text)]; is {
		return c.all[i].Emoji, true
	}
	return Emoji{}, false
}

// ByShortcode gives the emoji of a shortcode, with its colons or without.
func (c *Catalogue) ByShortcode(code string) (Emoji, bool) {
	if i, is := c.byShortcode[strings.ToLower(strings.Trim(code, ":"))]; is {
		return c.all[i].Emoji, true
	}
	return Emoji{}, false
}

package frames

import (
	"math"
	"strings"

	"github.com/go-text/typesetting/segmenter"
)

// EmojiAdvance is how wide an emoji is in a line of text: it is a picture,
// square and somewhat larger than the letters beside it.
func EmojiAdvance(size float32) float32 { return float32(math.Round(float64(size * 1.35))) }

// withEmoji measures text whose emoji are pictures.
type withEmoji struct{ Metrics }

// Width implements Metrics.
func (m withEmoji) Width(text string, size float32, face Face) float32 {
	spans := emojiSpans(text)
	if len(spans) == 0 {
		return m.Metrics.Width(text, size, face)
	}
	wide, at := float32(len(spans))*EmojiAdvance(size), 0
	for _, s := range append(spans, span{len(text), len(text)}) {
		if s.from > at {
			wide += m.Metrics.Width(text[at:s.from], size, face)
		}
		at = s.to
	}
	return wide
}

// emojiSpans finds the emoji of a text.
func emojiSpans(text string) []span {
	if !mayHaveEmoji(text) {
		return nil
	}
	var (
		seg   segmenter.Segmenter
		spans []span
		at    int
	)
	seg.Init([]rune(text))
	for clusters := seg.GraphemeIterator(); clusters.Next(); {
		cluster, from := clusters.Grapheme().Text, at
		for _, r := range cluster {
			at += runeLen(r, text[at:])
		}
		if emoji(cluster) {
			spans = append(spans, span{from, at})
		}
	}
	return spans
}

// mayHaveEmoji is quick, and right where it says no: an emoji has a character
// from U+2000 to U+3FFF or beyond U+FFFF, or asks for its looks.
func mayHaveEmoji(text string) bool {
	return strings.Contains(text, "\ufe0f") || strings.IndexByte(text, 0xe2) >= 0 || strings.IndexByte(text, 0xe3) >= 0 || strings.IndexByte(text, 0xf0) >= 0
}

// emojiAlone reports whether text is one to three emoji and nothing else.
func emojiAlone(text string) bool {
	if text == "" || len(text) > 128 {
		return false
	}
	spans := emojiSpans(text)
	if len(spans) == 0 || len(spans) > 3 {
		return false
	}
	at := 0
	for _, s := range spans {
		if s.from != at {
			return false
		}
		at = s.to
	}
	return at == len(text)
}

// emoji reports whether what a person sees as one character is an emoji: one
// that is presented as such by default, or one that is asked to be (UTS #51).
func emoji(cluster []rune) bool {
	r := cluster[0]
	asked := false
	for _, c := range cluster[1:] {
		switch {
		case c == 0xfe0e:
			return false // as text
		case c == 0xfe0f, c == 0x20e3, c == 0x200d, c >= 0x1f3fb && c <= 0x1f3ff:
			asked = true
		}
	}
	switch {
	case r >= 0x1f300 && r <= 0x1faff, r >= 0x1f1e6 && r <= 0x1f1ff && len(cluster) > 1:
		return true
	case r == 0x1f004, r == 0x1f0cf, r == 0x1f18e, r >= 0x1f191 && r <= 0x1f19a, r >= 0x1f200 && r <= 0x1f265:
		return true
	case r == '#', r == '*', r >= '0' && r <= '9':
		return asked && cluster[len(cluster)-1] == 0x20e3
	case r == 0xa9, r == 0xae, r >= 0x203c && r <= 0x3299, r >= 0x1f170 && r <= 0x1f17f:
		return asked || presented(r)
	default:
		return false
	}
}

// presented reports whether a symbol of the Basic Multilingual Plane is an
// emoji without being asked for (Emoji_Presentation of UTS #51), or a heart.
func presented(r rune) bool {
	return r >= 0x231a && strings.ContainsRune("⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗❤➕➖➗➰➿⬛⬜⭐⭕", r)
}

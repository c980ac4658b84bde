package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/views/chat/frames"
)

// selection is a part of one message's text that is marked for copying.
type selection struct {
	id           string
	anchor, head int // bytes of the text; head moves
}

func (s selection) ends() (from, to int) { return min(s.anchor, s.head), max(s.anchor, s.head) }

// text is what is selected, or empty.
func (l *list) selected() string {
	x := l.rows.byID[l.selection.id]
	if x == nil {
		return ""
	}
	from, to := l.selection.ends()
	if from < 0 || to > len(x.message.Text) {
		return ""
	}
	return x.message.Text[from:to]
}

// choose marks a part of a message, and lets go of what was marked before.
func (l *list) choose(s selection) {
	if s == l.selection {
		return
	}
	before := l.selection.id
	l.selection = s
	if before != s.id {
		l.rebind(l.rows.byID[before])
	}
	l.rebind(l.rows.byID[s.id])
}

// hits gives where what was searched stands in a message.
func (l *list) hits(m Message, f frames.Frames) []frames.Rect {
	if len(l.words) == 0 || m.Deleted || m.Unsupported {
		return nil
	}
	var all []frames.Rect
	for _, at := range found(m.Text, l.words) {
		all = append(all, f.Range(at[0], at[1], fyneMetrics{})...)
	}
	return all
}

// found gives the parts of a text, in bytes, where one of the words begins a
// word, or stands in text without spaces. Words are in lower case.
func found(text string, words []string) [][2]int {
	// Lower case may take another number of bytes: offsets are counted along.
	var (
		lower   strings.Builder
		offsets []int
	)
	for i, r := range text {
		before := lower.Len()
		lower.WriteRune(unicode.ToLower(r))
		for range lower.Len() - before {
			offsets = append(offsets, i)
		}
	}
	offsets = append(offsets, len(text))
	folded := lower.String()
	var all [][2]int
	for _, word := range words {
		for at := 0; word != ""; {
			i := strings.Index(folded[at:], word)
			if i < 0 {
				break
			}
			i += at
			at = i + len(word)
			if before, _ := utf8.DecodeLastRuneInString(folded[:i]); i > 0 && word[0] < utf8.RuneSelf && before < 0x250 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
				continue
			}
			all = append(all, [2]int{offsets[i], offsets[at]})
		}
	}
	return all
}

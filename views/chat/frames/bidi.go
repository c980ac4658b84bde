package frames

import (
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// directed is a part of a line that is read in one direction.
type directed struct {
	span
	rtl   bool
	level int
}

// rightToLeft reports whether a paragraph's first strong character is read
// from right to left (UAX #9, P2 and P3).
func rightToLeft(text string) bool {
	for _, r := range text {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// directions divides a line where its direction changes, and gives the parts
// as they stand from left to right (UAX #9, L2). Embedded directions are not
// told apart beyond numbers within text from right to left.
func directions(text string, base bool) []directed {
	if !base && !hasRTL(text) {
		return []directed{{span: span{0, len(text)}}}
	}
	direction := bidi.LeftToRight
	if base {
		direction = bidi.RightToLeft
	}
	var p bidi.Paragraph
	if n, err := p.SetString(text, bidi.DefaultDirection(direction)); err != nil || n < len(text) {
		return []directed{{span: span{0, len(text)}, rtl: base}}
	}
	order, err := p.Order()
	if err != nil || order.NumRuns() == 0 {
		return []directed{{span: span{0, len(text)}, rtl: base}}
	}
	runs := make([]directed, order.NumRuns())
	highest, from := 0, 0
	for i := range runs {
		run := order.Run(i)
		d := directed{span: span{from, from}, rtl: run.Direction() == bidi.RightToLeft}
		for _, r := range run.String() {
			d.to += runeLen(r, text[d.to:])
		}
		from = d.to
		switch {
		case d.rtl:
			d.level = 1
		case base:
			d.level = 2
		}
		runs[i] = d
	}
	for i := range runs {
		if !base && i > 0 && i+1 < len(runs) && !runs[i].rtl && runs[i-1].rtl && runs[i+1].rtl && !hasLetters(text[runs[i].from:runs[i].to]) {
			runs[i].level = 2
		}
		highest = max(highest, runs[i].level)
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(runs); i++ {
			j := i
			for j < len(runs) && runs[j].level >= level {
				j++
			}
			for a, b := i, j-1; a < b; a, b = a+1, b-1 {
				runs[a], runs[b] = runs[b], runs[a]
			}
			i = max(i, j)
		}
	}
	if from < len(text) {
		return []directed{{span: span{0, len(text)}, rtl: base}}
	}
	return runs
}

// drawable is how much of a text from right to left can be drawn in one go:
// words, or what is between or around them. Fyne puts parts of different fonts
// from left to right, and words and punctuation are often of different ones.
func drawable(text string) int {
	strong := func(r rune) bool {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.NSM:
			return true
		default:
			return false
		}
	}
	words, end := false, 0
	for i, r := range text {
		switch {
		case strong(r):
			if i > 0 && !words {
				return i
			}
			words, end = true, i+runeLen(r, text[i:])
		case words && r != ' ' && r != '\u200c' && r != '\u200d':
			return end
		}
	}
	if words {
		return end
	}
	return len(text)
}

func hasRTL(text string) bool {
	for _, r := range text {
		if r < 0x590 {
			continue
		}
		if p, _ := bidi.LookupRune(r); p.Class() == bidi.R || p.Class() == bidi.AL {
			return true
		}
	}
	return false
}

func hasLetters(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

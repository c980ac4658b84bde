package frames

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
	"golang.org/x/text/unicode/bidi"
)

// TextLine is one line of a message's text.
type TextLine struct {
	From, To int // the bytes of the text that stand here
	Pieces   []Piece
	RTL      bool // it belongs to a paragraph from right to left
	Code     bool
	Rect
}

// Piece is a part of a line that is drawn in one go; pieces stand from left to
// right.
type Piece struct {
	Text     string
	Draw     string // Text, with brackets turned where it is read from right to left
	From, To int    // its bytes of the message's text
	Link     string // where it leads; empty for what is no link
	RTL      bool
	Face     Face // Emoji: it is one, drawn as a picture
	Rect
}

// span is a part of a text, in bytes.
type span struct{ from, to int }

// layText breaks text into lines and pieces. Only what goes from left to right
// is set: the lines are put below each other by the caller.
func layText(text string, available, size float32, s Sizes, metrics Metrics) []TextLine {
	var lines []TextLine
	links := Links(text)
	metrics = withEmoji{metrics}
	for _, block := range blocks(text) {
		face, indent := Regular, float32(0)
		if block.code {
			face, indent = Mono, s.Gap
		}
		measure := func(t string) float32 { return metrics.Width(t, size, face) }
		for _, paragraph := range paragraphs(text, block.span) {
			base := !block.code && rightToLeft(text[paragraph.from:paragraph.to])
			for _, part := range breakParagraph(text[paragraph.from:paragraph.to], max(available-2*indent, 1), measure) {
				line := TextLine{From: paragraph.from + part.from, To: paragraph.from + part.to, RTL: base, Code: block.code}
				line.Pieces = pieces(text, line, links, face)
				x := indent
				for i := range line.Pieces {
					p := &line.Pieces[i]
					p.X, p.W = x, metrics.Width(p.Draw, size, face)
					x += p.W
				}
				line.W = min(x+indent, available)
				if over := x + indent - available; over > 0 {
					// Only a rounding: the line was broken to fit.
					for i := range line.Pieces {
						p := &line.Pieces[i]
						p.X = min(p.X, available-indent)
						p.W = min(p.W, available-indent-p.X)
					}
				}
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// alignLines puts what is read from right to left at the right, and backs the
// blocks of code.
func (f *Frames) alignLines(inner, gap float32) {
	for i := range f.Lines {
		line := &f.Lines[i]
		if line.RTL {
			shift := inner - line.W
			line.X += shift
			for j := range line.Pieces {
				line.Pieces[j].X += shift
			}
		}
		if !line.Code {
			continue
		}
		line.W = inner
		if n := len(f.Codes); n > 0 && i > 0 && f.Lines[i-1].Code {
			f.Codes[n-1].H = line.Y + line.H - f.Codes[n-1].Y
		} else {
			f.Codes = append(f.Codes, Rect{0, line.Y, inner, line.H})
		}
	}
}

// block is text, or code between two fences.
type block struct {
	span
	code bool
}

const fence = "```"

// blocks finds what stands between lines of three backquotes. The fences
// themselves are not shown; without a second one there is no code.
func blocks(text string) []block {
	var found []block
	at := 0
	for at < len(text) {
		open := fenceFrom(text, at)
		if open < 0 {
			break
		}
		from := lineEnd(text, open) + 1
		if from > len(text) {
			break
		}
		end := fenceFrom(text, from)
		if end < 0 {
			break
		}
		if open > at {
			found = append(found, block{span{at, open - 1}, false})
		}
		found = append(found, block{span{from, max(end-1, from)}, true})
		at = min(lineEnd(text, end)+1, len(text))
		if at == len(text) {
			return found
		}
	}
	return append(found, block{span{at, len(text)}, false})
}

// fenceFrom is where the next line begins with a fence, or -1.
func fenceFrom(text string, at int) int {
	for at < len(text) {
		if strings.HasPrefix(text[at:], fence) {
			return at
		}
		at = lineEnd(text, at) + 1
	}
	return -1
}

func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

func paragraphs(text string, s span) []span {
	var all []span
	for at := s.from; ; {
		end := min(lineEnd(text, at), s.to)
		to := end
		if to > at && text[to-1] == '\r' {
			to--
		}
		all = append(all, span{at, to})
		if end >= s.to {
			return all
		}
		at = end + 1
	}
}

// pieces divides a line at its links and where the direction changes.
func pieces(text string, line TextLine, links []Link, face Face) []Piece {
	var all []Piece
	spans := emojiSpans(text[line.From:line.To])
	for _, r := range directions(text[line.From:line.To], line.RTL) {
		from, to := line.From+r.from, line.From+r.to
		var run []Piece
		for from < to {
			end, link := to, ""
			for _, l := range links {
				switch {
				case l.To <= from || l.From >= to:
				case l.From > from:
					end = min(end, l.From)
				default:
					end, link = min(to, l.To), l.Address
				}
			}
			cut := face
			for _, s := range spans {
				switch at := line.From + s.from; {
				case at > from:
					end = min(end, at)
				case at == from && line.From+s.to <= end:
					end, cut = line.From+s.to, Emoji
				}
				if line.From+s.from >= from {
					break
				}
			}
			if r.rtl && cut != Emoji {
				end = from + drawable(text[from:end])
			}
			p := Piece{Text: text[from:end], Draw: text[from:end], From: from, To: end, Link: link, RTL: r.rtl, Face: cut}
			if r.rtl && cut != Emoji && !hasRTL(p.Text) {
				p.Draw = bidi.ReverseString(p.Text)
			}
			run = append(run, p)
			from = end
		}
		if r.rtl {
			for i, j := 0, len(run)-1; i < j; i, j = i+1, j-1 {
				run[i], run[j] = run[j], run[i]
			}
		}
		all = append(all, run...)
	}
	return all
}

// Elide cuts text that is wider than width, between characters as a person
// sees them, and says so by an ellipsis.
func Elide(text string, width float32, measure func(string) float32) string {
	if measure(text) <= width {
		return text
	}
	ends := Clusters(text[:cutAt(text, 2048)])
	// The longest that fits.
	n := sort.Search(len(ends), func(i int) bool { return measure(text[:ends[i]]+"…") > width })
	if n == 0 {
		return "…"
	}
	return text[:ends[n-1]] + "…"
}

// cutAt is the last place up to limit where a character ends.
func cutAt(text string, limit int) int {
	if len(text) <= limit {
		return len(text)
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return limit
}

// Clusters gives where each character ends as a person sees them (UAX #29), in
// bytes.
func Clusters(text string) []int {
	var (
		seg  segmenter.Segmenter
		ends []int
		at   int
	)
	seg.Init([]rune(text))
	for clusters := seg.GraphemeIterator(); clusters.Next(); {
		for _, r := range clusters.Grapheme().Text {
			at += runeLen(r, text[at:])
		}
		ends = append(ends, at)
	}
	return ends
}

// words gives where each word, and each gap between words, ends in text (UAX
// #29, as far as it is about letters and digits).
func words(text string) []int {
	var ends []int
	class := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return 0
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			return 3
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_', r == '\'':
			return 1
		default:
			return 2
		}
	}
	last := -1
	for i, r := range text {
		c := class(r)
		if i > 0 && c != last {
			ends = append(ends, i)
		}
		last = c
	}
	return append(ends, len(text))
}

// runeLen is how many bytes a rune took in text: a broken one took one.
func runeLen(r rune, text string) int {
	if r == utf8.RuneError {
		_, n := utf8.DecodeRuneInString(text)
		return n
	}
	return utf8.RuneLen(r)
}

// Break breaks text into lines no wider than width, where Unicode allows it
// (UAX #14), and inside a word that is wider than a line, between what a
// person sees as characters (UAX #29).
func Break(text string, width float32, measure func(string) float32) []string {
	var lines []string
	for _, p := range paragraphs(text, span{0, len(text)}) {
		for _, part := range breakParagraph(text[p.from:p.to], width, measure) {
			lines = append(lines, text[p.from+part.from:p.from+part.to])
		}
	}
	return lines
}

// breakParagraph measures words and adds their widths up: words come again and
// again, so that their widths are known, while lines do not.
func breakParagraph(text string, width float32, measure func(string) float32) []span {
	if len(text) < 512 && measure(text) <= width {
		return []span{{0, len(text)}}
	}
	var (
		lines []span
		seg   segmenter.Segmenter
		from  int // where the line begins
		at    int // where it ends by now
		wide  float32
	)
	flush := func() {
		lines = append(lines, span{from, from + len(strings.TrimRight(text[from:at], " "))})
		from, wide = at, 0
	}
	seg.Init([]rune(text))
	for words := seg.LineIterator(); words.Next(); {
		end := at
		for _, r := range words.Line().Text {
			end += runeLen(r, text[end:])
		}
		word := text[at:end]
		trimmed := strings.TrimRight(word, " ")
		w := measure(trimmed)
		if wide+w > width && at > from {
			flush()
		}
		if w <= width {
			at = end
			if len(trimmed) < len(word) {
				w = measure(word)
			}
			wide += w
			continue
		}
		begin := at
		for _, cluster := range Clusters(word) {
			w := measure(text[at : begin+cluster])
			if at > from && wide+w > width {
				flush()
			}
			at = begin + cluster
			wide += w
		}
	}
	if at > from || len(lines) == 0 {
		flush()
	}
	return lines
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

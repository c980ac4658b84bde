// Package frames computes where everything of a message goes, from the
// message, the width of the list and the metrics of the font. It draws
// nothing and asks no widget.
package frames

import (
	"strings"
	"time"

	"github.com/go-text/typesetting/segmenter"
)

// Message is what frames depend on.
type Message struct {
	UserID string
	Own    bool
	Text   string // what the bubble says
	Time   time.Time
	Clock  string // the time as the bubble shows it
	Failed string // why it was refused; empty otherwise
	Marked bool   // has a status mark
	Day    string // the day as a divider shows it
}

// Metrics measures text. Sizes are those of the type scale, before the text
// scale of the metrics.
type Metrics interface {
	Width(text string, size float32, bold bool) float32
	LineHeight(size float32) float32
}

// Sizes are the lengths that a layout is made of.
type Sizes struct {
	Margin        float32 // between the list's edge and what is in it
	Avatar        float32
	Gap           float32 // between avatar and bubble, between lines of different people
	GroupGap      float32 // between messages of one person
	BubblePadding float32 // inside a bubble
	Text          float32
	Emoji         float32 // one to three emoji alone
	Caption       float32
	Mark          float32 // a status mark's side
	MaxBubble     float32 // the widest bubble
}

// Rect is a rectangle in the row, from its top left corner.
type Rect struct{ X, Y, W, H float32 }

// Empty reports whether there is nothing of this in the row.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Line is one line of text.
type Line struct {
	Text string
	Rect
}

// Frames is the layout of one row.
type Frames struct {
	Height  float32
	Divider Rect   // day or time, in the middle
	Says    string // what the divider says
	Avatar  Rect
	Name    Rect
	Bubble  Rect
	Lines   []Line
	Large   bool // emoji alone
	Clock   Rect
	Mark    Rect
	Failed  Rect // why it was refused, with Retry
}

// timeLine is the pause after which a time stands above a message.
const timeLine = 5 * time.Minute

// Compute lays out m below the message before it, which may be nil.
func Compute(m Message, before *Message, width float32, metrics Metrics, s Sizes) Frames {
	var f Frames
	y := float32(0)
	newDay := before == nil || before.Day != m.Day
	pause := before == nil || m.Time.Sub(before.Time) > timeLine
	if newDay || pause {
		f.Says = m.Clock
		if newDay {
			f.Says = m.Day
		}
		w := min(metrics.Width(f.Says, s.Caption, false)+2*s.Gap, width)
		y += s.Gap
		f.Divider = Rect{(width - w) / 2, y, w, metrics.LineHeight(s.Caption) + s.GroupGap*2}
		y += f.Divider.H
	}
	grouped := !newDay && !pause && before.Own == m.Own && before.UserID == m.UserID
	if grouped {
		y += s.GroupGap
	} else {
		y += s.Gap
	}
	left, right := s.Margin, width-s.Margin
	if !m.Own {
		left += s.Avatar + s.Gap
		if !grouped {
			f.Avatar = Rect{s.Margin, y, s.Avatar, s.Avatar}
			h := metrics.LineHeight(s.Caption)
			f.Name = Rect{left + s.GroupGap, y, max(right-left-s.GroupGap, 1), h}
			y += h + s.GroupGap
		}
	} else {
		left += s.Avatar / 2 // others' side stays visible
	}
	f.bubble(m, y, left, right, metrics, s)
	y = f.Bubble.Y + f.Bubble.H
	if m.Failed != "" {
		h := metrics.LineHeight(s.Caption) + s.GroupGap*2
		f.Failed = Rect{left, y, right - left, h}
		y += h
	}
	f.Height = max(y, f.Avatar.Y+f.Avatar.H)
	return f
}

// bubble lays out text, clock and mark, and the bubble around them.
func (f *Frames) bubble(m Message, y, left, right float32, metrics Metrics, s Sizes) {
	size := s.Text
	if f.Large = emojiAlone(m.Text); f.Large {
		size = s.Emoji
	}
	available := max(min(right-left, s.MaxBubble)-2*s.BubblePadding, size)
	lines := Break(m.Text, available, func(text string) float32 { return metrics.Width(text, size, false) })
	height := metrics.LineHeight(size)
	widest, last := float32(0), float32(0)
	for i, text := range lines {
		last = min(metrics.Width(text, size, false), available)
		widest = max(widest, last)
		f.Lines = append(f.Lines, Line{text, Rect{0, y + s.BubblePadding*0.75 + float32(i)*height, last, height}})
	}
	foot := metrics.Width(m.Clock, s.Caption, false)
	if m.Marked {
		foot += s.GroupGap + s.Mark
	}
	footHeight := max(metrics.LineHeight(s.Caption), s.Mark)
	inner := max(widest, foot)
	bottom := float32(len(lines)) * height
	// The clock stands behind the last line where there is room, else below.
	if last+s.Gap+foot <= available && !f.Large {
		inner = max(widest, last+s.Gap+foot)
	} else {
		bottom += footHeight
	}
	inner = min(inner, available)
	w := inner + 2*s.BubblePadding
	x := left
	if m.Own {
		x = right - w
	}
	f.Bubble = Rect{x, y, w, bottom + s.BubblePadding*1.5}
	for i := range f.Lines {
		f.Lines[i].X = x + s.BubblePadding
	}
	base := f.Bubble.Y + f.Bubble.H - s.BubblePadding*0.75
	end := x + w - s.BubblePadding
	if m.Marked {
		f.Mark = Rect{end - s.Mark, base - (footHeight+s.Mark)/2, s.Mark, s.Mark}
		end -= s.Mark + s.GroupGap
	}
	clock := metrics.Width(m.Clock, s.Caption, false)
	f.Clock = Rect{max(end-clock, x), base - footHeight, clock, footHeight}
}

// Break breaks text into lines no wider than width, where Unicode allows it
// (UAX #14), and inside a word that is wider than a line, between what a
// person sees as characters (UAX #29).
func Break(text string, width float32, measure func(string) float32) []string {
	var lines []string
	for _, paragraph := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		lines = append(lines, breakParagraph(paragraph, width, measure)...)
	}
	return lines
}

func breakParagraph(text string, width float32, measure func(string) float32) []string {
	if measure(text) <= width {
		return []string{text}
	}
	var (
		lines []string
		line  string
		seg   segmenter.Segmenter
	)
	flush := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line = ""
	}
	seg.Init([]rune(text))
	for words := seg.LineIterator(); words.Next(); {
		word := string(words.Line().Text)
		if measure(line+strings.TrimRight(word, " ")) <= width {
			line += word
			continue
		}
		if line != "" {
			flush()
		}
		if measure(strings.TrimRight(word, " ")) <= width {
			line = word
			continue
		}
		var inside segmenter.Segmenter
		inside.Init([]rune(word))
		for clusters := inside.GraphemeIterator(); clusters.Next(); {
			cluster := string(clusters.Grapheme().Text)
			if line != "" && measure(line+cluster) > width {
				flush()
			}
			line += cluster
		}
	}
	if line != "" || len(lines) == 0 {
		flush()
	}
	return lines
}

// emojiAlone reports whether text is one to three emoji and nothing else.
func emojiAlone(text string) bool {
	if text == "" || len(text) > 128 {
		return false
	}
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	n := 0
	for clusters := seg.GraphemeIterator(); clusters.Next(); {
		if n++; n > 3 || !emoji(clusters.Grapheme().Text) {
			return false
		}
	}
	return n > 0
}

func emoji(cluster []rune) bool {
	r := cluster[0]
	if len(cluster) > 1 && cluster[len(cluster)-1] == 0xfe0e {
		return false // asked for as text
	}
	presented := len(cluster) > 1 && (cluster[1] == 0xfe0f || cluster[1] == 0x200d || cluster[1] >= 0x1f3fb && cluster[1] <= 0x1f3ff)
	switch {
	case r >= 0x1f300 && r <= 0x1faff, r >= 0x1f1e6 && r <= 0x1f1ff:
		return true
	case r >= 0x2600 && r <= 0x27bf, r >= 0x2300 && r <= 0x23ff, r >= 0x2b00 && r <= 0x2bff, r >= 0x2190 && r <= 0x21ff:
		return presented || r == 0x2b50 || r == 0x2705 || r == 0x274c || r == 0x26a1 || r == 0x2764
	default:
		return false
	}
}

// Package frames computes where everything of a message goes, from the
// message, the width of the list and the metrics of the font. It draws
// nothing and asks no widget.
package frames

import (
	"sort"
	"strings"
	"time"

	"github.com/go-text/typesetting/segmenter"
)

// Kind is what a bubble has above its text.
type Kind int

// The kinds.
const (
	Text Kind = iota
	Picture
	Voice
	File
)

// Message is what frames depend on.
type Message struct {
	UserID string
	Own    bool
	Kind   Kind
	Text   string // what the bubble says
	Time   time.Time
	Clock  string // the time as the bubble shows it
	Failed string // why it was refused; empty otherwise
	Marked bool   // has a status mark
	Day    string // the day as a divider shows it
	Unread string // what the divider above says where reading stopped; empty elsewhere

	Width, Height int           // of a picture, in pixels
	Duration      time.Duration // of a voice message
	FileName      string
	FileNote      string // its size, or how far it is
	QuoteName     string // who is answered; empty when nobody is
	QuoteText     string
	Reactions     []string // as their chips say
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
	PictureMost   float32 // the longer side of a picture
	PictureLeast  float32 // the shorter side of a picture
	VoiceLeast    float32 // the bar of a voice message of no length
	VoiceMost     float32 // that of the longest
	Button        float32 // the round button of a voice message or file
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
	Unread  Rect   // the line where reading stopped
	Avatar  Rect
	Name    Rect
	Bubble  Rect
	Lines   []Line
	Large   bool // emoji alone
	Clock   Rect
	Mark    Rect
	Failed  Rect // why it was refused, with Retry

	Quote     Rect // all of the quote; a bar stands at its left
	QuoteName Line
	QuoteText Line
	Picture   Rect
	Button    Rect // of a voice message or file
	Wave      Rect // of a voice message
	Length    Rect
	FileName  Line
	FileNote  Line
	Reactions []Line // chips under the bubble
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
	if m.Unread != "" {
		y += s.Gap
		f.Unread = Rect{0, y, width, metrics.LineHeight(s.Caption) + s.GroupGap*2}
		y += f.Unread.H
	}
	grouped := !newDay && !pause && m.Unread == "" && before.Own == m.Own && before.UserID == m.UserID
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
	y = f.reactions(m, y, left, right, metrics, s)
	if m.Failed != "" {
		h := metrics.LineHeight(s.Caption) + s.GroupGap*2
		f.Failed = Rect{left, y, right - left, h}
		y += h
	}
	f.Height = max(y, f.Avatar.Y+f.Avatar.H)
	return f
}

// bubble lays out quote, media, text, clock and mark, and the bubble around
// them.
func (f *Frames) bubble(m Message, y, left, right float32, metrics Metrics, s Sizes) {
	size := s.Text
	if f.Large = m.Kind == Text && m.QuoteName == "" && emojiAlone(m.Text); f.Large {
		size = s.Emoji
	}
	available := max(min(right-left, s.MaxBubble)-2*s.BubblePadding, size)
	top := y + s.BubblePadding*0.75
	at, widest := f.quote(m, top, available, metrics, s)
	below, wide := f.media(m, at, available, metrics, s)
	at, widest = below, max(widest, wide)

	var lines []string
	if m.Text != "" || m.Kind == Text {
		lines = Break(m.Text, available, func(text string) float32 { return metrics.Width(text, size, false) })
	}
	height := metrics.LineHeight(size)
	last := float32(0)
	for i, text := range lines {
		last = min(metrics.Width(text, size, false), available)
		widest = max(widest, last)
		f.Lines = append(f.Lines, Line{text, Rect{0, at + float32(i)*height, last, height}})
	}
	foot := metrics.Width(m.Clock, s.Caption, false)
	if m.Marked {
		foot += s.GroupGap + s.Mark
	}
	footHeight := max(metrics.LineHeight(s.Caption), s.Mark)
	inner := max(widest, foot)
	bottom := at - top + float32(len(lines))*height
	// The clock stands behind the last line where there is room, else below.
	if len(lines) > 0 && last+s.Gap+foot <= available && !f.Large {
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
	f.indent(x+s.BubblePadding, inner)
	base := f.Bubble.Y + f.Bubble.H - s.BubblePadding*0.75
	end := x + w - s.BubblePadding
	if m.Marked {
		f.Mark = Rect{end - s.Mark, base - (footHeight+s.Mark)/2, s.Mark, s.Mark}
		end -= s.Mark + s.GroupGap
	}
	clock := metrics.Width(m.Clock, s.Caption, false)
	f.Clock = Rect{max(end-clock, x), base - footHeight, clock, footHeight}
}

// indent moves what was laid out from 0 to where the bubble is.
func (f *Frames) indent(x, inner float32) {
	for i := range f.Lines {
		f.Lines[i].X += x
	}
	for _, r := range []*Rect{&f.Quote, &f.QuoteName.Rect, &f.QuoteText.Rect, &f.Picture, &f.Button, &f.Wave, &f.Length, &f.FileName.Rect, &f.FileNote.Rect} {
		if !r.Empty() {
			r.X += x
		}
	}
	if !f.Quote.Empty() {
		f.Quote.W = inner
	}
}

// quote lays out what is answered, from y down, and gives where it ends and how
// wide it is.
func (f *Frames) quote(m Message, y, available float32, metrics Metrics, s Sizes) (bottom, wide float32) {
	if m.QuoteName == "" {
		return y, 0
	}
	h := metrics.LineHeight(s.Caption)
	room := max(available-2*s.Gap, 1)
	name := Elide(m.QuoteName, room, func(t string) float32 { return metrics.Width(t, s.Caption, true) })
	text := Elide(firstLine(m.QuoteText), room, func(t string) float32 { return metrics.Width(t, s.Caption, false) })
	f.QuoteName = Line{name, Rect{s.Gap, y + s.GroupGap, min(metrics.Width(name, s.Caption, true), room), h}}
	f.QuoteText = Line{text, Rect{s.Gap, y + s.GroupGap + h, min(max(metrics.Width(text, s.Caption, false), 1), room), h}}
	wide = min(max(f.QuoteName.W, f.QuoteText.W)+2*s.Gap, available)
	f.Quote = Rect{0, y, wide, 2*h + 2*s.GroupGap}
	return y + f.Quote.H + s.GroupGap*2, wide
}

// media lays out the picture, the voice bar or the file row.
func (f *Frames) media(m Message, y, available float32, metrics Metrics, s Sizes) (bottom, wide float32) {
	switch m.Kind {
	case Picture:
		w, h := fit(m.Width, m.Height, min(available, s.PictureMost), s.PictureMost, s.PictureLeast)
		f.Picture = Rect{0, y, min(w, available), h}
	case Voice:
		length := metrics.Width("0:00", s.Caption, false)
		share := float32(min(m.Duration, longestVoice)) / float32(longestVoice)
		bar := s.VoiceLeast + (s.VoiceMost-s.VoiceLeast)*share
		bar = max(min(bar, available-s.Button-2*s.Gap-length), s.Gap)
		f.Button = Rect{0, y, s.Button, s.Button}
		f.Wave = Rect{s.Button + s.Gap, y, bar, s.Button}
		h := metrics.LineHeight(s.Caption)
		f.Length = Rect{f.Wave.X + bar + s.Gap, y + (s.Button-h)/2, length, h}
		wide = min(f.Length.X+length, available)
		return y + max(s.Button, h) + s.GroupGap*2, wide
	case File:
		f.Button = Rect{0, y, s.Button, s.Button}
		x := s.Button + s.Gap
		room := max(available-x, 1)
		name := Elide(m.FileName, room, func(t string) float32 { return metrics.Width(t, s.Text, false) })
		line, note := metrics.LineHeight(s.Text), metrics.LineHeight(s.Caption)
		f.FileName = Line{name, Rect{x, y, min(max(metrics.Width(name, s.Text, false), 1), room), line}}
		f.FileNote = Line{m.FileNote, Rect{x, y + line, min(max(metrics.Width(m.FileNote, s.Caption, false), 1), room), note}}
		wide = x + max(f.FileName.W, f.FileNote.W)
		return y + max(s.Button, line+note) + s.GroupGap*2, min(wide, available)
	default:
		return y, 0
	}
	return f.Picture.Y + f.Picture.H + s.GroupGap*2, f.Picture.W
}

// longestVoice is how long a voice message may be.
const longestVoice = time.Minute

// fit gives a picture of w by h pixels its size in the list: its aspect is
// kept, but no side is over most or under least, and it is no wider than
// available.
func fit(w, h int, available, most, least float32) (float32, float32) {
	if w < 1 || h < 1 {
		return min(most, available), most * 0.75
	}
	scale := min(available/float32(w), most/float32(h), 1)
	return max(float32(w)*scale, min(least, available)), min(max(float32(h)*scale, least), most)
}

// reactions lays out the chips under the bubble, on its side.
func (f *Frames) reactions(m Message, y, left, right float32, metrics Metrics, s Sizes) float32 {
	if len(m.Reactions) == 0 {
		return y
	}
	h := metrics.LineHeight(s.Text) + s.GroupGap
	y += s.GroupGap
	x := left
	row := 0
	align := func() {
		if !m.Own {
			return
		}
		shift := right - (x - s.GroupGap)
		for i := row; i < len(f.Reactions); i++ {
			f.Reactions[i].X += shift
		}
	}
	for _, text := range m.Reactions {
		w := min(metrics.Width(text, s.Text, false)+2*s.Gap, right-left)
		if x > left && x+w > right {
			align()
			row, x, y = len(f.Reactions), left, y+h+s.GroupGap
		}
		f.Reactions = append(f.Reactions, Line{text, Rect{x, y, w, h}})
		x += w + s.GroupGap
	}
	align()
	return y + h
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// Elide cuts text that is wider than width, between characters as a person
// sees them, and says so by an ellipsis.
func Elide(text string, width float32, measure func(string) float32) string {
	if measure(text) <= width {
		return text
	}
	var (
		seg  segmenter.Segmenter
		ends []int
		at   int
	)
	runes := []rune(text)
	seg.Init(runes[:min(len(runes), 512)])
	for clusters := seg.GraphemeIterator(); clusters.Next(); {
		at += len(clusters.Grapheme().Text)
		ends = append(ends, at)
	}
	// The longest that fits.
	n := sort.Search(len(ends), func(i int) bool { return measure(string(runes[:ends[i]])+"…") > width })
	if n == 0 {
		return "…"
	}
	return string(runes[:ends[n-1]]) + "…"
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

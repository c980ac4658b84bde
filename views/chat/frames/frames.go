// Package frames computes where everything of a message goes, from the
// message, the width of the list and the metrics of the font. It draws
// nothing and asks no widget.
package frames

import "time"

// Kind is what a bubble has above its text.
type Kind int

// The kinds.
const (
	Text Kind = iota
	Picture
	Voice
	File
	Notice // a line in the middle, of nobody's side
)

// Message is what frames depend on.
type Message struct {
	UserID string
	Own    bool
	Kind   Kind
	Text   string // what the bubble says
	Time   time.Time
	Clock  string // the time as the bubble shows it
	Edited string // what stands before it where the message was edited
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
	Reactions     []Reaction
}

// Reaction is an emoji, and what is said of how many chose it.
type Reaction struct{ Emoji, Count string }

// Metrics measures text.
type Metrics interface {
	Width(text string, size float32, face Face) float32
	LineHeight(size float32) float32
}

// Face is a cut of the window's font.
type Face int

// The faces.
const (
	Regular Face = iota
	Bold
	Mono  // all characters equally wide, for code
	Emoji // a picture, EmojiAdvance wide
)

// Sizes are the lengths that a layout is made of, at the text scale.
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

// Chip is a reaction: an emoji, and behind it how many chose it, where it says.
type Chip struct {
	Rect
	Emoji string
	Face  Rect // of the emoji, square
	Count Line
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
	Lines   []TextLine
	Codes   []Rect  // behind blocks of code
	Large   bool    // emoji alone
	Size    float32 // of the text
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
	Reactions []Chip // under the bubble
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
		w := min(metrics.Width(f.Says, s.Caption, Regular)+2*s.Gap, width)
		y += s.Gap
		f.Divider = Rect{(width - w) / 2, y, w, metrics.LineHeight(s.Caption) + s.GroupGap*2}
		y += f.Divider.H
	}
	if m.Unread != "" {
		y += s.Gap
		f.Unread = Rect{0, y, width, metrics.LineHeight(s.Caption) + s.GroupGap*2}
		y += f.Unread.H
	}
	if m.Kind == Notice {
		f.notice(m, y+s.Gap, width, metrics, s)
		return f
	}
	grouped := !newDay && before.Kind != Notice && !pause && m.Unread == "" && before.Own == m.Own && before.UserID == m.UserID
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

// notice lays out a line that belongs to nobody's side.
func (f *Frames) notice(m Message, y, width float32, metrics Metrics, s Sizes) {
	height := metrics.LineHeight(s.Caption)
	available := max(min(width-2*s.Margin, s.MaxBubble)-2*s.BubblePadding, s.Caption)
	f.Size, f.Lines = s.Caption, layText(m.Text, available, s.Caption, s, metrics)
	widest := float32(0)
	for i := range f.Lines {
		line := &f.Lines[i]
		line.X, line.Y, line.H = (width-line.W)/2, y+s.GroupGap+float32(i)*height, height
		for j := range line.Pieces {
			line.Pieces[j].X += line.X
			line.Pieces[j].Y, line.Pieces[j].H = line.Y, height
		}
		widest = max(widest, line.W)
	}
	w := widest + 2*s.BubblePadding
	f.Bubble = Rect{(width - w) / 2, y, w, float32(len(f.Lines))*height + 2*s.GroupGap}
	f.Height = y + f.Bubble.H
}

// bubble lays out quote, media, text, clock and mark, and the bubble around
// them.
func (f *Frames) bubble(m Message, y, left, right float32, metrics Metrics, s Sizes) {
	size := s.Text
	if f.Large = m.Kind == Text && m.QuoteName == "" && emojiAlone(m.Text); f.Large {
		size = s.Emoji
	}
	f.Size = size
	available := max(min(right-left, s.MaxBubble)-2*s.BubblePadding, size)
	top := y + s.BubblePadding*0.75
	at, widest := f.quote(m, top, available, metrics, s)
	below, wide := f.media(m, at, available, metrics, s)
	at, widest = below, max(widest, wide)
	if !f.Picture.Empty() {
		// What is said of a picture stands below it, and not beside it.
		available = min(available, max(widest, captionLeast*size))
	}

	height := metrics.LineHeight(size)
	last := float32(0)
	if m.Text != "" || m.Kind == Text {
		f.Lines = layText(m.Text, available, size, s, metrics)
	}
	for i := range f.Lines {
		line := &f.Lines[i]
		line.Y, line.H = at+float32(i)*height, height
		for j := range line.Pieces {
			line.Pieces[j].Y, line.Pieces[j].H = line.Y, height
		}
		last = line.W
		widest = max(widest, last)
	}
	lines := f.Lines
	if m.Edited != "" {
		m.Clock = m.Edited + " " + m.Clock
	}
	foot := metrics.Width(m.Clock, s.Caption, Regular)
	if m.Marked {
		foot += s.GroupGap + s.Mark
	}
	footHeight := max(metrics.LineHeight(s.Caption), s.Mark)
	inner := max(widest, foot)
	bottom := at - top + float32(len(lines))*height
	// The clock stands behind the last line where there is room, else below.
	if len(lines) > 0 && last+s.Gap+foot <= available && !f.Large && !lines[len(lines)-1].RTL && !lines[len(lines)-1].Code {
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
	f.alignLines(inner, s.GroupGap)
	f.indent(x+s.BubblePadding, inner)
	base := f.Bubble.Y + f.Bubble.H - s.BubblePadding*0.75
	end := x + w - s.BubblePadding
	if m.Marked {
		f.Mark = Rect{end - s.Mark, base - (footHeight+s.Mark)/2, s.Mark, s.Mark}
		end -= s.Mark + s.GroupGap
	}
	clock := metrics.Width(m.Clock, s.Caption, Regular)
	f.Clock = Rect{max(end-clock, x), base - footHeight, clock, footHeight}
}

// indent moves what was laid out from 0 to where the bubble is.
func (f *Frames) indent(x, inner float32) {
	for i := range f.Lines {
		f.Lines[i].X += x
		for j := range f.Lines[i].Pieces {
			f.Lines[i].Pieces[j].X += x
		}
	}
	for i := range f.Codes {
		f.Codes[i].X += x
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
	name := Elide(m.QuoteName, room, func(t string) float32 { return metrics.Width(t, s.Caption, Bold) })
	text := Elide(firstLine(m.QuoteText), room, func(t string) float32 { return metrics.Width(t, s.Caption, Regular) })
	f.QuoteName = Line{name, Rect{s.Gap, y + s.GroupGap, min(metrics.Width(name, s.Caption, Bold), room), h}}
	f.QuoteText = Line{text, Rect{s.Gap, y + s.GroupGap + h, min(max(metrics.Width(text, s.Caption, Regular), 1), room), h}}
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
		length := metrics.Width("0:00", s.Caption, Regular)
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
		name := Elide(m.FileName, room, func(t string) float32 { return metrics.Width(t, s.Text, Regular) })
		line, note := metrics.LineHeight(s.Text), metrics.LineHeight(s.Caption)
		f.FileName = Line{name, Rect{x, y, min(max(metrics.Width(name, s.Text, Regular), 1), room), line}}
		f.FileNote = Line{m.FileNote, Rect{x, y + line, min(max(metrics.Width(m.FileNote, s.Caption, Regular), 1), room), note}}
		wide = x + max(f.FileName.W, f.FileNote.W)
		return y + max(s.Button, line+note) + s.GroupGap*2, min(wide, available)
	default:
		return y, 0
	}
	return f.Picture.Y + f.Picture.H + s.GroupGap*2, f.Picture.W
}

// captionLeast is how wide what is said of a narrow picture may be, in sizes of its
// text.
const captionLeast = 14

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
			c := &f.Reactions[i]
			c.X += shift
			c.Face.X += shift
			c.Count.X += shift
		}
	}
	side := min(EmojiAdvance(s.Text), h)
	for _, r := range m.Reactions {
		w, count := side+2*s.Gap, float32(0)
		if r.Count != "" {
			count = metrics.Width(r.Count, s.Text, Regular)
			w += s.GroupGap*2 + count
		}
		w = min(w, right-left)
		if x > left && x+w > right {
			align()
			row, x, y = len(f.Reactions), left, y+h+s.GroupGap
		}
		c := Chip{Rect: Rect{x, y, w, h}, Emoji: r.Emoji, Face: Rect{x + s.Gap, y + (h-side)/2, side, side}}
		if r.Count != "" {
			c.Count = Line{r.Count, Rect{c.Face.X + side + s.GroupGap*2, y, count, h}}
		}
		f.Reactions = append(f.Reactions, c)
		x += w + s.GroupGap
	}
	align()
	return y + h
}

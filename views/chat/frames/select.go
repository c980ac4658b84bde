package frames

// Range gives where the bytes from to to of a message's text are drawn.
func (f *Frames) Range(from, to int, metrics Metrics) []Rect {
	metrics = withEmoji{metrics}
	var all []Rect
	for _, line := range f.Lines {
		if line.To < from || line.From >= to {
			continue
		}
		for _, p := range line.Pieces {
			a, b := max(from, p.From), min(to, p.To)
			if a >= b {
				continue
			}
			x := p.X + metrics.Width(p.Text[:a-p.From], f.Size, p.Face)
			end := p.X + metrics.Width(p.Text[:b-p.From], f.Size, p.Face)
			if p.RTL {
				x, end = p.X+p.W-(end-p.X), p.X+p.W-(x-p.X)
			}
			all = append(all, Rect{x, p.Y, min(end, p.X+p.W) - x, p.H})
		}
	}
	return all
}

// Offset is the byte of a message's text nearest to a point, between what a
// person sees as characters; false where the message has no text.
func (f *Frames) Offset(x, y float32, metrics Metrics) (at int, ok bool) {
	if len(f.Lines) == 0 {
		return 0, false
	}
	line := f.Lines[len(f.Lines)-1]
	for _, l := range f.Lines {
		if y < l.Y+l.H {
			line = l
			break
		}
	}
	if len(line.Pieces) == 0 {
		return line.From, true
	}
	p := line.Pieces[0]
	for _, next := range line.Pieces[1:] {
		if x >= next.X {
			p = next
		}
	}
	along := x - p.X
	if p.RTL {
		along = p.W - along
	}
	metrics = withEmoji{metrics}
	before := float32(0)
	at = p.From
	for _, end := range Clusters(p.Text) {
		w := metrics.Width(p.Text[:end], f.Size, p.Face)
		if along < (before+w)/2 {
			return at, true
		}
		at, before = p.From+end, w
	}
	return at, true
}

// Word gives the word around a byte of a text.
func Word(text string, at int) (from, to int) {
	for _, end := range words(text) {
		if from, to = to, end; at < end {
			return from, to
		}
	}
	return from, to
}

// LinkAt is the address of the link at a point, or empty.
func (f *Frames) LinkAt(x, y float32) string {
	for _, line := range f.Lines {
		for _, p := range line.Pieces {
			if p.Link != "" && x >= p.X && x < p.X+p.W && y >= p.Y && y < p.Y+p.H {
				return p.Link
			}
		}
	}
	return ""
}

// OnText reports whether a point is on a line of text.
func (f *Frames) OnText(x, y float32) bool {
	for _, l := range f.Lines {
		if x >= l.X && x < l.X+l.W && y >= l.Y && y < l.Y+l.H {
			return true
		}
	}
	return false
}

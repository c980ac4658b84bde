package call

import "parley/views/theme"

const (
	stageGap = theme.SpaceS
	// pageSize is the most tiles of one page of the grid: with more, faces
	// are too small to be read.
	pageSize = 16
	// turnSize is a button that turns the page, turnRoom what it takes at an
	// end.
	turnSize float32 = 32
	turnRoom         = turnSize + stageGap
	// countHeight is the line that says which page this is.
	countHeight float32 = 20
	// The strip beside what is large takes a part of the stage, up to what
	// shows a face well.
	stripMostWidth  float32 = 208
	stripMostHeight float32 = 130
)

// rect is where something lies on the stage.
type rect struct{ x, y, w, h float32 }

// spread is where the tiles of one page lie.
type spread struct {
	page, pages int
	first       int // which tile the first of tiles is
	tiles       []rect
	// Buttons that turn the page, and the line that names it; empty where
	// there is one page, or no room.
	back, forward, count rect
	down                 bool // pages follow each other downwards
}

// gridSpread lays n tiles of equal size into an area.
func gridSpread(n, page int, area rect) spread {
	s := spread{pages: max((n+pageSize-1)/pageSize, 1)}
	s.page = min(max(page, 0), s.pages-1)
	if s.pages > 1 {
		y := area.y + (area.h-countHeight-turnSize)/2
		s.back = rect{area.x, y, turnSize, turnSize}
		s.forward = rect{area.x + area.w - turnSize, y, turnSize, turnSize}
		s.count = rect{area.x, area.y + area.h - countHeight, area.w, countHeight}
		area = rect{area.x + turnRoom, area.y, area.w - 2*turnRoom, area.h - countHeight - stageGap/2}
	}
	s.first = s.page * pageSize
	shown := min(n-s.first, pageSize)
	a := arrange(shown, area.w, area.h, stageGap)
	for i := range shown {
		x, y := a.Position(i, shown, area.w, area.h, stageGap)
		s.tiles = append(s.tiles, rect{area.x + x, area.y + y, a.Width, a.Height})
	}
	return s
}

// divide parts an area into what is large and the strip of the others, at the
// right or below: where the large picture stays larger.
func divide(area rect) (large, strip rect, down bool) {
	w, h := min(area.w*0.25, stripMostWidth), min(area.h*0.22, area.w*0.22, stripMostHeight)
	beside := Grid(1, area.w-w-stageGap, area.h, 0, wideAspect)
	above := Grid(1, area.w, area.h-h-stageGap, 0, wideAspect)
	if beside.Width >= above.Width {
		return rect{area.x, area.y, area.w - w - stageGap, area.h}, rect{area.x + area.w - w, area.y, w, area.h}, true
	}
	return rect{area.x, area.y, area.w, area.h - h - stageGap}, rect{area.x, area.y + area.h - h, area.w, h}, false
}

// setAside takes an end of a strip of n tiles for the own picture, which else
// would lie on the others.
func setAside(n int, strip rect, down, atEnd, hidden bool) (rest, own rect) {
	rest, own = strip, strip
	length, best, least := lengths(strip, down)
	size := min(best, max(share(n+1, length), least), length/2)
	left := min(hiddenSize, strip.w, strip.h) // of a hidden one
	if down {
		own.h = size
		if hidden {
			own = rect{strip.x + strip.w - left, strip.y, left, left}
		}
		rest.h -= own.h + stageGap
		if atEnd {
			own.y += strip.h - own.h
		} else {
			rest.y += own.h + stageGap
		}
		return rest, own
	}
	own.w = size
	if hidden {
		own = rect{strip.x, strip.y + strip.h - left, left, left}
	}
	rest.w -= own.w + stageGap
	if atEnd {
		own.x += strip.w - own.w
	} else {
		rest.x += own.w + stageGap
	}
	return rest, own
}

// stripSpread lays n tiles in a row, or in a column. They shrink a little
// before there are pages.
func stripSpread(n, page int, area rect, down bool) spread {
	s := spread{pages: 1, down: down}
	length, best, least := lengths(area, down)
	shown := n
	if n > fitting(length, least) {
		length -= 2 * turnRoom
		shown = max(fitting(length, least), 1)
		s.pages = (n + shown - 1) / shown
		s.page = min(max(page, 0), s.pages-1)
		s.first = s.page * shown
	}
	size := min(best, max(share(shown, length), 0))
	shown = min(n-s.first, shown)
	at := float32(0)
	if !down { // a row lies in the middle, a column begins at the top
		at = (length - size*float32(shown) - stageGap*float32(shown-1)) / 2
	}
	if s.pages > 1 {
		at += turnRoom
		button := min(turnSize, area.w, area.h)
		s.back = rect{area.x, area.y + (area.h-button)/2, button, button}
		s.forward = rect{area.x + area.w - button, s.back.y, button, button}
		if down {
			s.back = rect{area.x + (area.w-button)/2, area.y, button, button}
			s.forward = rect{s.back.x, area.y + area.h - button, button, button}
		}
	}
	for range shown {
		tile := rect{area.x + at, area.y, size, area.h}
		if down {
			tile = rect{area.x, area.y + at, area.w, size}
		}
		s.tiles = append(s.tiles, tile)
		at += size + stageGap
	}
	return s
}

// lengths are how long a strip is, and how long its tiles are at best and at
// least: at least as much of a row as shows a face and the mark of its name.
func lengths(strip rect, down bool) (length, best, least float32) {
	if down {
		return strip.h, strip.w / wideAspect, strip.w * 0.4
	}
	return strip.w, strip.h * wideAspect, strip.h * 0.9
}

// share is the part of a length that each of n tiles has.
func share(n int, length float32) float32 {
	return (length - stageGap*float32(n-1)) / float32(n)
}

// fitting is how many tiles of a size fit into a length.
func fitting(length, size float32) int {
	if size <= 0 {
		return 0
	}
	return int((length + stageGap) / (size + stageGap))
}

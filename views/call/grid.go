package call

import "math"

// Arrangement is how equal tiles lie in a grid.
type Arrangement struct {
	Columns, Rows int
	Width, Height float32 // of one tile
}

// Grid chooses the columns and rows that make n tiles of one aspect (width
// over height) largest in an area of w x h, with gap between neighbours.
func Grid(n int, w, h, gap, aspect float32) Arrangement {
	var best Arrangement
	for columns := 1; columns <= n; columns++ {
		rows := (n + columns - 1) / columns
		width := (w - gap*float32(columns-1)) / float32(columns)
		height := (h - gap*float32(rows-1)) / float32(rows)
		if width <= 0 || height <= 0 {
			continue
		}
		width = min(width, height*aspect)
		if width > best.Width {
			best = Arrangement{Columns: columns, Rows: rows, Width: width, Height: width / aspect}
		}
	}
	best.Width = float32(math.Floor(float64(best.Width)))
	best.Height = float32(math.Floor(float64(best.Height)))
	return best
}

// Position is the top left corner of tile i of n. The grid lies in the middle
// of the area, and so does a last row that is not full.
func (a Arrangement) Position(i, n int, w, h, gap float32) (x, y float32) {
	if a.Columns == 0 {
		return 0, 0
	}
	row, column := i/a.Columns, i%a.Columns
	inRow := min(a.Columns, n-row*a.Columns)
	across := float32(inRow)*a.Width + float32(inRow-1)*gap
	down := float32(a.Rows)*a.Height + float32(a.Rows-1)*gap
	x = (w-across)/2 + float32(column)*(a.Width+gap)
	y = (h-down)/2 + float32(row)*(a.Height+gap)
	return x, y
}

// The shapes that a tile may take: what cameras deliver, and what a picture
// can be cut to without losing a face.
const (
	wideAspect   float32 = 16.0 / 9
	narrowAspect float32 = 4.0 / 3
)

// arrange chooses a grid and a shape for the tiles: a lone tile takes what
// there is between square and wide; several take the larger of two shapes.
func arrange(n int, w, h, gap float32) Arrangement {
	if n == 1 && h > 0 {
		return Grid(1, w, h, gap, min(max(w/h, 1), wideAspect))
	}
	wide, narrow := Grid(n, w, h, gap, wideAspect), Grid(n, w, h, gap, narrowAspect)
	if narrow.Width*narrow.Height > wide.Width*wide.Height {
		return narrow
	}
	return wide
}

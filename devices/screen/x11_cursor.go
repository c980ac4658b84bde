//go:build linux

package screen

import (
	"github.com/jezek/xgb/xfixes"
)

// drawCursor draws the mouse pointer into a picture whose upper left corner
// lies at x, y of the root window.
func (s *server) drawCursor(p *picture, x, y int) {
	if !s.cursor {
		return
	}
	c, err := xfixes.GetCursorImage(s.conn).Reply()
	if err != nil {
		return // a picture without a pointer is better than none
	}
	left, top := int(c.X)-int(c.Xhot)-x, int(c.Y)-int(c.Yhot)-y
	for row := range int(c.Height) {
		if top+row < 0 || top+row >= p.height {
			continue
		}
		pixels := p.row(top + row)
		for column := range int(c.Width) {
			if at := left + column; at >= 0 && at < p.width {
				blend(pixels[at*pixelBytes:], c.CursorImage[row*int(c.Width)+column])
			}
		}
	}
}

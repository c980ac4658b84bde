package screen

import (
	"bytes"
	"fmt"
	"time"

	"parley/devices"
)

// sideMax bounds what is read of a server that tells nonsense.
const sideMax = 1 << 14

// painter makes frames of the pictures of one source. It does the work of
// scaling and conversion for the rows that changed only.
type painter struct {
	format devices.ScreenFormat
	pool   devices.FramePool
	last   *picture // as it was painted
	dirty  []bool   // rows of last that changed
	scaler *scaler  // nil where the size stays
	scaled *picture
	frame  *devices.Frame // the newest; rows that change are painted over
}

// paint takes a picture, of which it keeps nothing, and reports whether it
// differs from the one before.
func (p *painter) paint(now *picture) (bool, error) {
	if now.width <= 0 || now.height <= 0 || now.width > sideMax || now.height > sideMax {
		return false, fmt.Errorf("a screen or window of %dx%d pixels can't be shared: %w", now.width, now.height, devices.ErrFormat)
	}
	all := p.last == nil || p.last.width != now.width || p.last.height != now.height
	if all {
		p.resize(now.width, now.height)
	}
	changed := false
	for y := range now.height {
		old, row := p.last.row(y), now.row(y)
		p.dirty[y] = all || !bytes.Equal(old, row)
		if p.dirty[y] {
			copy(old, row)
			changed = true
		}
	}
	if !changed {
		return false, nil
	}
	return true, p.render(all)
}

func (p *painter) resize(width, height int) {
	p.last, p.dirty = newPicture(width, height), make([]bool, height)
	p.scaler, p.scaled = nil, nil
	outWidth, outHeight := p.format.Fit(width, height)
	// An odd row or column is left out: scaling by one pixel would blur all.
	if outWidth == width&^1 && outHeight == height&^1 {
		return
	}
	p.scaler, p.scaled = newScaler(width, height, outWidth, outHeight), newPicture(outWidth, outHeight)
}

// render brings the frame up to date with what is dirty.
func (p *painter) render(all bool) error {
	src := p.last
	if p.scaler != nil {
		src = p.scaled
	}
	if all {
		p.close()
		var err error
		if p.frame, err = p.pool.Get(src.width&^1, src.height&^1); err != nil {
			return err
		}
	}
	for pair := range p.frame.Height / 2 {
		top, bottom := p.renew(2*pair), p.renew(2*pair+1)
		if top || bottom {
			convertRows(p.frame, src, pair)
		}
	}
	return nil
}

// renew reports whether row y of the frame changed; it is scaled first.
func (p *painter) renew(y int) bool {
	if p.scaler == nil {
		return p.dirty[y]
	}
	first, weights := p.scaler.rows.of(y)
	for _, dirty := range p.dirty[first:][:len(weights)] {
		if dirty {
			p.scaler.row(p.scaled.row(y), p.last, y)
			return true
		}
	}
	return false
}

// newest is a frame of the newest picture, for the caller to release; nil
// before the first. It is a copy: the painter paints on over its own.
func (p *painter) newest(at time.Duration) (*devices.Frame, error) {
	if p.frame == nil {
		return nil, nil //nolint:nilnil // said above
	}
	f, err := p.pool.Get(p.frame.Width, p.frame.Height)
	if err != nil {
		return nil, err
	}
	copy(f.Y, p.frame.Y)
	copy(f.U, p.frame.U)
	copy(f.V, p.frame.V)
	f.Timestamp = at
	return f, nil
}

func (p *painter) close() {
	if p.frame != nil {
		p.frame.Release()
		p.frame = nil
	}
}

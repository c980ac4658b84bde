package video

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/session/frame"
)

// rasterSurface converts on the CPU, when the painter asks for the picture.
type rasterSurface struct {
	raster    *canvas.Raster
	frame     *frame.Frame
	options   Options
	converter converter
	buffer    *pixels
}

// pixels is the buffer that all tiles of a window are painted in, one after the
// other: painters copy it before they return.
type pixels struct{ image image.RGBA }

// of gives the buffer a size. What was in it is of no use any more.
func (p *pixels) of(width, height int) *image.RGBA {
	if n := 4 * width * height; cap(p.image.Pix) < n {
		p.image.Pix = make([]byte, n)
	} else {
		p.image.Pix = p.image.Pix[:n]
	}
	p.image.Stride, p.image.Rect = 4*width, image.Rect(0, 0, width, height)
	return &p.image
}

func newRasterSurface(buffer *pixels) *rasterSurface {
	s := &rasterSurface{buffer: buffer}
	s.raster = canvas.NewRaster(s.paint)
	s.raster.ScaleMode = canvas.ImageScaleFastest
	s.raster.Hide()
	return s
}

func (s *rasterSurface) object() fyne.CanvasObject { return s.raster }

func (s *rasterSurface) show(f *frame.Frame, o *Options) {
	s.frame, s.options = f, *o
	if f == nil {
		s.raster.Hide()
		return
	}
	s.raster.Show()
}

// paint returns the picture at the size of the screen.
func (s *rasterSurface) paint(width, height int) image.Image {
	picture := s.buffer.of(width, height)
	if s.frame == nil || width == 0 || height == 0 {
		clear(picture.Pix)
		return picture
	}
	radius := float64(s.options.CornerRadius)
	if unit := s.raster.Size().Width; unit > 0 {
		radius *= float64(width) / float64(unit)
	}
	s.converter.draw(picture, s.frame, drawing{
		fit:    s.options.Fit,
		mirror: s.options.Mirror || s.frame.Mirrored,
		radius: radius,
	})
	return picture
}

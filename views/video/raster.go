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
	buffer    image.RGBA
}

func newRasterSurface() *rasterSurface {
	s := &rasterSurface{}
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

// paint returns the picture at the size of the screen. The buffer is used
// again: painters copy it before they return.
func (s *rasterSurface) paint(width, height int) image.Image {
	if s.buffer.Rect.Dx() != width || s.buffer.Rect.Dy() != height {
		s.buffer = *image.NewRGBA(image.Rect(0, 0, width, height))
	}
	if s.frame == nil || width == 0 || height == 0 {
		clear(s.buffer.Pix)
		return &s.buffer
	}
	radius := float64(s.options.CornerRadius)
	if unit := s.raster.Size().Width; unit > 0 {
		radius *= float64(width) / float64(unit)
	}
	s.converter.draw(&s.buffer, s.frame, drawing{
		fit:    s.options.Fit,
		mirror: s.options.Mirror || s.frame.Mirrored,
		radius: radius,
	})
	return &s.buffer
}

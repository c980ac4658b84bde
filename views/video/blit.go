package video

import (
	_ "embed"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"parley/session/frame"
)

//go:embed blit.frag
var blitBody string

// blitSurface converts on the CPU, and has the painter copy the pixels.
type blitSurface struct {
	shader    *canvas.Shader
	slots     *slots
	slot      *slot
	header    *image.RGBA
	converter converter
	pixels    []byte
}

func newBlitSurface(s *slots) *blitSurface {
	shader := newShader(blitBody)
	shader.Hide()
	return &blitSurface{shader: shader, slots: s}
}

func (s *blitSurface) object() fyne.CanvasObject { return s.shader }

func (s *blitSurface) show(f *frame.Frame, o *Options) {
	if f == nil {
		s.drop()
		return
	}
	width, height := pixelsOf(s.shader)
	if width <= 0 || height <= 0 {
		return
	}
	if s.slot == nil {
		s.slot = s.slots.acquire()
		s.shader.Name = s.slot.name
	}
	if n := 4 * width * height; cap(s.pixels) < n {
		s.pixels = make([]byte, n)
	} else {
		s.pixels = s.pixels[:n]
	}
	s.header = s.slot.header()
	*s.header = image.RGBA{Pix: s.pixels, Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}
	s.converter.drawStraight(s.header, f, drawing{
		fit:    o.Fit,
		mirror: o.Mirror || f.Mirrored,
		radius: float64(o.CornerRadius) * float64(width) / float64(s.shader.Size().Width),
	})
	s.shader.Textures["picture"] = s.header
	s.shader.Show()
}

// drop gives the slot and the pixels back. The painter still knows the last
// header, and through it would keep them alive.
func (s *blitSurface) drop() {
	s.shader.Hide()
	clear(s.shader.Textures)
	if s.header != nil {
		*s.header = image.RGBA{}
	}
	s.header, s.pixels = nil, nil
	if s.slot != nil {
		s.slots.release(s.slot)
		s.slot = nil
	}
}

// pixelsOf is an object's size on the screen.
func pixelsOf(o fyne.CanvasObject) (width, height int) {
	size := o.Size()
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		return c.PixelCoordinateForPosition(fyne.NewPos(size.Width, size.Height))
	}
	return int(size.Width), int(size.Height)
}

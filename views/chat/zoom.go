package chat

import "fyne.io/fyne/v2"

// zoom is where a picture is in a view: it never leaves it, and is in the
// middle where it is smaller.
type zoom struct {
	view    fyne.Size
	picture fyne.Size // at 1:1
	scale   float32
	at      fyne.Position // of its top left corner
}

const (
	// zoomMost is how large a pixel of the picture gets.
	zoomMost = 8
	// zoomStep is one notch of the wheel.
	zoomStep = 1.2
)

// fitScale shows the whole picture, never larger than it is.
func (z *zoom) fitScale() float32 {
	if z.picture.Width <= 0 || z.picture.Height <= 0 {
		return 1
	}
	return min(z.view.Width/z.picture.Width, z.view.Height/z.picture.Height, 1)
}

func (z *zoom) fit() {
	z.scale = z.fitScale()
	z.clamp()
}

// to scales so that what is at p stays there.
func (z *zoom) to(scale float32, p fyne.Position) {
	scale = max(z.fitScale(), min(scale, zoomMost))
	if z.scale > 0 {
		z.at.X = p.X - (p.X-z.at.X)*scale/z.scale
		z.at.Y = p.Y - (p.Y-z.at.Y)*scale/z.scale
	}
	z.scale = scale
	z.clamp()
}

func (z *zoom) pan(by fyne.Delta) {
	z.at = z.at.AddXY(by.DX, by.DY)
	z.clamp()
}

// resize keeps what is in the middle there; a picture that was fitted is
// fitted again.
func (z *zoom) resize(view fyne.Size) {
	fitted := z.scale <= z.fitScale()
	middle := fyne.NewPos((z.view.Width/2-z.at.X)/max(z.scale, 1e-6), (z.view.Height/2-z.at.Y)/max(z.scale, 1e-6))
	z.view = view
	if fitted {
		z.fit()
		return
	}
	z.scale = max(z.scale, z.fitScale())
	z.at = fyne.NewPos(view.Width/2-middle.X*z.scale, view.Height/2-middle.Y*z.scale)
	z.clamp()
}

func (z *zoom) size() fyne.Size {
	return fyne.NewSize(z.picture.Width*z.scale, z.picture.Height*z.scale)
}

func (z *zoom) clamp() {
	size := z.size()
	z.at = fyne.NewPos(clampAxis(z.at.X, size.Width, z.view.Width), clampAxis(z.at.Y, size.Height, z.view.Height))
}

func clampAxis(at, size, view float32) float32 {
	if size <= view {
		return (view - size) / 2
	}
	return max(view-size, min(at, 0))
}

func (z *zoom) holds(p fyne.Position) bool {
	size := z.size()
	return p.X >= z.at.X && p.Y >= z.at.Y && p.X < z.at.X+size.Width && p.Y < z.at.Y+size.Height
}

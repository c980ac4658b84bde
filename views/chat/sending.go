package chat

import (
	"image"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"parley/views/i18n"
	"parley/views/theme"
)

// Sendable is a file that is about to be sent.
type Sendable struct {
	Name, Size string
	Image      image.Image // nil for what is no picture
}

// SendSizes say how large all is, as it would be sent; Scaled is empty where there
// is no choice.
type SendSizes struct{ Scaled, Original string }

// Sending is what is about to be sent, to be looked at before it goes: a picture
// alone is large, of several files each has a line.
type Sending struct {
	caption *widget.Entry
	size    *widget.RadioGroup // nil where there is one size
	root    *fyne.Container
}

// Lengths of what is about to be sent.
const (
	sendingWidth  float32 = 380
	sendingHeight float32 = 240 // of a picture alone, where there is room
	sendingRest   float32 = 280 // of all but the picture
	sendingLeast  float32 = 72
	sendingThumb  float32 = 40
	sendingRows           = 4 // are seen without scrolling
)

// NewSending makes it for a window of a size; submit is what Enter does in the caption.
func NewSending(loc *i18n.Localizer, files []Sendable, sizes SendSizes, window fyne.Size, submit func()) *Sending {
	s := &Sending{caption: widget.NewEntry(), root: container.NewVBox()}
	if len(files) == 1 && files[0].Image != nil {
		s.root.Add(pictureAlone(files[0].Image, window))
	} else {
		s.root.Add(sendingList(files))
	}
	if sizes.Scaled != "" {
		s.size = widget.NewRadioGroup([]string{
			loc.Tf("send.scaled", map[string]any{"Size": sizes.Scaled}), loc.Tf("send.original", map[string]any{"Size": sizes.Original}),
		}, nil)
		s.size.SetSelected(s.size.Options[0])
		s.root.Add(theme.Edged(s.size))
	} else if len(files) != 1 || files[0].Image != nil { // else its line says so
		s.root.Add(theme.Hint(sizes.Original, fynetheme.SizeNameCaptionText, false))
	}
	s.caption.SetPlaceHolder(loc.T("send.caption"))
	s.caption.OnSubmitted = func(string) { submit() }
	s.root.Add(s.caption)
	return s
}

// CanvasObject is the content of a dialog.
func (s *Sending) CanvasObject() fyne.CanvasObject { return s.root }

// Focus puts the cursor into the caption.
func (s *Sending) Focus(c fyne.Canvas) { c.Focus(s.caption) }

// Caption is what was written about it.
func (s *Sending) Caption() string { return strings.TrimSpace(s.caption.Text) }

// Original reports whether pictures are to go as they are.
func (s *Sending) Original() bool { return s.size != nil && s.size.Selected == s.size.Options[1] }

// pictureAlone is a picture as large as the window leaves room for.
func pictureAlone(img image.Image, window fyne.Size) fyne.CanvasObject {
	most := max(min(sendingHeight, window.Height-theme.Scaled(sendingRest)), sendingLeast)
	width := max(min(sendingWidth, window.Width-2*theme.SpaceXXL), sendingLeast)
	height := most
	if b := img.Bounds(); b.Dx() > 0 {
		height = min(width*float32(b.Dy())/float32(b.Dx()), most)
	}
	picture := canvas.NewImageFromImage(img)
	picture.FillMode, picture.CornerRadius = canvas.ImageFillContain, theme.RadiusS
	picture.SetMinSize(fyne.NewSize(width, max(height, sendingThumb)))
	return picture
}

// sendingList has a line for each file.
func sendingList(files []Sendable) fyne.CanvasObject {
	lines := container.NewVBox()
	for _, f := range files {
		face := canvas.NewImageFromResource(theme.Icon("file", theme.ColorMuted))
		face.FillMode = canvas.ImageFillContain
		inset := float32(8)
		if f.Image != nil {
			face = canvas.NewImageFromImage(f.Image)
			face.FillMode, face.CornerRadius = canvas.ImageFillCover, theme.RadiusS
			inset = 0
		}
		face.SetMinSize(fyne.NewSquareSize(sendingThumb - 2*inset))
		name := widget.NewLabel(f.Name)
		name.Truncation = fyne.TextTruncateEllipsis
		size := widget.NewLabel(f.Size)
		size.SizeName, size.Importance = fynetheme.SizeNameCaptionText, widget.LowImportance
		lines.Add(container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(inset, inset, inset, inset), face), container.NewCenter(size), container.NewVBox(layout.NewSpacer(), name, layout.NewSpacer())))
	}
	if len(files) <= sendingRows {
		return lines
	}
	scroll := container.NewVScroll(lines)
	row := lines.Objects[0].MinSize().Height + theme.SpaceXS
	scroll.SetMinSize(fyne.NewSize(0, row*(sendingRows+0.5))) // that there is more is seen
	return scroll
}

package screen

import (
	"encoding/binary"
	"image"

	"parley/devices"
)

// pixelBytes is the size of a pixel of a picture.
const pixelBytes = 4

// picture is what a screen shows, with pixels of the bytes blue, green, red
// and one that means nothing.
type picture struct {
	pix           []byte
	stride        int // bytes
	width, height int
}

func newPicture(width, height int) *picture {
	return &picture{pix: make([]byte, width*height*pixelBytes), stride: width * pixelBytes, width: width, height: height}
}

// row is the pixels of a row and nothing else.
func (p *picture) row(y int) []byte {
	return p.pix[y*p.stride:][: p.width*pixelBytes : p.width*pixelBytes]
}

// blend lays a pixel with premultiplied alpha, as 0xAARRGGBB, over another.
func blend(dst []byte, over uint32) {
	rest := 255 - over>>24
	for i := range 3 {
		level := over>>(8*i)&0xff + (uint32(dst[i])*rest+127)/255
		dst[i] = byte(min(level, 255)) // more only where a program lied about premultiplying
	}
}

// thumbnail makes a small picture for a list.
func thumbnail(p *picture) *image.RGBA {
	width, height := devices.FitInto(p.width, p.height, devices.ThumbnailWidth, devices.ThumbnailHeight)
	small := p
	if width != p.width || height != p.height {
		small = newPicture(width, height)
		s := newScaler(p.width, p.height, width, height)
		for y := range height {
			s.row(small.row(y), p, y)
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		src, dst := small.row(y), img.Pix[y*img.Stride:]
		for x := 0; x < len(src); x += pixelBytes {
			v := binary.LittleEndian.Uint32(src[x:])
			binary.LittleEndian.PutUint32(dst[x:], 0xff000000|v<<16&0xff0000|v&0xff00|v>>16&0xff)
		}
	}
	return img
}

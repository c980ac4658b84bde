package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
)

// turning is how a picture lies, as the Orientation tag of Exif (tag 0x0112)
// numbers it: 1 is upright.
type turning int

const upright turning = 1

// swaps reports whether width and height change places.
func (t turning) swaps() bool { return t >= 5 }

// apply turns a picture upright.
func (t turning) apply(src image.Image) image.Image {
	if t < 2 || t > 8 {
		return src
	}
	from, ok := src.(*image.RGBA)
	if !ok {
		from = image.NewRGBA(image.Rectangle{Max: src.Bounds().Size()})
		draw.Draw(from, from.Rect, src, src.Bounds().Min, draw.Src)
	}
	w, h := from.Rect.Dx(), from.Rect.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if t.swaps() {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			sx, sy := x, y
			if t.swaps() {
				sx, sy = y, x
			}
			if t == 2 || t == 3 || t == 7 || t == 8 {
				sx = w - 1 - sx
			}
			if t == 3 || t == 4 || t == 6 || t == 7 {
				sy = h - 1 - sy
			}
			copy(dst.Pix[y*dst.Stride+4*x:][:4], from.Pix[sy*from.Stride+4*sx:])
		}
	}
	return dst
}

// orientation finds the tag in a JPEG; a file without one is upright.
func orientation(data []byte) turning {
	const start, app1, scan = 0xD8, 0xE1, 0xDA
	if len(data) < 4 || data[0] != 0xFF || data[1] != start {
		return upright
	}
	for data = data[2:]; len(data) >= 4 && data[0] == 0xFF && data[1] != scan; {
		n := int(binary.BigEndian.Uint16(data[2:]))
		if n < 2 || len(data) < n+2 {
			return upright
		}
		if body, found := bytes.CutPrefix(data[4:n+2], []byte("Exif\x00\x00")); found && data[1] == app1 {
			return exifOrientation(body)
		}
		data = data[n+2:]
	}
	return upright
}

// exifOrientation reads the first directory of a TIFF (TIFF 6.0, section 2).
func exifOrientation(tiff []byte) turning {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return upright
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return upright
	}
	entries := order.Uint16(tiff[at:])
	for i := range uint64(entries) {
		entry := at + 2 + 12*i
		if entry+12 > uint64(len(tiff)) {
			return upright
		}
		const tag, short = 0x0112, 3
		if order.Uint16(tiff[entry:]) == tag && order.Uint16(tiff[entry+2:]) == short {
			if t := turning(order.Uint16(tiff[entry+8:])); t >= 1 && t <= 8 {
				return t
			}
			return upright
		}
	}
	return upright
}

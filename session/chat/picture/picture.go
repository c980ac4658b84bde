// Package picture prepares pictures for sending: it checks their size before
// it decodes them, turns them upright, removes what they say about place and
// camera, scales them, and makes the small one that travels inside a message.
package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"sync"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // for image.Decode

	"parley/session/wire"
)

// SideMax bounds the longer side of a scaled picture, in pixels.
const SideMax = 1600

const (
	thumbnailSide = 96
	thumbnailMax  = 4 << 10
)

// Errors of Prepare.
var (
	// ErrFormat means that the file is not a picture that is known here.
	ErrFormat = errors.New("the file is not a JPEG, PNG, GIF or WebP picture")
	// ErrPixels and ErrSize mean that it is too large to be opened.
	ErrPixels = fmt.Errorf("the picture has over %d megapixels", wire.PicturePixelsMax/1_000_000)
	ErrSize   = fmt.Errorf("the picture has over %d MiB", wire.PictureInMax>>20)
	// ErrDamaged means that it can't be decoded.
	ErrDamaged = errors.New("the picture is damaged")
)

// Version is a picture as it can be sent.
type Version struct {
	Data          []byte
	MIME          string
	Width, Height int
	Animated      bool
}

// Open reads the version.
func (v Version) Open() io.Reader { return bytes.NewReader(v.Data) }

// Picture is a picture that can be sent in two sizes.
type Picture struct {
	Name string
	// Original is the file as it was chosen, all that it says about its taking
	// included.
	Original Version
	// Scaled is at most SideMax long and wire.PictureOutMax large, upright, and
	// says nothing beside the picture.
	Scaled    Version
	Thumbnail []byte // a JPEG of at most 4 KiB
}

// Prepare reads a picture. The context is looked at between the steps.
func Prepare(ctx context.Context, r io.Reader, name string) (*Picture, error) {
	data, err := io.ReadAll(io.LimitReader(r, wire.PictureInMax+1))
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	if len(data) > wire.PictureInMax {
		return nil, ErrSize
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if config.Width < 1 || config.Height < 1 || int64(config.Width)*int64(config.Height) > wire.PicturePixelsMax {
		return nil, ErrPixels
	}
	turn := upright
	if format == "jpeg" {
		turn = orientation(data)
	}
	p := &Picture{Name: name, Original: Version{Data: data, MIME: "image/" + format, Width: config.Width, Height: config.Height}}
	if turn.swaps() {
		p.Original.Width, p.Original.Height = config.Height, config.Width
	}
	if format == "gif" {
		if p.Original.Animated, err = animated(data); err != nil {
			return nil, err
		}
	}
	decoded, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	scaled := turn.apply(scale(decoded, SideMax))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var (
		small    sync.WaitGroup
		smallErr error
	)
	small.Go(func() { p.Thumbnail, smallErr = thumbnail(scaled) })
	if p.Original.Animated {
		p.Scaled, err = moving(data)
	}
	if p.Scaled.Data == nil && err == nil {
		p.Scaled, err = encode(scaled, format == "png")
	}
	small.Wait()
	if err := errors.Join(err, smallErr); err != nil {
		return nil, err
	}
	return p, nil
}

// scale makes a picture at most side long. It is not made larger.
func scale(src image.Image, side int) image.Image {
	b := src.Bounds()
	w, h := fit(b.Dx(), b.Dy(), side)
	if w == b.Dx() && h == b.Dy() {
		return src
	}
	// Halved first, by means of two by two, while that leaves enough: a kernel
	// over many source pixels is slow, a narrow one skips some.
	for b.Dx() >= 2*w && b.Dy() >= 2*h {
		if planes, ok := src.(*image.YCbCr); ok {
			src = halve(planes)
		} else {
			half := image.NewRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
			draw.ApproxBiLinear.Scale(half, half.Bounds(), src, b, draw.Src, nil)
			src = half
		}
		b = src.Bounds()
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	// Four neighbours are enough while no pixel between them is passed over.
	var scaler draw.Scaler = draw.BiLinear
	if 2*b.Dx() <= 3*w {
		scaler = draw.ApproxBiLinear
	}
	scaler.Scale(dst, dst.Bounds(), src, b, draw.Src, nil)
	return dst
}

// halve makes each pixel of four, plane by plane: several times quicker than by
// way of RGB, and the most that a large photograph costs.
func halve(src *image.YCbCr) *image.YCbCr {
	dst := image.NewYCbCr(image.Rect(0, 0, src.Rect.Dx()/2, src.Rect.Dy()/2), src.SubsampleRatio)
	corner := src.Rect.Min
	luma, chroma := src.YOffset(corner.X, corner.Y), src.COffset(corner.X, corner.Y)
	halvePlane(dst.Y, dst.YStride, src.Y[luma:], src.YStride)
	halvePlane(dst.Cb, dst.CStride, src.Cb[chroma:], src.CStride)
	halvePlane(dst.Cr, dst.CStride, src.Cr[chroma:], src.CStride)
	return dst
}

func halvePlane(dst []byte, dstStride int, src []byte, srcStride int) {
	rows := len(src) / srcStride
	for y := range len(dst) / dstStride {
		a := src[2*y*srcStride:]
		b := a
		if 2*y+1 < rows {
			b = a[srcStride:]
		}
		row := dst[y*dstStride:][:dstStride]
		for x := range row {
			i, j := 2*x, min(2*x+1, min(len(a), len(b))-1)
			i = min(i, j)
			row[x] = byte((int(a[i]) + int(a[j]) + int(b[i]) + int(b[j]) + 2) / 4)
		}
	}
}

func fit(w, h, side int) (int, int) {
	if w <= side && h <= side {
		return w, h
	}
	if w >= h {
		return side, max(1, h*side/w)
	}
	return max(1, w*side/h), side
}

// drawnMax is how large a PNG may be that could be a JPEG as well: drawings and
// screenshots are small as PNG, and sharp.
const drawnMax = 512 << 10

// encode keeps what can be seen through and what was drawn, and is a JPEG
// otherwise, as good as the limit allows.
func encode(img image.Image, drawn bool) (Version, error) {
	v := Version{Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	var buffer bytes.Buffer
	if solid := opaque(img); !solid || drawn {
		encoder := png.Encoder{CompressionLevel: png.BestSpeed}
		if err := encoder.Encode(&buffer, img); err != nil {
			return v, fmt.Errorf("write the picture: %w", err)
		}
		if buffer.Len() <= drawnMax || !solid && buffer.Len() <= wire.PictureOutMax {
			v.Data, v.MIME = buffer.Bytes(), "image/png"
			return v, nil
		}
		img = onWhite(img)
	}
	for _, quality := range []int{85, 75, 60, 45, 30} {
		buffer.Reset()
		if err := jpeg.Encode(&buffer, img, &jpeg.Options{Quality: quality}); err != nil {
			return v, fmt.Errorf("write the picture: %w", err)
		}
		if buffer.Len() <= wire.PictureOutMax {
			v.Data, v.MIME = buffer.Bytes(), "image/jpeg"
			return v, nil
		}
	}
	return v, ErrSize
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

func onWhite(img image.Image) image.Image {
	flat := image.NewRGBA(img.Bounds())
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
	return flat
}

func thumbnail(img image.Image) ([]byte, error) {
	small := onWhite(scale(img, thumbnailSide))
	var buffer bytes.Buffer
	for _, quality := range []int{70, 50, 30, 10} {
		buffer.Reset()
		if err := jpeg.Encode(&buffer, small, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("write the thumbnail: %w", err)
		}
		if buffer.Len() <= thumbnailMax {
			return buffer.Bytes(), nil
		}
	}
	return nil, nil // none is better than one that does not fit
}

// moving writes an animation again, without what it says beside the pictures.
// Its data is nil when it is too large: then the first picture stands for it.
func moving(data []byte) (Version, error) {
	g, err := gif.DecodeAll(bytes.NewReader(data))
	if err != nil {
		return Version{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if g.Config.Width > SideMax || g.Config.Height > SideMax {
		return Version{}, nil
	}
	var buffer bytes.Buffer
	if err := gif.EncodeAll(&buffer, g); err != nil || buffer.Len() > wire.PictureOutMax {
		return Version{}, nil //nolint:nilerr // the first picture stands for it
	}
	return Version{Data: buffer.Bytes(), MIME: "image/gif", Width: g.Config.Width, Height: g.Config.Height, Animated: true}, nil
}

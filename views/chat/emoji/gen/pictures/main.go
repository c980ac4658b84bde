// Command pictures writes the pictures of package emoji.
//
// They are Google's Noto Emoji (Apache License 2.0), as the npm package
// emoji-datasource-google has them: 64 pixels square, named by their code
// points. Version 16.0.0 is what the pictures were made of. Each is written
// anew with a palette of its own, which makes it a third as large. To write
// them anew:
//
//	npm pack emoji-datasource-google && tar xzf emoji-datasource-google-*.tgz
//	go run ./views/chat/emoji/gen/pictures package views/chat/emoji/pictures.zip
package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// coloursMost is how many colours a picture keeps.
const coloursMost = 48

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pictures <unpacked emoji-datasource-google> <file to write>")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "img/google/64/*.png"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".png")
		name = strings.ReplaceAll(strings.ReplaceAll(name, "-fe0f", ""), "-FE0F", "")
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			return err
		}
		encoder := png.Encoder{CompressionLevel: png.BestCompression}
		if err := encoder.Encode(w, reduce(img)); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return os.WriteFile(to, packed.Bytes(), 0o644)
}

// reduce gives a picture a palette by median cut: the box of colours with the
// widest channel is divided at its middle, until there are enough.
func reduce(img image.Image) *image.Paletted {
	bounds := img.Bounds()
	var pixels []color.NRGBA
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA); c.A > 0 {
				pixels = append(pixels, c)
			}
		}
	}
	boxes := [][]color.NRGBA{pixels}
	for len(boxes) < coloursMost-1 {
		widest, at, channel := 0, -1, 0
		for i, box := range boxes {
			for ch := range 4 {
				if w := extent(box, ch); w > widest {
					widest, at, channel = w, i, ch
				}
			}
		}
		if at < 0 {
			break
		}
		box := boxes[at]
		slices.SortFunc(box, func(a, b color.NRGBA) int { return cmp.Compare(value(a, channel), value(b, channel)) })
		middle := len(box) / 2
		boxes[at] = box[:middle]
		boxes = append(boxes, box[middle:])
	}
	palette := color.Palette{color.NRGBA{}}
	for _, box := range boxes {
		if len(box) > 0 {
			palette = append(palette, mean(box))
		}
	}
	out := image.NewPaletted(image.Rect(0, 0, bounds.Dx(), bounds.Dy()), palette)
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			c := color.NRGBAModel.Convert(img.At(bounds.Min.X+x, bounds.Min.Y+y)).(color.NRGBA)
			out.SetColorIndex(x, y, nearest(palette, c))
		}
	}
	return out
}

func value(c color.NRGBA, channel int) uint8 { return [...]uint8{c.R, c.G, c.B, c.A}[channel] }

func extent(box []color.NRGBA, channel int) int {
	if len(box) < 2 {
		return 0
	}
	least, most := uint8(255), uint8(0)
	for _, c := range box {
		least, most = min(least, value(c, channel)), max(most, value(c, channel))
	}
	return int(most) - int(least)
}

func mean(box []color.NRGBA) color.NRGBA {
	var sum [4]int
	for _, c := range box {
		for ch := range 4 {
			sum[ch] += int(value(c, ch))
		}
	}
	n := len(box)
	return color.NRGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), uint8(sum[3] / n)}
}

// nearest is the colour of the palette that is least far from c; how far the
// colours are from each other matters as much as they are seen.
func nearest(palette color.Palette, c color.NRGBA) uint8 {
	if c.A == 0 {
		return 0
	}
	best, at := -1, 0
	for i, p := range palette {
		if i == 0 {
			continue
		}
		q := p.(color.NRGBA)
		far := 0
		for ch := range 3 {
			d := int(value(c, ch)) - int(value(q, ch))
			far += d * d * int(c.A) / 255
		}
		d := int(c.A) - int(q.A)
		far += 3 * d * d
		if best < 0 || far < best {
			best, at = far, i
		}
	}
	return uint8(at)
}

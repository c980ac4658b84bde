package emoji

import (
	"archive/zip"
	"bytes"
	_ "embed" // for the pictures
	"fmt"
	"image"
	"image/png"
	"strconv"
	"strings"
)

// pictures are PNG files of 64 pixels square, named by code points, written by
// gen/pictures.
//
//go:embed pictures.zip
var pictures []byte

// Pictures are how the emoji look. They belong to one goroutine: what was
// drawn lately is kept.
type Pictures struct {
	files  map[string]*zip.File
	recent map[string]image.Image
}

// keptMost is how many decoded pictures are kept, of about 6 KiB each.
const keptMost = 1024

// LoadPictures reads the directory of the pictures.
func LoadPictures() (*Pictures, error) {
	archive, err := zip.NewReader(bytes.NewReader(pictures), int64(len(pictures)))
	if err != nil {
		return nil, fmt.Errorf("emoji: %w", err)
	}
	p := &Pictures{files: make(map[string]*zip.File, len(archive.File)), recent: make(map[string]image.Image)}
	for _, f := range archive.File {
		p.files[f.Name] = f
	}
	return p, nil
}

// pictureName is the name of an emoji's file: its code points in lower case
// and hexadecimal, four digits at least, without what asks for its looks.
func pictureName(text string) string {
	var name strings.Builder
	for _, r := range bare(text) {
		if name.Len() > 0 {
			name.WriteByte('-')
		}
		digits := strconv.FormatInt(int64(r), 16)
		for range 4 - len(digits) {
			name.WriteByte('0')
		}
		name.WriteString(digits)
	}
	return name.String()
}

// Has reports whether there is a picture of an emoji.
func (p *Pictures) Has(text string) bool { return p.files[pictureName(text)] != nil }

// Image is the picture of an emoji, 64 pixels square, or nil where there is
// none.
func (p *Pictures) Image(text string) image.Image {
	if img, is := p.recent[text]; is {
		return img
	}
	file := p.files[pictureName(text)]
	if file == nil {
		return nil
	}
	data, err := file.Open()
	if err != nil {
		return nil
	}
	defer func() { _ = data.Close() }()
	img, err := png.Decode(data)
	if err != nil {
		return nil
	}
	if len(p.recent) >= keptMost {
		clear(p.recent)
	}
	p.recent[text] = img
	return img
}

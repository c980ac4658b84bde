// Package y4m writes YUV4MPEG2, which cameras made of files read, Chromium's too.
package y4m

import (
	"bufio"
	"fmt"
	"io"

	"parley/devices"
)

// Writer writes pictures of one size. The first error stays, and Flush gives it.
type Writer struct{ w *bufio.Writer }

// NewWriter begins a file.
func NewWriter(w io.Writer, width, height, rate int) *Writer {
	y := &Writer{bufio.NewWriter(w)}
	_, _ = fmt.Fprintf(y.w, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420\n", width, height, rate)
	return y
}

// Write adds a picture.
func (y *Writer) Write(f *devices.Frame) {
	_, _ = y.w.WriteString("FRAME\n")
	for row := range f.Height {
		_, _ = y.w.Write(f.Y[row*f.StrideY:][:f.Width])
	}
	for _, plane := range [][]byte{f.U, f.V} {
		for row := range f.ChromaHeight() {
			_, _ = y.w.Write(plane[row*f.StrideUV:][:f.ChromaWidth()])
		}
	}
}

// Flush ends the file.
func (y *Writer) Flush() error { return y.w.Flush() }

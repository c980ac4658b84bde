package synthetic

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"strings"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"parley/devices"
	"parley/devices/internal/pace"
)

const (
	// The size of a synthetic screen, before the format's limits.
	screenWidth, screenHeight = 1920, 1080
	// pageLines are on the page that scrolls by, visibleLines at a time.
	pageLines, visibleLines = 60, 36
	// scrollLines are passed in a second.
	scrollLines = 1
	// headerShare is the part of the height over which title and number stand.
	headerShare = 9
)

// Screen is a page of text that scrolls slowly under a title, with the
// frame's number in digits and as blocks (see DecodeFrame).
type Screen struct {
	pacer         *pace.Pacer
	interval      time.Duration
	pool          devices.FramePool
	width, height int
	look          look
	digits        glyphs
	header, page  *image.Gray
}

// NewScreen makes a screen with a title.
func NewScreen(title string, format devices.ScreenFormat) (*Screen, error) {
	s := &Screen{interval: format.Interval(), look: lookOf(title)}
	s.pacer = pace.New(s.interval)
	s.width, s.height = format.Fit(screenWidth, screenHeight)
	if title == "" {
		title = "Parley"
	}
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("synthetic screen: %w", err)
	}
	header := s.height / headerShare
	if s.header, err = s.write(parsed, []string{title}, header, white, black); err != nil {
		return nil, err
	}
	if s.page, err = s.write(parsed, pageText(title), max(s.height/visibleLines, 1), black, white); err != nil {
		return nil, err
	}
	s.digits, err = renderDigits(float64(header) * 0.6)
	return s, err
}

// pageText is lines that can be told apart by what they say.
func pageText(title string) []string {
	words := strings.Fields("a screen that is shared shows what its owner reads and writes while others follow every line of it and say so when the text is sharp enough to read")
	v := NewVoice(title) // for its random numbers
	lines := make([]string, pageLines)
	for i := range lines {
		var b strings.Builder
		fmt.Fprintf(&b, "%02d ", i)
		for b.Len() < 130 {
			b.WriteString(" " + words[int(v.next()*float64(len(words)))])
		}
		lines[i] = b.String()
	}
	return lines
}

// write draws lines of a height, in one grey on another.
func (s *Screen) write(parsed *opentype.Font, lines []string, height int, ink, paper byte) (*image.Gray, error) {
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: max(float64(height)*0.75, 4), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("synthetic screen: %w", err)
	}
	defer face.Close()
	img := image.NewGray(image.Rect(0, 0, s.width, max(height*len(lines), 1)))
	fill(img.Pix, paper)
	for i, line := range lines {
		d := font.Drawer{Dst: img, Src: image.NewUniform(color.Gray{Y: ink}), Face: face, Dot: fixed.P(s.width/40, i*height+height*3/4)}
		d.DrawString(line)
	}
	return img, nil
}

// ReadFrame waits for the next frame and draws it.
func (s *Screen) ReadFrame(ctx context.Context) (*devices.Frame, error) {
	n, err := s.pacer.Wait(ctx, true)
	if err != nil {
		return nil, err
	}
	f, err := s.pool.Get(s.width, s.height)
	if err != nil {
		return nil, err
	}
	s.draw(f, n, time.Now())
	return f, nil
}

// Close ends the frames.
func (s *Screen) Close() error {
	s.pacer.Close()
	return nil
}

func (s *Screen) draw(f *devices.Frame, n int64, now time.Time) {
	f.Timestamp = time.Duration(n) * s.interval
	header := s.header.Rect.Dy()
	offset := int(f.Timestamp.Seconds() * scrollLines * float64(s.height) / visibleLines)
	for y := range f.Height {
		line := s.page.Pix[(offset+y)%s.page.Rect.Dy()*s.page.Stride:]
		if y < header {
			line = s.header.Pix[y*s.header.Stride:]
		}
		copy(f.Y[y*f.StrideY:][:f.Width], line)
	}
	for y := range f.ChromaHeight() {
		u, v := byte(128), byte(128)
		if 2*y < header {
			u, v = s.look.wallU, s.look.wallV
		}
		fill(f.U[y*f.StrideUV:][:f.StrideUV], u)
		fill(f.V[y*f.StrideUV:][:f.StrideUV], v)
	}
	drawNumber(f, uint16(n))
	label, clock := formatNumber(uint16(n)), formatClock(now)
	x := f.Width - s.digits.width(clock[:]) - f.Width/40
	s.digits.text(f, clock[:], x, header/8)
	s.digits.text(f, label[:], x-s.digits.width(label[:])-f.Width/40, header/8)
}

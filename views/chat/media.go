package chat

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strconv"
	"strings"
	"time"

	"parley/views/theme"
)

// countText is what a reaction's chip says beside the emoji.
func countText(r Reaction) string {
	if r.Count < 2 {
		return ""
	}
	return badge(r.Count)
}

// fileNote is a file's size, and how much of it is there while it comes.
func fileNote(m Message) string {
	if m.Progress >= 0 && !m.Here {
		return fmt.Sprintf("%s · %d%%", bytesText(m.FileSize), int(100*m.Progress))
	}
	return bytesText(m.FileSize)
}

func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}

// lengthText is how long a voice message is.
func lengthText(d time.Duration) string {
	seconds := int((d + time.Second/2) / time.Second)
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// Waveforms are drawn at twice their size, for sharp screens.
const waveScale, waveBar, waveGap = 2, 3, 2

// waveKey is what a drawn waveform depends on.
type waveKey struct {
	id                     string
	width, height          int
	lit                    int // how many bars were played
	own                    bool
	litColour, unlitColour color.NRGBA
}

// bars is how many bars there is room for.
func (k waveKey) bars() int {
	return max((k.width+waveGap)/(waveBar+waveGap), 1)
}

// wave draws the loudness of a voice message as bars.
func wave(loudness []byte, k waveKey) image.Image {
	width, height := max(k.width, 1)*waveScale, max(k.height, 1)*waveScale
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	if len(loudness) == 0 {
		return img
	}
	bars := k.bars()
	for i := range bars {
		var most byte
		for _, v := range loudness[i*len(loudness)/bars : max((i+1)*len(loudness)/bars, i*len(loudness)/bars+1)] {
			most = max(most, v)
		}
		h := max(height*3/4*int(most)/255, waveBar*waveScale)
		c := k.unlitColour
		if i < k.lit {
			c = k.litColour
		}
		x := i * (waveBar + waveGap) * waveScale
		bar := image.Rect(x, (height-h)/2, min(x+waveBar*waveScale, width), (height+h)/2)
		draw.Draw(img, bar, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return img
}

func waveColours(own bool) (lit, unlit color.NRGBA) {
	lit, unlit = opaque(theme.Color("primary")), opaque(theme.Color(theme.ColorMuted))
	if own {
		lit = opaque(theme.Color(theme.ColorOwnText))
	}
	return lit, unlit
}

func opaque(c color.Color) color.NRGBA {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{byte(r >> 8), byte(g >> 8), byte(b >> 8), 255}
}

// speedText is how fast a voice message is played.
func speedText(speed float32) string {
	return strconv.FormatFloat(float64(max(speed, 1)), 'g', 2, 32) + "×"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

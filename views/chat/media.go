package chat

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"time"

	"parley/views/theme"
)

// chip is what a reaction's chip says.
func chip(r Reaction) string {
	if r.Count < 2 {
		return r.Emoji
	}
	return fmt.Sprintf("%s %d", r.Emoji, r.Count)
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

// wave draws the loudness of a voice message as bars; those before position,
// 0 to 1, are lit.
func wave(loudness []byte, width, height int, position float32, lit, unlit color.Color) image.Image {
	width, height = max(width, 1)*waveScale, max(height, 1)*waveScale
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	if len(loudness) == 0 {
		return img
	}
	step := (waveBar + waveGap) * waveScale
	bars := max((width+waveGap*waveScale)/step, 1)
	for i := range bars {
		var most byte
		for _, v := range loudness[i*len(loudness)/bars : max((i+1)*len(loudness)/bars, i*len(loudness)/bars+1)] {
			most = max(most, v)
		}
		h := max(height*3/4*int(most)/255, waveBar*waveScale)
		c := unlit
		if float32(i) < position*float32(bars) {
			c = lit
		}
		r, g, b, a := c.RGBA()
		px := color.RGBA{byte(r >> 8), byte(g >> 8), byte(b >> 8), byte(a >> 8)}
		for y := (height - h) / 2; y < (height+h)/2; y++ {
			for x := i * step; x < min(i*step+waveBar*waveScale, width); x++ {
				img.SetRGBA(x, y, px)
			}
		}
	}
	return img
}

func waveColours(own bool) (lit, unlit color.Color) {
	if own {
		return theme.Color(theme.ColorOwnText), theme.Color(theme.ColorMuted)
	}
	return theme.Color("primary"), theme.Color(theme.ColorMuted)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

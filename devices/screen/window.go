package screen

import (
	"strings"
	"unicode"
)

const (
	// smallest is the least width and height of a window worth sharing.
	smallest = 48
	// windowsMax bounds the windows that are listed, titleMax their titles in runes.
	windowsMax = 64
	titleMax   = 120
)

// tidy makes a line of what a program calls its window.
func tidy(title string) string {
	title = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(title, ""))
	runes := []rune(strings.TrimSpace(title))
	return string(runes[:min(len(runes), titleMax)])
}

package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// marksMax is how many marks one character may carry. Vietnamese and Hebrew
// need up to three; "zalgo" piles up dozens to paint over other lines.
const marksMax = 4

// Harmless gives text as it may be shown: control characters that reorder what
// stands beside the text, and marks piled up beyond what any script uses, are
// left out. The stored text keeps them.
func Harmless(text string) string {
	clean, marks := true, 0
	for _, r := range text {
		if marks = countMark(r, marks); marks > marksMax || reorders(r) || r == utf8.RuneError {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	marks = 0
	for _, r := range text {
		if marks = countMark(r, marks); marks <= marksMax && !reorders(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func countMark(r rune, before int) int {
	// Below are no marks: the common case is quick.
	if r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) && r != 0xFE0F {
		return before + 1
	}
	return 0
}

// reorders reports whether r overrides or isolates directions, or moves the
// cursor: everything that is a control character but a new line or a tab.
func reorders(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20 || r >= 0x7F && r < 0xA0:
		return true
	}
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// FileName makes a file's name safe to show and to save under: no folders, no
// control characters, nothing that a system refuses; "file" when nothing is
// left.
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || reorders(r) || r == utf8.RuneError {
			return -1
		}
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, Harmless(name))
	name = strings.TrimLeft(strings.TrimRight(name, ". "), " ")
	for len(name) > FileNameMax {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if strings.Trim(name, "._ ") == "" {
		return "file"
	}
	// Names that are devices on Windows, whatever follows the dot.
	switch base, _, _ := strings.Cut(strings.ToUpper(name), "."); base {
	case "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
		"LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9":
		return "_" + name
	}
	return name
}

package frames

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Link is an address in a text.
type Link struct {
	From, To int // bytes of the text
	Address  string
}

// Links finds the addresses in a text: those with a scheme that is safe to
// open, and those that begin with www.
func Links(text string) []Link {
	var found []Link
	for at := 0; at < len(text); {
		from, scheme := nextScheme(text, at)
		if from < 0 {
			return found
		}
		to := from + addressLength(text[from:])
		at = max(to, from+1)
		if to-from <= len(scheme) {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(text[:from]); from > 0 && before < utf8.RuneSelf && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			continue // the end of another word
		}
		address := text[from:to]
		if scheme == "www." {
			if !strings.Contains(address[len(scheme):], ".") {
				continue
			}
			address = "https://" + address
		}
		found = append(found, Link{from, to, address})
	}
	return found
}

func schemes() [5]string {
	return [5]string{"https://", "http://", "parley://", "mailto:", "www."}
}

// nextScheme finds what begins an address at or after at.
func nextScheme(text string, at int) (from int, scheme string) {
	from = -1
	for _, s := range schemes() {
		i := indexFold(text[at:], s)
		if i >= 0 && (from < 0 || at+i < from) {
			from, scheme = at+i, s
		}
	}
	return from, scheme
}

// indexFold is strings.Index for a lower-case ASCII needle, whatever the case.
func indexFold(text, needle string) int {
	for i := 0; i+len(needle) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(needle)], needle) {
			return i
		}
	}
	return -1
}

// addressLength is where an address ends: at a space, at what no address has,
// or before the punctuation that ends the sentence around it.
func addressLength(text string) int {
	end := len(text)
	open := 0
	for i, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`{}|\\^，。；：！？、（）《》「」【】“”‘’", r) {
			end = i
			break
		}
		switch r {
		case '(':
			open++
		case ')':
			open--
		}
		if open < 0 {
			end = i
			break
		}
	}
	return len(strings.TrimRight(text[:end], ".,;:!?'*_"))
}

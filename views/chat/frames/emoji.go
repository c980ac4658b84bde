package frames

import "github.com/go-text/typesetting/segmenter"

// emojiAlone reports whether text is one to three emoji and nothing else.
func emojiAlone(text string) bool {
	if text == "" || len(text) > 128 {
		return false
	}
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	n := 0
	for clusters := seg.GraphemeIterator(); clusters.Next(); {
		if n++; n > 3 || !emoji(clusters.Grapheme().Text) {
			return false
		}
	}
	return n > 0
}

func emoji(cluster []rune) bool {
	r := cluster[0]
	if len(cluster) > 1 && cluster[len(cluster)-1] == 0xfe0e {
		return false // asked for as text
	}
	presented := len(cluster) > 1 && (cluster[1] == 0xfe0f || cluster[1] == 0x200d || cluster[1] >= 0x1f3fb && cluster[1] <= 0x1f3ff)
	switch {
	case r >= 0x1f300 && r <= 0x1faff, r >= 0x1f1e6 && r <= 0x1f1ff:
		return true
	case r >= 0x2600 && r <= 0x27bf, r >= 0x2300 && r <= 0x23ff, r >= 0x2b00 && r <= 0x2bff, r >= 0x2190 && r <= 0x21ff:
		return presented || r == 0x2b50 || r == 0x2705 || r == 0x274c || r == 0x26a1 || r == 0x2764
	default:
		return false
	}
}

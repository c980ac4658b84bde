package chat

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"parley/views/theme"
)

func TestLooksInBothDirections(t *testing.T) {
	v, w, _ := open(t, theme.Light, "en", fyne.NewSize(380, 420))
	var list []Message
	for i, text := range []string{"مرحبا world بالعالم 123", "مرحبا!", "كيف حالك؟ (بخير)", "I said مرحبا, then شكرا.", "مرحبا https://example.org/ar شكرا\nand a line in English"} {
		list = append(list, Message{ID: string(rune('a' + i)), UserID: "Amal", Name: "Amal", Text: text, Time: now(), Order: int64(i)})
	}
	v.Reset(list, Opening{})
	test.AssertImageMatches(t, "chat/directions.png", w.Canvas().Capture())
}

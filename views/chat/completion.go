package chat

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"parley/views/theme"
)

// Member is somebody who can be mentioned.
type Member struct{ ID, Name string }

// suggestion is what completes a word.
type suggestion struct {
	shown   string // in the list
	emoji   string // before that, where it is one
	text    string // in the message
	mention Member // with a mention
}

// suggestionsMost is how many are offered.
const suggestionsMost = 6

// completion offers what completes the word at the cursor: ":smi" an emoji,
// "@Li" a name.
type completion struct {
	box    *fyne.Container
	rows   []*suggestionRow
	offers []suggestion
	at     int
	word   int // runes before the cursor that are replaced
	choose func(s suggestion, word int)
	emojis *emojis
}

func newCompletion(emojis *emojis, choose func(suggestion, int)) *completion {
	c := &completion{box: container.NewVBox(), choose: choose, emojis: emojis}
	for i := range suggestionsMost {
		row := newSuggestionRow(func() { c.take(i) })
		c.rows = append(c.rows, row)
		c.box.Add(row)
	}
	c.box.Hide()
	return c
}

// wordBefore is the word that ends at the cursor, where it begins with mark at
// the beginning of a word.
func wordBefore(text string, cursor int, mark rune) (word string, ok bool) {
	runes := []rune(text)
	for i := min(cursor, len(runes)) - 1; i >= 0; i-- {
		switch r := runes[i]; {
		case r == mark:
			if i > 0 && !unicode.IsSpace(runes[i-1]) && runes[i-1] < unicode.MaxLatin1 {
				return "", false
			}
			return string(runes[i+1 : cursor]), true
		case unicode.IsSpace(r), cursor-i > 32:
			return "", false
		}
	}
	return "", false
}

// offer shows suggestions for a word of so many runes, its mark included.
func (c *completion) offer(offers []suggestion, word int) (changed bool) {
	changed = len(offers) != len(c.offers)
	c.offers, c.word, c.at = offers, word, 0
	c.box.Hidden = len(offers) == 0
	c.show()
	return changed
}

func (c *completion) show() {
	for i, row := range c.rows {
		row.Hidden = i >= len(c.offers)
		if !row.Hidden {
			row.set(c.emojis, c.offers[i], i == c.at)
		}
	}
	c.box.Refresh()
}

func (c *completion) take(i int) {
	if i < len(c.offers) {
		c.choose(c.offers[i], c.word)
	}
}

// key does what a key means while there are suggestions, and reports whether
// it means anything.
func (c *completion) key(e *fyne.KeyEvent) bool {
	if len(c.offers) == 0 {
		return false
	}
	switch e.Name {
	case fyne.KeyUp:
		c.at = (c.at + len(c.offers) - 1) % len(c.offers)
	case fyne.KeyDown:
		c.at = (c.at + 1) % len(c.offers)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyTab:
		c.take(c.at)
		return true
	default:
		return false
	}
	c.show()
	return true
}

// suggestionRow is one of the suggestions.
type suggestionRow struct {
	widget.BaseWidget
	tapOn func()
	back  *canvas.Rectangle
	text  *canvas.Text
	face  *emojiImage
}

var (
	_ fyne.Tappable     = (*suggestionRow)(nil)
	_ fyne.Accessible   = (*suggestionRow)(nil)
	_ desktop.Hoverable = (*suggestionRow)(nil)
)

func newSuggestionRow(tapOn func()) *suggestionRow {
	r := &suggestionRow{tapOn: tapOn, back: canvas.NewRectangle(nil), text: canvas.NewText("", nil), face: newEmojiImage()}
	r.face.image.SetMinSize(fyne.NewSquareSize(suggestionFace))
	r.back.CornerRadius = theme.RadiusS
	r.ExtendBaseWidget(r)
	return r
}

// suggestionFace is the side of an emoji in a row.
const suggestionFace = 20

func (r *suggestionRow) set(emojis *emojis, s suggestion, chosen bool) {
	r.face.image.Hidden = s.emoji == "" || !r.face.set(emojis, s.emoji)
	r.text.TextSize = theme.Scaled(theme.TextBody)
	r.text.Text, r.text.Color = s.shown, theme.Color("foreground")
	r.back.FillColor = theme.Color(theme.ColorSurface)
	if chosen {
		r.back.FillColor = theme.Color("hover")
	}
	r.back.Refresh()
	r.text.Refresh()
}

// Tapped implements fyne.Tappable.
func (r *suggestionRow) Tapped(*fyne.PointEvent) { r.tapOn() }

// MouseIn implements desktop.Hoverable.
func (r *suggestionRow) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements desktop.Hoverable.
func (r *suggestionRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (r *suggestionRow) MouseOut() {}

// AccessibilityLabel implements fyne.Accessible.
func (r *suggestionRow) AccessibilityLabel() string { return r.text.Text }

// AccessibilityRole implements fyne.Accessible.
func (r *suggestionRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer implements fyne.Widget.
func (r *suggestionRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(r.back, container.NewPadded(container.NewHBox(r.face.image, r.text))))
}

// members finds who may be meant by what is written after "@".
func members(all []Member, word string) []suggestion {
	var found, later []suggestion
	word = strings.ToLower(word)
	for _, m := range all {
		name := m.Name
		if name == "" {
			name = m.ID
		}
		s := suggestion{shown: "@" + name, text: "@" + name + " ", mention: Member{m.ID, name}}
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(lower, word):
			found = append(found, s)
		case strings.Contains(lower, word):
			later = append(later, s)
		}
	}
	found = append(found, later...)
	return found[:min(len(found), suggestionsMost)]
}

package theme

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Look is how a person wants Parley to look. The zero Look is that of the first
// start.
type Look struct {
	Mode     Mode
	Scale    float32 // of all text; 0 is 1
	Contrast bool    // text and edges stand out
	Still    bool    // nothing moves that need not
}

// The bounds of a text scale, between which all of the window stays usable.
const (
	ScaleLeast float32 = 0.75
	ScaleMost  float32 = 1.5
)

func (l Look) scale() float32 {
	if !(l.Scale > 0) { // not a number is none either
		return 1
	}
	return min(max(l.Scale, ScaleLeast), ScaleMost)
}

// NewLook makes the theme of a look.
func NewLook(l Look) *Theme {
	return &Theme{look: l, base: fynetheme.DefaultTheme()}
}

// current is the look of the window; the zero Look under a foreign theme.
func current() Look {
	app := fyne.CurrentApp()
	if app == nil {
		return Look{}
	}
	if t, ok := app.Settings().Theme().(*Theme); ok {
		return t.look
	}
	return Look{}
}

// Scale is how large text is, as a multiple of the type sizes. What draws text
// by itself asks again when the theme changes.
func Scale() float32 { return current().scale() }

// Scaled is a type size, or a length that depends on one, at the text scale.
func Scaled(size float32) float32 { return size * Scale() }

// Still reports whether nothing is to move that need not.
func Still() bool { return current().Still }

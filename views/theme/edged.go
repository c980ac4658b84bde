package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"
)

// Edged has a widget be told by its edge: that of a field is fainter, since its
// ground shows it too, and a round mark has none.
func Edged(o fyne.CanvasObject) fyne.CanvasObject { return container.NewThemeOverride(o, edged{}) }

// edged is the theme of the moment, whichever that is.
type edged struct{}

func (edged) theme() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color implements fyne.Theme.
func (e edged) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == fynetheme.ColorNameInputBorder {
		if muted := e.theme().Color(ColorMuted, v); muted != nil { // a theme of others has none
			return muted
		}
	}
	return e.theme().Color(name, v)
}

// Font implements fyne.Theme.
func (e edged) Font(style fyne.TextStyle) fyne.Resource { return e.theme().Font(style) }

// Icon implements fyne.Theme.
func (e edged) Icon(name fyne.ThemeIconName) fyne.Resource { return e.theme().Icon(name) }

// Size implements fyne.Theme.
func (e edged) Size(name fyne.ThemeSizeName) float32 { return e.theme().Size(name) }

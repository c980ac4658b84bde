package theme

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// contrasting are the colours of a look with high contrast that differ from
// those of the palette. Text has 7:1 to what it stands on, edges have 4.5:1.
func contrasting(name fyne.ThemeColorName) (shades, bool) {
	switch name {
	case fynetheme.ColorNamePrimary, fynetheme.ColorNameHyperlink:
		return shades{rgb(0x0b3fc4), rgb(0xa9c1ff)}, true
	case fynetheme.ColorNameFocus:
		return shades{rgb(0x000000), rgb(0xffffff)}, true
	case fynetheme.ColorNameForegroundOnPrimary:
		return shades{rgb(0xffffff), rgb(0x000000)}, true
	case fynetheme.ColorNameBackground, ColorStage, ColorPage:
		return shades{rgb(0xffffff), rgb(0x000000)}, true
	case ColorSurface, fynetheme.ColorNameOverlayBackground, fynetheme.ColorNameMenuBackground:
		return shades{rgb(0xffffff), rgb(0x0a0c10)}, true
	case fynetheme.ColorNameForeground, ColorBubbleText, ColorOwnText, ColorStageText, ColorControlIcon:
		return shades{rgb(0x000000), rgb(0xffffff)}, true
	case ColorMuted, fynetheme.ColorNamePlaceHolder:
		return shades{rgb(0x3a4252), rgb(0xd3d9e4)}, true
	case fynetheme.ColorNameDisabled:
		return shades{rgb(0x5c6576), rgb(0x9aa4b6)}, true
	case fynetheme.ColorNameInputBackground, fynetheme.ColorNameButton, fynetheme.ColorNameDisabledButton, ColorTile:
		return shades{rgb(0xe6eaf2), rgb(0x1d222c)}, true
	case fynetheme.ColorNameInputBorder, fynetheme.ColorNameSeparator, ColorLine, fynetheme.ColorNameScrollBar:
		return shades{rgb(0x4d5666), rgb(0xa2abbb)}, true
	case fynetheme.ColorNameError, ColorDanger:
		return shades{rgb(0xa10018), rgb(0xff9aa6)}, true
	case ColorOnDanger:
		return shades{rgb(0xffffff), rgb(0x000000)}, true
	case fynetheme.ColorNameSuccess, ColorSpeaking:
		return shades{rgb(0x00603b), rgb(0x56e0a6)}, true
	case fynetheme.ColorNameWarning:
		return shades{rgb(0x7a4a00), rgb(0xffc76b)}, true
	case ColorBubbleOwn:
		return shades{rgb(0xd3e1ff), rgb(0x1b2f66)}, true
	case ColorBubbleOther:
		return shades{rgb(0xeef1f6), rgb(0x22272f)}, true
	case ColorControl:
		return shades{rgb(0xe6eaf2), rgb(0x2a303d)}, true
	case ColorControlHover:
		return shades{rgb(0xd0d7e4), rgb(0x414959)}, true
	case ColorShade:
		return shades{rgba(0x000000, 0xe0), rgba(0x000000, 0xe0)}, true
	default:
		return shades{}, false
	}
}

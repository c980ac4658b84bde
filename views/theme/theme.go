// Package theme is how Parley looks: its palette, type and spacing, as a Fyne
// theme and as named tokens for what Fyne has no name for.
package theme

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"parley/assets"
)

// Mode chooses between light and dark.
type Mode string

// The modes. The empty one follows the system.
const (
	FollowSystem Mode = ""
	Light        Mode = "light"
	Dark         Mode = "dark"
)

// Names of Parley's own colours; ask for them as for Fyne's.
const (
	ColorSurface      fyne.ThemeColorName = "parleySurface"     // cards and panels on the background
	ColorStage        fyne.ThemeColorName = "parleyStage"       // behind the tiles of a call, and the window's own
	ColorPage         fyne.ThemeColorName = "parleyPage"        // of what is no call: joining, settings
	ColorTile         fyne.ThemeColorName = "parleyTile"        // a tile without a picture
	ColorBubbleOwn    fyne.ThemeColorName = "parleyBubbleOwn"   // own messages
	ColorBubbleOther  fyne.ThemeColorName = "parleyBubbleOther" // others' messages
	ColorBubbleText   fyne.ThemeColorName = "parleyBubbleText"
	ColorOwnText      fyne.ThemeColorName = "parleyOwnText"
	ColorMuted        fyne.ThemeColorName = "parleyMuted"   // secondary text
	ColorControl      fyne.ThemeColorName = "parleyControl" // round buttons
	ColorControlHover fyne.ThemeColorName = "parleyControlHover"
	ColorControlIcon  fyne.ThemeColorName = "parleyControlIcon"
	ColorDanger       fyne.ThemeColorName = "parleyDanger" // off, leave, refused
	ColorOnDanger     fyne.ThemeColorName = "parleyOnDanger"
	ColorSpeaking     fyne.ThemeColorName = "parleySpeaking" // ring and meter
	ColorShade        fyne.ThemeColorName = "parleyShade"    // under text on a picture
	ColorOnShade      fyne.ThemeColorName = "parleyOnShade"
	ColorDim          fyne.ThemeColorName = "parleyDim"  // over a picture that is not live
	ColorLine         fyne.ThemeColorName = "parleyLine" // hairlines
	ColorStageText    fyne.ThemeColorName = "parleyStageText"
	ColorHand         fyne.ThemeColorName = "parleyHand" // behind the mark of a raised hand
	ColorOnHand       fyne.ThemeColorName = "parleyOnHand"
	ColorFound        fyne.ThemeColorName = "parleyFound" // what a search marks
)

// Spacing and radii, in Fyne's units. The scale is 4, 8, 12, 16, 24, 32.
const (
	SpaceXS, SpaceS, SpaceM, SpaceL, SpaceXL, SpaceXXL float32 = 4, 8, 12, 16, 24, 32

	RadiusS, RadiusM, RadiusL float32 = 6, 12, 16
)

// Type sizes at text scale 1.
const (
	TextCaption float32 = 11
	TextSmall   float32 = 12
	TextBody    float32 = 14
	TextLarge   float32 = 17
	TextTitle   float32 = 24
)

// Theme is Parley's look.
type Theme struct {
	look Look
	base fyne.Theme
}

// New makes the theme of a mode, as it is at first.
func New(mode Mode) *Theme { return NewLook(Look{Mode: mode}) }

func (t *Theme) dark(v fyne.ThemeVariant) bool {
	return t.look.Mode == Dark || t.look.Mode == FollowSystem && v == fynetheme.VariantDark
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: byte(hex >> 16), G: byte(hex >> 8), B: byte(hex), A: 255}
}

func rgba(hex uint32, alpha byte) color.NRGBA {
	c := rgb(hex)
	c.A = alpha
	return c
}

// shades is a colour in light and in dark.
type shades struct{ light, dark color.NRGBA }

func palette(name fyne.ThemeColorName) (shades, bool) {
	switch name {
	case fynetheme.ColorNamePrimary, fynetheme.ColorNameHyperlink:
		return shades{rgb(0x3b6cf6), rgb(0x6f97ff)}, true
	case fynetheme.ColorNameFocus:
		return shades{rgba(0x3b6cf6, 0x48), rgba(0x6f97ff, 0x58)}, true
	case fynetheme.ColorNameSelection:
		return shades{rgba(0x3b6cf6, 0x40), rgba(0x6f97ff, 0x50)}, true
	case fynetheme.ColorNameForegroundOnPrimary:
		return shades{rgb(0xffffff), rgb(0x0b1020)}, true
	case ColorPage:
		return shades{rgb(0xf3f5f9), rgb(0x13161d)}, true
	case ColorSurface, fynetheme.ColorNameOverlayBackground, fynetheme.ColorNameMenuBackground:
		return shades{rgb(0xffffff), rgb(0x1b1f29)}, true
	case fynetheme.ColorNameInputBackground:
		return shades{rgb(0xe7ebf2), rgb(0x262b37)}, true
	case fynetheme.ColorNameInputBorder:
		return shades{rgb(0xd7dde8), rgb(0x343b4a)}, true
	case fynetheme.ColorNameButton:
		return shades{rgb(0xe6eaf2), rgb(0x2a303d)}, true
	case fynetheme.ColorNameDisabledButton:
		return shades{rgb(0xedf0f5), rgb(0x222733)}, true
	case fynetheme.ColorNameHover:
		return shades{rgba(0x10203a, 0x12), rgba(0xffffff, 0x14)}, true
	case fynetheme.ColorNamePressed:
		return shades{rgba(0x10203a, 0x22), rgba(0xffffff, 0x24)}, true
	case fynetheme.ColorNameForeground, ColorBubbleText:
		return shades{rgb(0x1a2233), rgb(0xe9edf5)}, true
	case ColorMuted, fynetheme.ColorNamePlaceHolder:
		return shades{rgb(0x566074), rgb(0xa4aec2)}, true
	case fynetheme.ColorNameDisabled:
		return shades{rgb(0xa3adbd), rgb(0x5b6576)}, true
	case fynetheme.ColorNameSeparator, ColorLine:
		return shades{rgb(0xe1e6ee), rgb(0x2a303c)}, true
	case fynetheme.ColorNameScrollBar:
		return shades{rgba(0x10203a, 0x50), rgba(0xffffff, 0x50)}, true
	case fynetheme.ColorNameShadow:
		return shades{rgba(0x10203a, 0x2c), rgba(0x000000, 0x66)}, true
	case fynetheme.ColorNameError, ColorDanger:
		return shades{rgb(0xcf2f42), rgb(0xf0566a)}, true
	case ColorOnDanger, ColorOnShade:
		return shades{rgb(0xffffff), rgb(0xffffff)}, true
	case fynetheme.ColorNameSuccess, ColorSpeaking:
		return shades{rgb(0x1fa971), rgb(0x35c98b)}, true
	case fynetheme.ColorNameWarning:
		return shades{rgb(0x8f5b00), rgb(0xf0b04a)}, true
	case ColorStage, fynetheme.ColorNameBackground:
		return shades{rgb(0xe4e8f0), rgb(0x0c0e13)}, true
	case ColorTile:
		return shades{rgb(0xd3dae6), rgb(0x222836)}, true
	case ColorStageText:
		return shades{rgb(0x1a2233), rgb(0xe9edf5)}, true
	case ColorBubbleOwn:
		return shades{rgb(0xd9e6ff), rgb(0x264078)}, true
	case ColorOwnText:
		return shades{rgb(0x14213d), rgb(0xf2f6ff)}, true
	case ColorBubbleOther:
		return shades{rgb(0xffffff), rgb(0x272d3a)}, true
	case ColorControl:
		return shades{rgb(0xffffff), rgb(0x2a303d)}, true
	case ColorControlHover:
		return shades{rgb(0xf0f3f9), rgb(0x363d4d)}, true
	case ColorControlIcon:
		return shades{rgb(0x263149), rgb(0xe9edf5)}, true
	case ColorHand:
		return shades{rgb(0xffc145), rgb(0xffc145)}, true
	case ColorOnHand:
		return shades{rgb(0x2b1e00), rgb(0x2b1e00)}, true
	case ColorFound:
		return shades{rgba(0xffc53d, 0xa0), rgba(0xd49a1c, 0xb0)}, true
	case ColorDim:
		return shades{rgba(0x0a0d14, 0x60), rgba(0x0a0d14, 0x70)}, true
	case ColorShade:
		return shades{rgba(0x0a0d14, 0xa6), rgba(0x0a0d14, 0xb0)}, true
	default:
		return shades{}, false
	}
}

// Color gives Fyne's colours and Parley's own.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	dark := t.dark(v)
	if t.look.Still && name == fynetheme.ColorNamePressed {
		return color.Transparent // what runs over a button that is pressed
	}
	s, ok := palette(name)
	if t.look.Contrast {
		if strong, is := contrasting(name); is {
			s, ok = strong, true
		}
	}
	if ok {
		if dark {
			return s.dark
		}
		return s.light
	}
	variant := fynetheme.VariantLight
	if dark {
		variant = fynetheme.VariantDark
	}
	return t.base.Color(name, variant)
}

// Size gives Fyne's sizes.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case fynetheme.SizeNameText:
		return TextBody * t.look.scale()
	case fynetheme.SizeNameCaptionText:
		return TextCaption * t.look.scale()
	case fynetheme.SizeNameHeadingText:
		return TextTitle * t.look.scale()
	case fynetheme.SizeNameSubHeadingText:
		return TextLarge * t.look.scale()
	case fynetheme.SizeNameInlineIcon:
		return t.base.Size(name) * t.look.scale()
	case fynetheme.SizeNamePadding:
		return SpaceXS
	case fynetheme.SizeNameInnerPadding:
		return SpaceS + 1
	case fynetheme.SizeNameInputRadius, fynetheme.SizeNameSelectionRadius, fynetheme.SizeNameButtonRadius, fynetheme.SizeNameMenuRadius:
		return 8
	case fynetheme.SizeNamePopupRadius, fynetheme.SizeNameDialogRadius:
		return RadiusM
	case fynetheme.SizeNameInputBorder:
		return 1
	case fynetheme.SizeNameScrollBar:
		return 10
	case fynetheme.SizeNameScrollBarSmall:
		return 4
	default:
		return t.base.Size(name)
	}
}

// Font gives Fyne's fonts: where a script is missing in them, Fyne takes one
// of the system's.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource { return t.base.Font(style) }

// Icon gives Fyne's icons.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Color is a colour of the current theme.
func Color(name fyne.ThemeColorName) color.Color { return fynetheme.Color(name) }

// Icon gives one of Parley's icons in a colour of the current theme. It is
// asked for again when the theme changes.
func Icon(name string, colour fyne.ThemeColorName) fyne.Resource {
	r, g, b, _ := Color(colour).RGBA()
	hex := fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	return fyne.NewStaticResource(name+hex+".svg", bytes.ReplaceAll(assets.Icon(name), []byte("#000000"), []byte(hex)))
}

// AvatarColor is the colour behind somebody's initials: the same for the same
// ID, wherever it is shown.
func AvatarColor(userID string) color.Color {
	palette := [...]uint32{0xe17076, 0x7bc862, 0x65aadd, 0xa695e7, 0xee7aae, 0x6ec9cb, 0xe6a14f, 0x5d8df0}
	h := uint32(2166136261)
	for _, b := range []byte(userID) {
		h = (h ^ uint32(b)) * 16777619
	}
	return rgb(palette[h%uint32(len(palette))])
}

// Initials are one or two letters of a name, for an avatar.
func Initials(name string) string {
	var first, last rune
	start := true
	for _, r := range name {
		if r == ' ' || r == '\t' || r == '-' || r == '_' || r == '.' {
			start = true
			continue
		}
		if start {
			if first == 0 {
				first = r
			} else {
				last = r
			}
			start = false
		}
	}
	switch {
	case first == 0:
		return "?"
	case last == 0 || first > 0x2e80: // one Han character says enough
		return string(upper(first))
	default:
		return string(upper(first)) + string(upper(last))
	}
}

func upper(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}
